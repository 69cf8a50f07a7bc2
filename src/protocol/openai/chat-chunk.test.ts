// Wire goldens: the exact bytes of chunks and responses (api reference §3 and §4), written from the
// same events.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { replyEvents } from '../../../test/helpers/reply-events.js';
import type { ReplyEvent, ReplyUsage } from '../../chat/types.js';
import { ChatChunkWriter } from './chat-chunk.js';
import { ChatCompletionWriter } from './chat-completion.js';
import { wireLogprobs } from './logprobs.js';
import { CHAT_MODE, THINKING_MODE, type Mode } from './modes.js';
import { wireFinishReason, type ReplyHeader } from './reply-header.js';
import type { UsageOptions } from './sse.js';
import { wireUsage } from './usage.js';

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

const START: ReplyEvent = { type: 'start', promptTokens: 21, cacheHitTokens: 0 };

const THINKING_REPLY: ReplyEvent[] = [
  START,
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
  START,
  { type: 'content-start' },
  { type: 'content-delta', text: '97' },
  { type: 'content-end' },
  { type: 'finish', reason: 'stop', usage: { ...USAGE, reasoningTokens: 0 } },
];

function headerOf(mode: Mode): ReplyHeader {
  return { id: 'uuid', created: 1765000000, mode, systemFingerprint: 'fp_x' };
}

/** The frames of a reply without their framing, `[DONE]` cut off. */
function stream(mode: Mode, events: ReplyEvent[], options: Partial<UsageOptions>): string[] {
  const writer = new ChatChunkWriter(headerOf(mode), {
    includeUsage: false,
    usageChunk: 'inline',
    ...options,
  });
  const frames = events
    .map((event) => writer.next(event))
    .join('')
    .split('\n\n');
  assert.deepEqual(frames.splice(-2), ['data: [DONE]', '']);
  return frames.map((frame) => frame.replace(/^data: /, ''));
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
  for (const event of events) writer.accept(event);
  assert.equal(writer.failure(), undefined);
  return writer.text();
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

/** The same stream by way of objects: what the writer's prepared pieces must add up to. */
function referenceChunks(
  mode: Mode,
  events: ReplyEvent[],
  { includeUsage, usageChunk }: UsageOptions,
) {
  const header = headerOf(mode);
  const contentDelta = (text: string) =>
    mode.thinking ? { content: text, reasoning_content: null } : { content: text };
  const chunk = (delta: object, fields: { logprobs?: unknown; finish?: string } = {}) => ({
    id: header.id,
    object: 'chat.completion.chunk',
    created: header.created,
    model: mode.alias,
    system_fingerprint: header.systemFingerprint,
    choices: [
      {
        index: 0,
        delta,
        logprobs: fields.logprobs ?? null,
        finish_reason: fields.finish ?? null,
      },
    ],
    ...(includeUsage && { usage: null }),
  });
  return events.flatMap((event): object[] => {
    switch (event.type) {
      case 'start':
        return [
          chunk(
            mode.thinking
              ? { role: 'assistant', content: null, reasoning_content: '' }
              : { role: 'assistant', content: '' },
          ),
        ];
      case 'reasoning-delta':
        return [chunk({ content: null, reasoning_content: event.text })];
      case 'content-delta':
        return [
          chunk(contentDelta(event.text), {
            logprobs: event.logprobs && wireLogprobs(event.logprobs),
          }),
        ];
      case 'tool-call-start': {
        const { index, id, name } = event;
        const call = { index, id, type: 'function', function: { name, arguments: '' } };
        return [chunk({ tool_calls: [call] })];
      }
      case 'tool-call-delta': {
        const { index, argumentsDelta } = event;
        return [chunk({ tool_calls: [{ index, function: { arguments: argumentsDelta } }] })];
      }
      case 'finish': {
        const last = chunk(contentDelta(''), { finish: wireFinishReason(event.reason) });
        const usage = wireUsage(event.usage, mode);
        return usageChunk === 'separate' && includeUsage
          ? [last, { ...last, choices: [], usage }]
          : [{ ...last, usage }];
      }
      default:
        return [];
    }
  });
}

const MODES_AND_OPTIONS = [CHAT_MODE, THINKING_MODE].flatMap((mode) =>
  [true, false].flatMap((includeUsage) =>
    (['inline', 'separate'] as const).map((usageChunk) => ({ mode, includeUsage, usageChunk })),
  ),
);

test('any stream has the bytes of its chunks written as objects', () => {
  for (const { mode, ...options } of MODES_AND_OPTIONS) {
    const shape = { thinking: mode.thinking, tools: true, logprobs: !mode.thinking };
    fc.assert(
      fc.property(replyEvents(shape), (events) => {
        assert.deepEqual(
          stream(mode, events, options),
          referenceChunks(mode, events, options).map((chunk) => JSON.stringify(chunk)),
        );
      }),
      { numRuns: 100, seed: 1 },
    );
  }
});

test('a stream adds up to the response', () => {
  for (const { mode, ...options } of MODES_AND_OPTIONS) {
    const withLogprobs = !mode.thinking;
    const shape = { thinking: mode.thinking, tools: true, logprobs: withLogprobs };
    fc.assert(
      fc.property(replyEvents(shape), (events) => {
        const chunks = stream(mode, events, options).map((frame) => JSON.parse(frame));
        const response = JSON.parse(complete(mode, events, withLogprobs));
        const choices = chunks.flatMap(({ choices }) => choices);
        const deltas = choices.map(({ delta }) => delta);
        const { message, logprobs, finish_reason: finishReason } = response.choices[0];
        assert.equal(deltas.map(({ content }) => content ?? '').join(''), message.content);
        assert.equal(
          deltas.map((delta) => delta.reasoning_content ?? '').join(''),
          message.reasoning_content ?? '',
        );
        assert.deepEqual(joinCalls(deltas), message.tool_calls ?? []);
        assert.deepEqual(
          choices.flatMap(({ logprobs }) => logprobs?.content ?? []),
          logprobs?.content ?? [],
        );
        assert.equal(choices.at(-1).finish_reason, finishReason);
        assert.deepEqual(chunks.at(-1).usage, response.usage);
      }),
      { numRuns: 50, seed: 2 },
    );
  }
});

interface CallPiece {
  index: number;
  function: { arguments: string };
}

function joinCalls(deltas: { tool_calls?: [CallPiece] }[]): CallPiece[] {
  const calls: CallPiece[] = [];
  for (const { tool_calls: [piece] = [] } of deltas) {
    if (!piece) continue;
    const call = calls[piece.index];
    if (call) call.function.arguments += piece.function.arguments;
    else calls[piece.index] = structuredClone(piece);
  }
  return calls;
}
