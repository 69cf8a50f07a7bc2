// The HTTP surface over real sockets with a scripted model: routes, authentication, limits, framing,
// keep-alive, disconnects, failures after the first byte, and the orderly end.

import assert from 'node:assert/strict';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import test from 'node:test';
import { startServer } from '../../src/server/start-server.js';
import { ManualTimers } from '../helpers/manual-timers.js';
import { testTokenizer, ScriptedBackend } from '../helpers/scripted-backend.js';
import { EOS, gate, startScripted, until } from '../helpers/scripted-server.js';

interface ErrorBody {
  error: { message: string; type: string; param: null; code: string };
}

async function errorOf(response: Response): Promise<ErrorBody['error']> {
  assert.equal(response.headers.get('content-type'), 'application/json');
  return ((await response.json()) as ErrorBody).error;
}

function chunksOf(text: string): Record<string, unknown>[] {
  assert.ok(text.endsWith('data: [DONE]\n\n'), text.slice(-100));
  return text
    .split('\n\n')
    .filter((block) => block.startsWith('data: {'))
    .map((block) => JSON.parse(block.slice('data: '.length)));
}

function finishReason(chunk: Record<string, unknown> | undefined): unknown {
  const choices = chunk?.['choices'] as { finish_reason: unknown }[] | undefined;
  return choices?.[0]?.finish_reason;
}

test('every route answers with and without /v1, with a trace id', async (t) => {
  const { server, headers, post } = await startScripted(t);
  for (const path of ['/models', '/v1/models']) {
    const response = await fetch(server.url + path, { headers });
    assert.equal(response.status, 200);
    assert.match(response.headers.get('x-ds-trace-id')!, /^[0-9a-f]{32}$/);
    assert.equal(
      await response.text(),
      '{"object":"list","data":[{"id":"deepseek-chat","object":"model","owned_by":"deepseek"},' +
        '{"id":"deepseek-reasoner","object":"model","owned_by":"deepseek"}]}',
    );
  }
  assert.equal((await post()).status, 200);
  const health = await fetch(`${server.url}/health`);
  assert.deepEqual(await health.json(), {
    status: 'ready',
    platform: 'ready',
    models: [{ id: 'scripted', context_length: 131_072 }],
  });
});

test('unknown paths and wrong methods answer with an empty body', async (t) => {
  const { server, headers } = await startScripted(t);
  const cases: [method: string, path: string, status: number][] = [
    ['GET', '/nothing', 404],
    ['GET', '/embeddings', 404],
    ['POST', '/chat/completions/x', 404],
    ['GET', '/chat/completions', 405],
    ['POST', '/models', 405],
    ['DELETE', '/v1/models?x=1', 405],
  ];
  for (const [method, path, status] of cases) {
    const response = await fetch(server.url + path, { method, headers });
    assert.equal(response.status, status, `${method} ${path}`);
    assert.equal(await response.text(), '');
    assert.equal(response.headers.get('content-type'), null);
    assert.match(response.headers.get('x-ds-trace-id')!, /^[0-9a-f]{32}$/);
  }
});

test('authentication failures have the documented texts', async (t) => {
  const { server } = await startScripted(t, { apiKey: 'sk-right' });
  const cases: [authorization: string | undefined, message: string][] = [
    [undefined, 'Authentication Fails (governor)'],
    ['sk-right', 'Authentication Fails (auth header format should be Bearer sk-...)'],
    ['Bearer ', 'Authentication Fails (auth header format should be Bearer sk-...)'],
    ['Basic c2s=', 'Authentication Fails (auth header format should be Bearer sk-...)'],
    ['Bearer sk-wrong0000', 'Authentication Fails, Your api key: ****0000 is invalid'],
  ];
  for (const [authorization, message] of cases) {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    const response = await fetch(`${server.url}/models`, { headers });
    assert.equal(response.status, 401);
    assert.deepEqual(await errorOf(response), {
      message,
      type: 'authentication_error',
      param: null,
      code: 'invalid_request_error',
    });
  }
  const ok = await fetch(`${server.url}/models`, { headers: { authorization: 'bearer sk-right' } });
  assert.equal(ok.status, 200);
});

