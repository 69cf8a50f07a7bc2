// Wire goldens: the exact bytes of chunks and responses (api reference §3 and §4), written from the
// same events.

import assert from 'node:assert/strict';
import test from 'node:test';
import type { ReplyEvent, ReplyUsage } from '../../chat/types.js';
import { ChatChunkWriter, type ChatChunkOptions } from './chat-chunk.js';
import { ChatCompletionWriter } from './chat-completion.js';
import { wireLogprobs } from './logprobs.js';
import { CHAT_MODE, modelListBody, THINKING_MODE, type Mode } from './modes.js';
import type { ReplyHeader } from './reply-header.js';

const USAGE: ReplyUsage = {
  promptTokens: 21,
  cacheHitTokens: 0,
  cacheMissTokens: 21,
  completionTokens: 40,
  reasoningTokens: 33,
};

const CALL: ReplyEvent[] = [
  { type: 'tool-call-start', index: 0, id: 'call_00_x', name: 'f' },
  { type: 'tool-call-delta', index: 0, argumentsDelta: '{"city": "' },
  { type: 'tool-call-delta', index: 0, argumentsDelta: 'Oslo"}' },
  { type: 'tool-call-end', index: 0 },
];

const THINKING_REPLY: ReplyEvent[] = [
  { type: 'reasoning-start' },
  { type: 'reasoning-delta', text: 'Hm' },
  { type: 'reasoning-end' },
  { type: 'content-start' },
  { type: 'content-delta', text: '97' },
  { type: 'content-end' },
  ...CALL,
  { type: 'finish', reason: 'tool_calls', usage: USAGE },
];

const CHAT_REPLY: ReplyEvent[] = [
  { type: 'content-start' },
  { type: 'content-delta', text: '97' },
  { type: 'content-end' },
  { type: 'finish', reason: 'stop', usage: { ...USAGE, reasoningTokens: 0 } },
];

function headerOf(mode: Mode): ReplyHeader {
  return { id: 'uuid', created: 1765000000, mode, systemFingerprint: 'fp_x' };
}

function stream(mode: Mode, events: ReplyEvent[], options: ChatChunkOptions): string[] {
  const writer = new ChatChunkWriter(headerOf(mode), options);
  return [writer.first(), ...events.flatMap((event) => writer.next(event))].map((chunk) =>
    JSON.stringify(chunk),
  );
}

const head = (model: string) =>
  `{"id":"uuid","object":"chat.completion.chunk","created":1765000000,"model":"${model}",` +
  '"system_fingerprint":"fp_x","choices":[';
const choice = (delta: string, finish = 'null') =>
  `{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${finish}}]`;

const CHAT_USAGE =
  '{"prompt_tokens":21,"completion_tokens":40,"total_tokens":61,"prompt_tokens_details":' +
  '{"cached_tokens":0},"prompt_cache_hit_tokens":0,"prompt_cache_miss_tokens":21}';
const THINKING_USAGE =
  '{"prompt_tokens":21,"completion_tokens":40,"total_tokens":61,"prompt_tokens_details":' +
  '{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":33},' +
  '"prompt_cache_hit_tokens":0,"prompt_cache_miss_tokens":21}';

test('chat mode stream, with and without include_usage', () => {
  const open = head('deepseek-chat');
  assert.deepEqual(stream(CHAT_MODE, CHAT_REPLY, { includeUsage: true }), [
    `${open}${choice('{"role":"assistant","content":""}')},"usage":null}`,
    `${open}${choice('{"content":"97"}')},"usage":null}`,
    `${open}${choice('{"content":""}', '"stop"')},"usage":${CHAT_USAGE}}`,
  ]);
  assert.deepEqual(stream(CHAT_MODE, CHAT_REPLY, { includeUsage: false }), [
    `${open}${choice('{"role":"assistant","content":""}')}}`,
    `${open}${choice('{"content":"97"}')}}`,
    `${open}${choice('{"content":""}', '"stop"')},"usage":${CHAT_USAGE}}`,
  ]);
});

test('usage as a separate chunk when configured and asked for', () => {
  const open = head('deepseek-chat');
  const options = { includeUsage: true, usageChunk: 'separate' } as const;
  assert.deepEqual(stream(CHAT_MODE, CHAT_REPLY, options).slice(-2), [
    `${open}${choice('{"content":""}', '"stop"')},"usage":null}`,
    `${open}],"usage":${CHAT_USAGE}}`,
  ]);
});

