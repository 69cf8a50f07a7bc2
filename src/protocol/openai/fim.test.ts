// `POST /completions` (api reference §6.2): requests, and the bytes of replies.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { replyEvents } from '../../../test/helpers/reply-events.js';
import { requestContext, type ContextOptions } from '../../../test/helpers/request-context.js';
import type { ReplyEvent, ReplyLogprob, ReplyUsage } from '../../chat/types.js';
import { ApiError } from '../api-error.js';
import type { ParsedRequest } from '../door.js';
import { fimDoor } from './fim-door.js';

function bodyOf(fields: object): Buffer {
  return Buffer.from(JSON.stringify({ model: 'deepseek-chat', prompt: 'def f(', ...fields }));
}

function parse(fields: object = {}, options: ContextOptions = {}): ParsedRequest {
  return fimDoor.parse(bodyOf(fields), requestContext({ base: 'beta', ...options }));
}

function messageOf(fields: object, options: ContextOptions = {}): string {
  try {
    parse(fields, options);
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    assert.equal(error.status, 400);
    return error.message;
  }
  return 'accepted';
}

function fimOf(fields: object, options: ContextOptions = {}) {
  const { request } = parse(fields, options);
  assert.ok(request.kind === 'fim');
  return request;
}

test('defaults', () => {
  assert.deepEqual(fimOf({}), {
    kind: 'fim',
    traceId: 'trace',
    tenant: 'tenant',
    model: 'weights',
    prompt: 'def f(',
    sampling: { temperature: 1, topP: 1, presencePenalty: 0, frequencyPenalty: 0 },
    stop: [],
    maxTokens: 4096,
    maxTokensExplicit: false,
  });
  const { mode, stream, missingReasoning } = parse();
  assert.deepEqual([mode.alias, stream, missingReasoning], ['deepseek-chat', false, []]);
});

test('every field', () => {
  const request = fimOf({
    suffix: 'end',
    max_tokens: 4096,
    temperature: 0,
    top_p: 0.5,
    frequency_penalty: -2,
    presence_penalty: 2,
    stop: '\n',
    logprobs: 0,
    user_id: 'u',
    seed: 7,
  });
  assert.deepEqual(
    [request.suffix, request.maxTokens, request.maxTokensExplicit, request.stop],
    ['end', 4096, true, ['\n']],
  );
  assert.deepEqual(request.sampling, {
    temperature: 0,
    topP: 0.5,
    presencePenalty: 2,
    frequencyPenalty: -2,
    seed: 7,
  });
  assert.deepEqual([request.topLogprobs, request.tenant], [0, 'tenant/u']);
});

test('null is absent', () => {
  const fields = Object.fromEntries(
    ['suffix', 'echo', 'max_tokens', 'logprobs', 'stop', 'stream', 'temperature'].map((name) => [
      name,
      null,
    ]),
  );
  assert.deepEqual(fimOf(fields), fimOf({}));
});

const RANGE = (field: string, range: string) =>
  `Invalid ${field} value, the valid range of ${field} is ${range}`;
const SHAPE = 'Failed to deserialize the JSON body into the target type: ';

const REFUSED: [fields: object, message: string][] = [
  [{ model: 'deepseek-reasoner' }, 'deepseek-reasoner does not support FIM Completion.'],
  [{ model: 'deepseek-coder' }, 'Model Not Exist'],
  [{ max_tokens: 4097 }, RANGE('max_tokens', '[1, 4096]')],
  [{ max_tokens: 0 }, RANGE('max_tokens', '[1, 4096]')],
  [{ logprobs: 21 }, RANGE('logprobs', '[0, 20]')],
  [{ logprobs: -1 }, RANGE('logprobs', '[0, 20]')],
  [{ temperature: 2.5 }, RANGE('temperature', '[0, 2]')],
  [{ top_p: 0 }, RANGE('top_p', '(0, 1.0]')],
  [{ frequency_penalty: 3 }, RANGE('frequency_penalty', '[-2, 2]')],
  [{ presence_penalty: -3 }, RANGE('presence_penalty', '[-2, 2]')],
  [
    { stop: Array.from({ length: 17 }, String) },
    'Too many stop sequences: at most 16 are allowed, got 17',
  ],
  [{ stream_options: {} }, 'stream_options should be set along with stream = true'],
  [{ prompt: undefined }, `${SHAPE}missing field \`prompt\` at line 1 column 25`],
  [
    { prompt: ['a'] },
    `${SHAPE}prompt: invalid type: sequence, expected a string at line 1 column 39`,
  ],
  [
    { logprobs: true },
    `${SHAPE}logprobs: invalid type: boolean \`true\`, expected i64 at line 1 column 58`,
  ],
];