test('media type, size and shape of the body are checked in this order', async (t) => {
  const { post, headers } = await startScripted(t, { limits: { maxBodyBytes: 1000 } });
  const plain = await post({}, { headers: { ...headers, 'content-type': 'text/plain' } });
  assert.equal(plain.status, 415);
  assert.equal(
    (await errorOf(plain)).message,
    'Expected request with `Content-Type: application/json`',
  );
  const large = await post({ filler: 'x'.repeat(1000) });
  assert.equal(large.status, 413);
  assert.match((await errorOf(large)).message, /at most 1000 bytes/);
  const broken = await post({}, { body: '{' });
  assert.equal(broken.status, 400);
  assert.match((await errorOf(broken)).message, /^Failed to parse the request body as JSON: EOF/);
  const charset = { ...headers, 'content-type': 'Application/JSON; charset=utf-8' };
  assert.equal((await post({}, { headers: charset })).status, 200);
});

test('a body without a declared length is cut at the limit too', async (t) => {
  const { server, headers } = await startScripted(t, { limits: { maxBodyBytes: 1000 } });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = httpRequest(`${server.url}/chat/completions`, { method: 'POST', headers });
    request.on('response', resolve).on('error', reject);
    request.write('x'.repeat(600));
    request.write('x'.repeat(600));
  });
  assert.equal(response.statusCode, 413);
  response.destroy();
});

test('a client still sending its body gets the refusal, not a broken connection', async (t) => {
  const { server, post, headers } = await startScripted(t, { limits: { maxBodyBytes: 1000 } });
  const filler = 'x'.repeat(4_000_000);
  assert.equal((await post({ filler })).status, 413);
  const undeclared = new Blob([filler]).stream();
  const streamed = await post({}, { body: undeclared, duplex: 'half' } as RequestInit);
  assert.equal(streamed.status, 413);
  const badKey = { ...headers, authorization: 'Bearer sk-wrong' };
  assert.equal((await post({ filler }, { headers: badKey })).status, 401);
  const elsewhere = await fetch(`${server.url}/elsewhere`, { method: 'POST', body: filler });
  assert.equal(elsewhere.status, 404);
});

test('a prompt beyond the context is refused with the real numbers', async (t) => {
  const { post } = await startScripted(t, { contextLength: 50 });
  const response = await post({ messages: [{ role: 'user', content: '7'.repeat(100) }] });
  assert.equal(response.status, 400);
  assert.equal(
    (await errorOf(response)).message,
    "This model's maximum context length is 50 tokens. However, you requested 104 tokens (104 in " +
      'the messages, 0 in the completion). Please reduce the length of the messages or completion.',
  );
});

test('browsers may call from any origin', async (t) => {
  const { server } = await startScripted(t);
  const preflight = await fetch(`${server.url}/chat/completions`, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://app.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization, content-type',
    },
  });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get('access-control-allow-origin'), 'https://app.example');
  assert.equal(preflight.headers.get('access-control-allow-methods'), 'POST');
  assert.equal(
    preflight.headers.get('access-control-allow-headers'),
    'authorization, content-type',
  );
  assert.equal(preflight.headers.get('access-control-allow-credentials'), 'true');
});

test('a stream is framed as server-sent events and ends with [DONE]', async (t) => {
  const { post } = await startScripted(t);
  const response = await post({ stream: true });
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  assert.equal(response.headers.get('cache-control'), 'no-cache');
  const text = await response.text();
  const chunks = chunksOf(text);
  assert.ok(chunks.every(({ id }) => id === chunks[0]!['id']));
  assert.equal(finishReason(chunks.at(-1)), 'stop');
  assert.ok(
    text.split('\n\n').every((block) => !block.includes('\n')),
    'one line per event',
  );
});

