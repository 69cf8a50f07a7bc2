// The proxy between real clients and a scripted endpoint: what is sent and answered arrives unchanged but for
// the sampling fields, the trace is a tree in which branches stay branches, and nobody learns the other's key.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import {
  calls,
  startChat,
  type ChatRequest,
  type ScriptedAnswer,
} from '../../../test/helpers/chat-script.js';
import { until } from '../../../test/helpers/scripted-server.js';
import { startStudio } from '../../../test/helpers/synth-studio.js';
import type { Opened } from './rollouts.js';
import type { Trace } from './proxy-trace.js';

const KEY = 'sk-endpoint-secret-0003';
const TRAINER = 'trainer-key-0003';

async function proxied(
  t: TestContext,
  answer: (request: ChatRequest, index: number) => ScriptedAnswer,
  sampling: object = { temperature: 0.7 },
) {
  const studio = await startStudio(t, { trainerKey: TRAINER });
  const chat = await startChat(t, answer);
  const trainer = { authorization: `Bearer ${TRAINER}`, 'x-endpoint-key': KEY };
  const task_key = studio.pairs[0]!.task.key;
  const opened = (await studio.send('POST', '/v1/sessions', { task_key }, trainer)).body as Opened;
  const session = `/v1/sessions/${opened.session_id}`;
  const body = { base_url: chat.baseUrl, sampling };
  const { path } = (await studio.send('POST', `${session}/proxy`, body, trainer)).body as {
    path: string;
  };
  const trace = async (): Promise<ReturnType<Trace['toJSON']>> =>
    (await studio.send('GET', `${session}/trace`, undefined, trainer)).body;
  return { studio, chat, trace, url: studio.url + path, session, trainer };
}

/** What a node's message says, and that of the nodes before it. */
function pathTo({ nodes }: ReturnType<Trace['toJSON']>, at: number | null): unknown[] {
  if (at === null) return [];
  const { parent, message } = nodes[at]!;
  return [...pathTo({ nodes, calls: [] }, parent), (message as { content: unknown }).content];
}

test('a conversation is one path, a compaction another; requests are unchanged but for sampling', async (t) => {
  const answers: ScriptedAnswer[] = [
    {
      message: {
        content: '',
        reasoning_content: 'hm',
        tool_calls: calls(['find', { b: 1, a: 'x' }]),
      },
    },
    { message: { content: 'done' } },
    { message: { content: 'a summary' } },
    { message: { content: 'done after all' } },
  ];
  const { chat, trace, url, studio } = await proxied(t, (_, i) => answers[i]!);
  const client = new OpenAI({ baseURL: url, apiKey: 'harness-key', maxRetries: 0 });
  const model = 'any';
  const start = [
    { role: 'system' as const, content: 'Work.' },
    { role: 'user' as const, content: 'Find it.' },
  ];
  const odd = { top_k: 3, temperature: 1.5, metadata: { harness: 'test' } };
  const first = await client.chat.completions.create({ model, messages: start, ...odd });
  const { content: _, ...called } = first.choices[0]!.message;
  // As a harness spells it: no reasoning, other spacing.
  const { id, type } = called.tool_calls![0]!;
  const spaced = { id, type, function: { name: 'find', arguments: '{ "a": "x", "b": 1 }' } };
  const turn = [
    ...start,
    { role: 'assistant' as const, content: null, tool_calls: [spaced as never] },
    { role: 'tool' as const, tool_call_id: id, content: 'found' },
  ];
  await client.chat.completions.create({ model, messages: turn });
  const summary = [start[0]!, { role: 'user' as const, content: 'Summarise: found' }];
  await client.chat.completions.create({ model, messages: summary });
  await client.chat.completions.create({
    model,
    messages: [...turn.slice(0, 2), { role: 'user', content: 'Go on.' }],
  });
  assert.deepEqual(chat.asked[0], { model, messages: start, ...odd, temperature: 0.7 });
  assert.ok(chat.headers.every(({ authorization }) => authorization === `Bearer ${KEY}`));
  assert.ok(!JSON.stringify(chat.headers).includes('harness-key'));
  const seen = await trace();
  assert.deepEqual(
    seen.calls.map(({ node }) => pathTo(seen, node)),
    [
      ['Work.', 'Find it.', ''],
      ['Work.', 'Find it.', '', 'found', 'done'],
      ['Work.', 'Summarise: found', 'a summary'],
      ['Work.', 'Find it.', 'Go on.', 'done after all'],
    ],
  );
  assert.equal(seen.nodes.length, 9, 'what conversations share is there once');
  const sampled = seen.nodes.filter((node) => node.sampled);
  assert.equal(sampled.length, 4);
  assert.equal((sampled[0]!.message as { reasoning_content: string }).reasoning_content, 'hm');
  const { usage, finish_reason, sampling, dialect, status } = seen.calls[0]!;
  assert.deepEqual([usage!.completion_tokens, finish_reason], [5, 'tool_calls']);
  assert.deepEqual([sampling, dialect, status], [{ temperature: 0.7 }, 'chat', 200]);
  assert.ok(!studio.seen.join('').includes(KEY));
});