test('thinking mode stream: reasoning, content, a call, the last chunk', () => {
  const open = head('deepseek-reasoner');
  assert.deepEqual(stream(THINKING_MODE, THINKING_REPLY, { includeUsage: false }), [
    `${open}${choice('{"role":"assistant","content":null,"reasoning_content":""}')}}`,
    `${open}${choice('{"content":null,"reasoning_content":"Hm"}')}}`,
    `${open}${choice('{"content":"97","reasoning_content":null}')}}`,
    `${open}${choice('{"tool_calls":[{"index":0,"id":"call_00_x","type":"function","function":{"name":"f","arguments":""}}]}')}}`,
    `${open}${choice('{"tool_calls":[{"index":0,"function":{"arguments":"{\\"city\\": \\""}}]}')}}`,
    `${open}${choice('{"tool_calls":[{"index":0,"function":{"arguments":"Oslo\\"}"}}]}')}}`,
    `${open}${choice('{"content":"","reasoning_content":null}', '"tool_calls"')},"usage":${THINKING_USAGE}}`,
  ]);
});

function complete(mode: Mode, events: ReplyEvent[], withLogprobs = false): string {
  const writer = new ChatCompletionWriter(headerOf(mode), { withLogprobs });
  const [completion] = events.flatMap((event) => writer.accept(event) ?? []);
  return JSON.stringify(completion);
}

test('non-stream responses', () => {
  assert.equal(
    complete(CHAT_MODE, CHAT_REPLY),
    '{"id":"uuid","object":"chat.completion","created":1765000000,"model":"deepseek-chat",' +
      '"choices":[{"index":0,"message":{"role":"assistant","content":"97"},"logprobs":null,' +
      `"finish_reason":"stop"}],"usage":${CHAT_USAGE},"system_fingerprint":"fp_x"}`,
  );
  assert.equal(
    complete(THINKING_MODE, THINKING_REPLY),
    '{"id":"uuid","object":"chat.completion","created":1765000000,"model":"deepseek-reasoner",' +
      '"choices":[{"index":0,"message":{"role":"assistant","content":"97",' +
      '"reasoning_content":"Hm","tool_calls":[{"index":0,"id":"call_00_x","type":"function",' +
      '"function":{"name":"f","arguments":"{\\"city\\": \\"Oslo\\"}"}}]},"logprobs":null,' +
      `"finish_reason":"tool_calls"}],"usage":${THINKING_USAGE},"system_fingerprint":"fp_x"}`,
  );
});

test('content is an empty string beside tool calls, and an abort reads as lost capacity', () => {
  const events: ReplyEvent[] = [...CALL, { type: 'finish', reason: 'aborted', usage: USAGE }];
  const completion = JSON.parse(complete(CHAT_MODE, events));
  assert.equal(completion.choices[0].message.content, '');
  assert.equal(completion.choices[0].finish_reason, 'insufficient_system_resource');
});

test('log-probabilities: bytes, alternatives, and -9999 beyond rank 20', () => {
  const bytes = Buffer.from('OK');
  const top = { token: 1, logprob: -0.5, bytes };
  assert.equal(
    JSON.stringify(
      wireLogprobs([
        { token: 1, logprob: -0.5, bytes, rank: 20, topLogprobs: [top] },
        { token: 2, logprob: -12, bytes: Uint8Array.of(0xe4), rank: 21, topLogprobs: [] },
      ]),
    ),
    '{"content":[{"token":"OK","logprob":-0.5,"bytes":[79,75],"top_logprobs":[{"token":"OK",' +
      '"logprob":-0.5,"bytes":[79,75]}]},{"token":"\ufffd","logprob":-9999,"bytes":[228],' +
      '"top_logprobs":[]}]}',
  );
});

test('the model list is byte-exact', () => {
  assert.equal(
    modelListBody(),
    '{"object":"list","data":[{"id":"deepseek-chat","object":"model","owned_by":"deepseek"},' +
      '{"id":"deepseek-reasoner","object":"model","owned_by":"deepseek"}]}',
  );
});