test('waiting streams get comments, waiting plain requests get empty lines', async (t) => {
  const timers = new ManualTimers();
  let hold = gate();
  const { post } = await startScripted(t, { timers, beforeToken: () => hold.passed });
  for (const [stream, sign] of [
    [true, ': keep-alive\n\n'],
    [false, '\n'],
  ] as const) {
    hold = gate();
    const waiting = post({ stream });
    // Keep-alive, queue limit and total limit; the queue limit goes when inference starts.
    await until(() => timers.numPending === 2);
    timers.advance(999);
    timers.advance(1);
    const response = await waiting; // the head is out although nothing has been generated
    assert.equal(response.status, 200);
    timers.advance(5000);
    hold.open();
    const text = await response.text();
    assert.ok(text.startsWith(sign + sign), JSON.stringify(text.slice(0, 40)));
    if (stream) assert.equal(finishReason(chunksOf(text).at(-1)), 'stop');
    else assert.equal(JSON.parse(text).choices[0].message.content, 'Hello.');
    await until(() => timers.numPending === 0);
  }
});

test('a running stream gets a comment only after ten silent seconds', async (t) => {
  const timers = new ManualTimers();
  const hold = gate();
  const { post } = await startScripted(t, {
    timers,
    beforeToken: (index) => (index === 3 ? hold.passed : undefined),
  });
  const response = await post({ stream: true });
  const reader = response.body!.getReader();
  const first = new TextDecoder().decode((await reader.read()).value);
  assert.ok(first.startsWith('data: '));
  timers.advance(9999);
  timers.advance(1);
  hold.open();
  let rest = '';
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    rest += new TextDecoder().decode(piece.value);
  }
  assert.equal(rest.split(': keep-alive\n\n').length - 1, 1);
});

test('a client that leaves frees its sequence', async (t) => {
  for (const stream of [true, false]) {
    const hold = gate();
    const { backend, server, post } = await startScripted(t, {
      complete: () => 'a'.repeat(500),
      beforeToken: (index) => (index === 5 ? hold.passed : undefined),
    });
    const controller = new AbortController();
    const request = post({ stream }, { signal: controller.signal });
    if (stream) await request;
    await until(() => backend.numRunning === 1);
    controller.abort();
    await assert.rejects(stream ? request.then((response) => response.text()) : request);
    // The disconnect reaches the server before the model's next token is due.
    await until(() => backend.signals[0]!.aborted);
    hold.open();
    await until(() => backend.numRunning === 0 && server.numActive === 0);
  }
});

