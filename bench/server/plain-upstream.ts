// The peers' upstream: an OpenAI-style chat endpoint that answers at once with a fixed reply, and the
// bare pass-through in front of it that is the floor for any gateway on this machine. Runs as a
// process of its own: `plain-upstream.js <tokens>` or `plain-upstream.js --proxy <port>`.

import { Agent, createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const WORD = ' deep sea';

function upstream(numTokens: number): Server {
  const usage = {
    prompt_tokens: 24,
    completion_tokens: numTokens,
    total_tokens: 24 + numTokens,
    prompt_tokens_details: { cached_tokens: 0 },
    prompt_cache_hit_tokens: 0,
    prompt_cache_miss_tokens: 24,
  };
  const common = { id: '5b1f0c1e-6f5e-4c0e-9a55-0f6a2f7f9d10', created: 1765000000, model: 'm' };
  const whole = JSON.stringify({
    ...common,
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: WORD.repeat(numTokens) },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage,
  });
  const chunk = (delta: object, rest: object = {}) =>
    `data: ${JSON.stringify({
      ...common,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, logprobs: null, finish_reason: null }],
      ...rest,
    })}\n\n`;
  const frames = [
    chunk({ role: 'assistant', content: '' }),
    ...Array.from({ length: numTokens }, () => chunk({ content: WORD })),
    `data: ${JSON.stringify({
      ...common,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta: { content: '' }, logprobs: null, finish_reason: 'stop' }],
      usage,
    })}\n\n`,
    'data: [DONE]\n\n',
  ];
  return createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (text: string) => (body += text));
    request.on('end', () => {
      if (!(JSON.parse(body) as { stream?: boolean }).stream) {
        response.writeHead(200, { 'content-type': 'application/json' });
        return void response.end(whole);
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const frame of frames) response.write(frame);
      response.end();
    });
  });
}

function passThrough(port: number): Server {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  return createServer((request, response) => {
    const { method, url, headers } = request;
    const onward = httpRequest(
      { port, host: '127.0.0.1', path: url, method, headers, agent },
      (reply) => {
        response.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
}

const [first = '32', second = ''] = process.argv.slice(2);
const server = first === '--proxy' ? passThrough(Number(second)) : upstream(Number(first));
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