test('what is refused, and how', () => {
  for (const [fields, message] of REFUSED) {
    assert.equal(messageOf(fields), message, JSON.stringify(fields));
  }
});

test('only on the beta base, whatever the body', () => {
  for (const base of ['main', 'speciale'] as const) {
    assert.throws(() => fimDoor.parse(Buffer.from('{'), requestContext({ base })), {
      status: 400,
      message:
        'completions api is only available when using beta api ' +
        '(set base_url="https://api.deepseek.com/beta")',
    });
  }
});

test('max_tokens is cut where that is forgiven', () => {
  const { maxTokens } = fimOf({ max_tokens: 9000 }, { leniencies: ['clamp_max_tokens'] });
  assert.equal(maxTokens, 4096);
});

test('the balance is asked for after the ranges', () => {
  const requireBalance = () => {
    throw new ApiError('broke', { status: 400 });
  };
  assert.match(messageOf({ logprobs: 21 }, { requireBalance }), /^Invalid logprobs/);
  assert.equal(messageOf({}, { requireBalance }), 'broke');
});

const USAGE: ReplyUsage = {
  promptTokens: 17,
  cacheHitTokens: 0,
  cacheMissTokens: 17,
  completionTokens: 9,
  reasoningTokens: 0,
};
const WIRE_USAGE =
  '"usage":{"prompt_tokens":17,"completion_tokens":9,"total_tokens":26,"prompt_tokens_details":' +
  '{"cached_tokens":0},"prompt_cache_hit_tokens":0,"prompt_cache_miss_tokens":17}';
const START: ReplyEvent = { type: 'start', promptTokens: 17, cacheHitTokens: 0 };
const FINISH: ReplyEvent = { type: 'finish', reason: 'stop', usage: USAGE };
const REPLY: ReplyEvent[] = [
  START,
  { type: 'content-start' },
  { type: 'content-delta', text: 'a):\n' },
  { type: 'content-delta', text: '  return' },
  { type: 'content-end' },
  FINISH,
];

const headerOf = ({ mode }: ParsedRequest) => ({
  id: 'uuid',
  created: 1765000000,
  mode,
  systemFingerprint: 'fp_x',
});

function respond(fields: object, events: readonly ReplyEvent[]): string {
  const parsed = parse(fields);
  const body = parsed.newBody(headerOf(parsed));
  for (const event of events) body.accept(event);
  assert.equal(body.failure(), undefined);
  return body.text();
}

function streamed(
  fields: object,
  events: readonly ReplyEvent[],
  options: ContextOptions = {},
): string[] {
  const parsed = parse({ ...fields, stream: true }, options);
  const stream = parsed.newStream(headerOf(parsed));
  assert.equal(stream.keepAlive, ': keep-alive\n\n');
  const frames = events
    .map((event) => stream.next(event))
    .join('')
    .split('\n\n');
  assert.deepEqual(frames.splice(-2), ['data: [DONE]', '']);
  return frames.map((frame) => frame.replace(/^data: /, ''));
}

const HEAD =
  '{"id":"uuid","object":"text_completion","created":1765000000,"model":"deepseek-chat","choices":[';

test('the response', () => {
  assert.equal(
    respond({}, REPLY),
    `${HEAD}{"text":"a):\\n  return","index":0,"logprobs":null,"finish_reason":"stop"}],` +
      `${WIRE_USAGE},"system_fingerprint":"fp_x"}`,
  );
});

test('echo puts the prompt before the text', () => {
  assert.match(respond({ echo: true }, REPLY), /"text":"def f\(a\):\\n  return"/);
});

test('the stream: the same object in pieces, usage on the last', () => {
  const piece = (text: string, finish = 'null') =>
    `${HEAD}{"text":"${text}","index":0,"logprobs":null,"finish_reason":${finish}}],`;
  const tail = '"system_fingerprint":"fp_x"}';
  assert.deepEqual(streamed({}, REPLY), [
    `${piece('a):\\n')}${tail}`,
    `${piece('  return')}${tail}`,
    `${piece('', '"stop"')}${WIRE_USAGE},${tail}`,
  ]);
  const usage = { stream_options: { include_usage: true } };
  assert.deepEqual(streamed({ ...usage, echo: true }, REPLY), [
    `${piece('def f(')}"usage":null,${tail}`,
    `${piece('a):\\n')}"usage":null,${tail}`,
    `${piece('  return')}"usage":null,${tail}`,
    `${piece('', '"stop"')}${WIRE_USAGE},${tail}`,
  ]);
  assert.deepEqual(streamed(usage, REPLY, { usageChunk: 'separate' }).slice(-2), [
    `${piece('', '"stop"')}"usage":null,${tail}`,
    `${HEAD}],${WIRE_USAGE},${tail}`,
  ]);
});