test('without sampling fields the bytes are those of the harness; streams come back byte for byte', async (t) => {
  const chunk = (delta: object, finish: string | null = null): string =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const stream = [
    ': keep-alive\n\n',
    chunk({ role: 'assistant', reasoning_content: 'let ' }),
    chunk({ reasoning_content: 'me' }),
    chunk({ tool_calls: [{ index: 0, id: 'c1', function: { name: 'find', arguments: '{"a"' } }] }),
    chunk({ tool_calls: [{ index: 0, function: { arguments: ':"ü"}' } }] }),
    chunk({}, 'tool_calls'),
    `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } })}\n\n`,
    'data: [DONE]\n\n',
  ].join('');
  const raw = {
    raw: (response: import('node:http').ServerResponse) => {
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'x-request-id': 'r1',
      });
      // Cut in the middle of a letter.
      const bytes = Buffer.from(stream);
      const middle = bytes.indexOf(Buffer.from('ü')) + 1;
      response.write(bytes.subarray(0, middle));
      response.end(bytes.subarray(middle));
    },
  };
  const { trace, url } = await proxied(t, () => raw, {});
  const text =
    '{"stream":true, "model":"m","seed":1.0,"messages":[{"role":"user","content":"go"}]}';
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/chat/completions`, { method: 'POST', headers, body: text });
  assert.equal(response.headers.get('x-request-id'), 'r1');
  assert.equal(await response.text(), stream);
  const {
    calls: [call],
    nodes,
  } = await trace();
  assert.equal(call!.stream, true);
  assert.equal(call!.usage!.prompt_tokens, 3);
  assert.deepEqual(nodes[call!.node!]!.message, {
    role: 'assistant',
    content: '',
    reasoning_content: 'let me',
    tool_calls: [
      { id: 'c1', type: 'function', function: { name: 'find', arguments: '{"a":"ü"}' } },
    ],
  });
});

test('the messages dialect, streamed and whole, through its own client', async (t) => {
  const event = (type: string, fields: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
  const block = (index: number, content_block: object, ...deltas: object[]): string =>
    event('content_block_start', { index, content_block }) +
    deltas.map((delta) => event('content_block_delta', { index, delta })).join('') +
    event('content_block_stop', { index });
  const begin = {
    id: 'm1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [],
    stop_reason: null,
  };
  const stream =
    event('message_start', {
      message: { ...begin, usage: { input_tokens: 7, output_tokens: 1 } },
    }) +
    block(
      0,
      { type: 'thinking', thinking: '', signature: '' },
      { type: 'thinking_delta', thinking: 'so' },
    ) +
    block(
      1,
      { type: 'text', text: '' },
      { type: 'text_delta', text: 'I ' },
      { type: 'text_delta', text: 'look.' },
    ) +
    block(
      2,
      { type: 'tool_use', id: 't1', name: 'find', input: {} },
      { type: 'input_json_delta', partial_json: '{"a":' },
      { type: 'input_json_delta', partial_json: '1}' },
    ) +
    event('message_delta', { delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 9 } }) +
    event('message_stop', {});
  const whole = {
    ...begin,
    content: [{ type: 'text', text: 'done' }],
    stop_reason: 'end_turn',
    usage: { input_tokens: 8, output_tokens: 2, cache_read_input_tokens: 5 },
  };
  const { chat, trace, url } = await proxied(t, (_, i) => ({
    raw: (response) => {
      const type = i === 0 ? 'text/event-stream' : 'application/json';
      response.writeHead(200, { 'content-type': type });
      response.end(i === 0 ? stream : JSON.stringify(whole));
    },
  }));
  const client = new Anthropic({ baseURL: url, apiKey: 'harness-key', maxRetries: 0 });
  const asked = { model: 'm', max_tokens: 100, system: 'Work.' };
  const question = { role: 'user' as const, content: 'Find it.' };
  const first = await client.messages.stream({ ...asked, messages: [question] }).finalMessage();
  assert.equal(first.stop_reason, 'tool_use');
  const result = { type: 'tool_result' as const, tool_use_id: 't1', content: 'found' };
  // Thinking is left out by this harness, and the last message is marked for a cache.
  const said = first.content.filter(({ type }) => type !== 'thinking');
  await client.messages.create({
    ...asked,
    messages: [
      question,
      { role: 'assistant', content: said as never },
      { role: 'user', content: [result] },
    ],
  });
  assert.deepEqual(chat.paths, ['/v1/messages', '/v1/messages']);
  assert.equal(chat.headers[0]!['x-api-key'], KEY);
  assert.match(String(chat.headers[0]!['anthropic-version']), /^\d{4}-\d{2}-\d{2}$/);
  assert.equal(chat.asked[1]!['temperature'], 0.7);
  const seen = await trace();
  assert.equal(seen.nodes.length, 5, JSON.stringify(seen.nodes));
  assert.deepEqual(
    seen.nodes.map(({ parent }) => parent),
    [null, 0, 1, 2, 3],
  );
  assert.deepEqual(
    seen.calls.map(({ usage, finish_reason }) => [
      usage!.prompt_tokens,
      usage!.completion_tokens,
      finish_reason,
    ]),
    [
      [7, 9, 'tool_use'],
      [13, 2, 'end_turn'],
    ],
  );
});

test('failures are passed on and recorded; nothing else is offered', async (t) => {
  const refusal = '{"error":{"message":"slow down"}}';
  const { chat, trace, url, studio, session } = await proxied(t, (_, i) =>
    i === 0
      ? {
          status: 429,
          headers: { 'retry-after': '7', 'content-type': 'application/json' },
          text: refusal,
        }
      : { raw: () => {} },
  );
  const post = (path: string, init: RequestInit = {}) =>
    fetch(path, {
      method: 'POST',
      body: '{"model":"m","messages":[{"role":"user","content":"q"}]}',
      ...init,
    });
  const busy = await post(`${url}/chat/completions`);
  assert.deepEqual(
    [busy.status, busy.headers.get('retry-after'), await busy.text()],
    [429, '7', refusal],
  );
  const leave = new AbortController();
  const left = post(`${url}/chat/completions`, { signal: leave.signal });
  await until(() => chat.asked.length === 2);
  leave.abort();
  await assert.rejects(left);
  await until(() => chat.abandoned === 1);
  const untilRecorded = async (): Promise<ReturnType<Trace['toJSON']>> => {
    for (;;) {
      const seen = await trace();
      if (seen.calls.length === 2) return seen;
    }
  };
  const { calls: made } = await untilRecorded();
  assert.deepEqual(
    made.map(({ node, status, error }) => [node, status, error]),
    [
      [null, 429, null],
      [null, null, 'the harness left'],
    ],
  );
  assert.equal((await post(`${url.slice(0, -1)}x/chat/completions`)).status, 404);
  assert.equal((await post(`${url}/files`)).status, 404);
  assert.equal((await studio.send('GET', `${session}/trace`)).status, 401);
  assert.equal(
    (await studio.send('DELETE', session, undefined, { authorization: `Bearer ${TRAINER}` }))
      .status,
    200,
  );
  assert.equal((await post(`${url}/chat/completions`)).status, 404, 'it ends with its session');
  assert.equal(chat.asked.length, 2);
});