test('a connection that breaks inside the request body is dropped quietly', async (t) => {
  const { server, post } = await startScripted(t);
  const { port } = new URL(server.url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(
    'POST /chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n' +
      `Authorization: Bearer ${server.apiKey}\r\nContent-Length: 100\r\n\r\n{"mess`,
  );
  await until(() => server.numActive === 1);
  socket.destroy();
  await until(() => server.numActive === 0);
  assert.equal((await post()).status, 200);
});

test('an engine that dies mid-stream ends the stream properly', async (t) => {
  const { backend, post } = await startScripted(t, {
    complete: () => 'a b c d e f',
    beforeToken: (index) => {
      if (index === 3) backend.isDead = true;
    },
  });
  const chunks = chunksOf(await (await post({ stream: true })).text());
  assert.equal(finishReason(chunks.at(-1)), 'insufficient_system_resource');
  const usage = chunks.at(-1)!['usage'] as Record<string, number>;
  assert.equal(usage['completion_tokens'], 3);
  assert.equal(usage['total_tokens'], usage['prompt_tokens']! + 3);

  backend.isDead = false;
  const whole = await post();
  assert.equal(whole.status, 200);
});

test('an unexpected failure is a 500 before the first byte and a last chunk after it', async (t) => {
  const logged: string[] = [];
  const { post } = await startScripted(t, {
    log: (level, message) => logged.push(`${level} ${message}`),
    complete: () => 'a b c',
    beforeToken: (index) => {
      if (index === failAt) throw new Error('a defect');
    },
  });
  let failAt = 0;
  const early = await post({ stream: true });
  assert.equal(early.status, 500);
  assert.deepEqual(await errorOf(early), {
    message: 'Internal server error',
    type: 'internal_error',
    param: null,
    code: 'invalid_request_error',
  });
  failAt = 2;
  const late = chunksOf(await (await post({ stream: true })).text());
  assert.equal(finishReason(late.at(-1)), 'insufficient_system_resource');
  assert.ok(logged.includes('error Internal server error'));
  assert.ok(logged.includes('error reply failed'));
});

test('time limits end a reply', async (t) => {
  const timers = new ManualTimers();
  const hold = gate();
  const { post, backend } = await startScripted(t, {
    timers,
    complete: () => 'a b c',
    beforeToken: (index) => (index === 1 ? hold.passed : undefined),
    limits: { totalTimeoutMs: 60_000 },
  });
  const response = await post({ stream: true });
  timers.advance(60_000);
  await until(() => backend.signals[0]!.aborted);
  hold.open();
  const chunks = chunksOf(await response.text());
  assert.equal(finishReason(chunks.at(-1)), 'insufficient_system_resource');
});

test('closing ends running replies with their last chunk and refuses new ones', async (t) => {
  const hold = gate();
  const { server, backend, post } = await startScripted(t, {
    complete: () => 'a b c d',
    beforeToken: (index) => (index === 2 ? hold.passed : undefined),
  });
  const response = await post({ stream: true });
  const closing = server.close();
  await until(() => backend.signals[0]!.aborted);
  hold.open();
  const chunks = chunksOf(await response.text());
  assert.equal(finishReason(chunks.at(-1)), 'insufficient_system_resource');
  await closing;
  await assert.rejects(post(), TypeError);
});

test('a slow reader holds the stream back instead of filling memory', async (t) => {
  const { server, headers, backend } = await startScripted(t, {
    complete: () => 'word '.repeat(100_000),
  });
  const body = JSON.stringify({
    model: 'deepseek-chat',
    messages: [{ role: 'user', content: 'hi' }],
    max_tokens: 8192,
    stream: true,
    logprobs: true,
    top_logprobs: 20,
  });
  const response = await new Promise<IncomingMessage>((resolve) => {
    const request = httpRequest(`${server.url}/chat/completions`, { method: 'POST', headers });
    request.on('response', resolve).end(body);
  });
  response.pause();
  // With logprobs the whole reply is many megabytes: far more than the socket buffers hold.
  let produced = -1;
  while (produced !== backend.numTokens) {
    produced = backend.numTokens;
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(produced > 0 && produced < 8000, `${produced} tokens produced`);
  assert.equal(backend.numRunning, 1);
  let numBytes = 0;
  for await (const piece of response) numBytes += (piece as Buffer).length;
  assert.ok(numBytes > 5_000_000);
  assert.equal(backend.numTokens, 8192);
});

test('the server refuses to start where it cannot or should not listen', async (t) => {
  const { server } = await startScripted(t);
  const tokenizer = testTokenizer();
  const served = { backend: new ScriptedBackend({ tokenizer, complete: () => EOS }), tokenizer };
  const port = Number(new URL(server.url).port);
  await assert.rejects(startServer({ served, port }), {
    name: 'ListenError',
    message: `port ${port} on 127.0.0.1 is already in use; choose another with --port`,
  });
  await assert.rejects(startServer({ served, port: 0, host: '0.0.0.0' }), {
    name: 'ListenError',
    message: /refusing to listen on 0\.0\.0\.0/,
  });
  await assert.rejects(startServer({ modelPath: '/nowhere/model.gguf', port: 0 }), {
    name: 'ModelNotFoundError',
    message: /there is no file \/nowhere\/model\.gguf/,
  });
});