test('a reply that lost its engine says so', () => {
  const events: ReplyEvent[] = [START, { type: 'finish', reason: 'aborted', usage: USAGE }];
  assert.match(respond({}, events), /"finish_reason":"insufficient_system_resource"/);
});

function logprob(text: string | Uint8Array, fields: Partial<ReplyLogprob> = {}): ReplyLogprob {
  return {
    token: 1,
    logprob: -0.5,
    bytes: Buffer.from(text as string),
    rank: 1,
    topLogprobs: [],
    ...fields,
  };
}

test('log-probabilities: offsets in characters, the chosen token among the likely ones', () => {
  const top = [
    { token: 2, logprob: -0.1, bytes: Buffer.from('x') },
    { token: 3, logprob: -2, bytes: Buffer.from('__proto__') },
  ];
  const first: ReplyEvent = {
    type: 'content-delta',
    text: 'é😀',
    logprobs: [
      logprob('é', { rank: 21, topLogprobs: top }),
      logprob(Uint8Array.of(0xf0, 0x9f)),
      logprob(Uint8Array.of(0x98, 0x80)),
    ],
  };
  const second: ReplyEvent = {
    type: 'content-delta',
    text: 'x',
    logprobs: [logprob('x', { logprob: -0.1, topLogprobs: top })],
  };
  const expected = {
    text_offset: [1, 2, 2, 3],
    token_logprobs: [-9999, -0.5, -0.5, -0.1],
    tokens: ['é', 'bytes:\\xf0\\x9f', 'bytes:\\x98\\x80', 'x'],
    top_logprobs: [
      '{"x":-0.1,"__proto__":-2,"é":-9999}',
      '{"bytes:\\\\xf0\\\\x9f":-0.5}',
      '{"bytes:\\\\x98\\\\x80":-0.5}',
      '{"x":-0.1,"__proto__":-2}',
    ],
  };
  const fields = { prompt: '🙂', echo: true, logprobs: 2 };
  const whole = JSON.parse(respond(fields, [START, first, second, FINISH])).choices[0];
  assert.equal(whole.text, '🙂é😀x');
  const lines = whole.logprobs.top_logprobs.map((top: unknown) => JSON.stringify(top));
  assert.deepEqual({ ...whole.logprobs, top_logprobs: lines }, expected);
  const pieces = streamed(fields, [START, first, second, FINISH]).map(
    (frame) => JSON.parse(frame).choices[0].logprobs?.text_offset,
  );
  assert.deepEqual(pieces, [undefined, [1, 2, 2], [3], undefined]);
});

test('without echo offsets begin at 0', () => {
  const delta: ReplyEvent = { type: 'content-delta', text: 'ab', logprobs: [logprob('ab')] };
  const { logprobs } = JSON.parse(respond({ logprobs: 0 }, [START, delta, FINISH])).choices[0];
  assert.deepEqual(logprobs, {
    text_offset: [0],
    token_logprobs: [-0.5],
    tokens: ['ab'],
    top_logprobs: [{ ab: -0.5 }],
  });
});

test('a stream adds up to the response', () => {
  const replies = replyEvents({ thinking: false, tools: false, logprobs: true });
  fc.assert(
    fc.property(replies, fc.boolean(), (events, echo) => {
      const fields = { echo, logprobs: 1 };
      const chunks = streamed(fields, events).map((frame) => JSON.parse(frame));
      const response = JSON.parse(respond(fields, events));
      const choices = chunks.flatMap(({ choices }) => choices);
      const [{ text, logprobs, finish_reason: finishReason }] = response.choices;
      assert.equal(choices.map(({ text }) => text).join(''), text);
      for (const list of ['text_offset', 'tokens', 'token_logprobs', 'top_logprobs']) {
        assert.deepEqual(
          choices.flatMap(({ logprobs }) => logprobs?.[list] ?? []),
          logprobs[list],
        );
      }
      assert.equal(choices.at(-1).finish_reason, finishReason);
      assert.deepEqual(chunks.at(-1).usage, response.usage);
    }),
    { numRuns: 200, seed: 4 },
  );
});
