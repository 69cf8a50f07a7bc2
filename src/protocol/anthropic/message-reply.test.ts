// Replies on the Anthropic door, streamed and whole (api reference §9.7), byte for byte, and their
// equality for arbitrary replies.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { replyEvents } from '../../../test/helpers/reply-events.js';
import type { ReplyEvent, ReplyFinishReason } from '../../chat/types.js';
import type { ReplyHeader } from '../openai/reply-header.js';
import { CHAT_MODE, THINKING_MODE } from '../openai/modes.js';
import { MessageBody } from './message-body.js';
import { MessageStream } from './message-stream.js';

const ID = '91c0d4a1-0000-4000-8000-000000000000';
const USAGE = {
  promptTokens: 74,
  cacheHitTokens: 64,
  cacheMissTokens: 10,
  completionTokens: 9,
  reasoningTokens: 3,
};
const START: ReplyEvent = { type: 'start', promptTokens: 74, cacheHitTokens: 64 };

function header(thinking = false): ReplyHeader {
  const mode = thinking ? THINKING_MODE : CHAT_MODE;
  return { id: ID, created: 0, mode, systemFingerprint: 'fp' };
}

function finish(reason: ReplyFinishReason, stopString?: string): ReplyEvent {
  return { type: 'finish', reason, usage: USAGE, ...(stopString !== undefined && { stopString }) };
}

const reasoning = (...texts: string[]): ReplyEvent[] => [
  { type: 'reasoning-start' },
  ...texts.map((text): ReplyEvent => ({ type: 'reasoning-delta', text })),
  { type: 'reasoning-end' },
];
const content = (...texts: string[]): ReplyEvent[] => [
  { type: 'content-start' },
  ...texts.map((text): ReplyEvent => ({ type: 'content-delta', text })),
  { type: 'content-end' },
];
const call = (index: number, ...deltas: string[]): ReplyEvent[] => [
  { type: 'tool-call-start', index, id: `call_0${index}_x`, name: 'look' },
  ...deltas.map((argumentsDelta): ReplyEvent => ({
    type: 'tool-call-delta',
    index,
    argumentsDelta,
  })),
  { type: 'tool-call-end', index },
];

function stream(events: readonly ReplyEvent[], thinking = false): string {
  const writer = new MessageStream(header(thinking));
  return events.map((event) => writer.next(event)).join('');
}

function body(events: readonly ReplyEvent[], thinking = false): MessageBody {
  const writer = new MessageBody(header(thinking));
  for (const event of events) writer.accept(event);
  return writer;
}

const EVENTS_OF_A_WHOLE_REPLY = [
  START,
  ...reasoning('Let me', ' see'),
  ...content('I "look".\n'),
  ...call(0, '{"city": ', '"Oslo", "n": 1.0}'),
  ...call(1),
  finish('tool_calls'),
];

test('streams thinking, text and calls in the documented frames', () => {
  const usage = '"input_tokens":10,"cache_creation_input_tokens":0,"cache_read_input_tokens":64';
  const frames: [event: string, data: string][] = [
    [
      'message_start',
      `"message":{"id":"${ID}","type":"message","role":"assistant","model":"deepseek-reasoner",` +
        '"content":[],"stop_reason":null,"stop_sequence":null,' +
        `"usage":{${usage},"output_tokens":0,"service_tier":"standard"}}`,
    ],
    [
      'content_block_start',
      '"index":0,"content_block":{"type":"thinking","thinking":"","signature":""}',
    ],
    ['content_block_delta', '"index":0,"delta":{"type":"thinking_delta","thinking":"Let me"}'],
    ['content_block_delta', '"index":0,"delta":{"type":"thinking_delta","thinking":" see"}'],
    ['content_block_delta', `"index":0,"delta":{"type":"signature_delta","signature":"${ID}"}`],
    ['content_block_stop', '"index":0'],
    ['content_block_start', '"index":1,"content_block":{"type":"text","text":""}'],
    ['content_block_delta', '"index":1,"delta":{"type":"text_delta","text":"I \\"look\\".\\n"}'],
    ['content_block_stop', '"index":1'],
    [
      'content_block_start',
      '"index":2,"content_block":{"type":"tool_use","id":"call_00_x","name":"look","input":{}}',
    ],
    [
      'content_block_delta',
      '"index":2,"delta":{"type":"input_json_delta","partial_json":"{\\"city\\": "}',
    ],
    [
      'content_block_delta',
      '"index":2,"delta":{"type":"input_json_delta","partial_json":"\\"Oslo\\", \\"n\\": 1.0}"}',
    ],
    ['content_block_stop', '"index":2'],
    [
      'content_block_start',
      '"index":3,"content_block":{"type":"tool_use","id":"call_01_x","name":"look","input":{}}',
    ],
    ['content_block_stop', '"index":3'],
    [
      'message_delta',
      `"delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{${usage},"output_tokens":9}`,
    ],
    ['message_stop', ''],
  ];
  const expected = frames
    .map(([event, data]) => {
      const members = data === '' ? '' : `,${data}`;
      return `event: ${event}\ndata: {"type":"${event}"${members}}\n\n`;
    })
    .join('');
  assert.equal(stream(EVENTS_OF_A_WHOLE_REPLY, true), expected);
});

test('a whole reply keeps the spelling of the arguments', () => {
  assert.equal(
    body(EVENTS_OF_A_WHOLE_REPLY, true).text(),
    `{"id":"${ID}","type":"message","role":"assistant","model":"deepseek-reasoner","content":[` +
      `{"type":"thinking","thinking":"Let me see","signature":"${ID}"},` +
      '{"type":"text","text":"I \\"look\\".\\n"},' +
      '{"type":"tool_use","id":"call_00_x","name":"look","input":{"city": "Oslo", "n": 1.0}},' +
      '{"type":"tool_use","id":"call_01_x","name":"look","input":{}}],' +
      '"stop_reason":"tool_use","stop_sequence":null,' +
      '"usage":{"input_tokens":10,"cache_creation_input_tokens":0,"cache_read_input_tokens":64,' +
      '"output_tokens":9,"service_tier":"standard"}}',
  );
});

test('names why the reply ended', () => {
  const cases: [event: ReplyEvent, reason: string, sequence: string | null][] = [
    [finish('stop'), 'end_turn', null],
    [finish('stop', '"\n'), 'stop_sequence', '"\n'],
    [finish('stop', ''), 'stop_sequence', ''],
    [finish('length'), 'max_tokens', null],
    [finish('tool_calls'), 'tool_use', null],
    [finish('content_filter'), 'refusal', null],
  ];
  for (const [event, stop_reason, stop_sequence] of cases) {
    const whole = JSON.parse(body([START, event]).text()) as Record<string, unknown>;
    assert.equal(whole['stop_reason'], stop_reason);
    assert.equal(whole['stop_sequence'], stop_sequence);
    assert.deepEqual(whole['content'], []);
    const delta: Frame = framesOf(stream([START, event])).at(-2)!;
    assert.deepEqual(delta['delta'], { stop_reason, stop_sequence });
  }
});

test('a failed generation is an overload: as an event, or as the status', () => {
  for (const reason of ['insufficient_system_resource', 'aborted'] as const) {
    const events: ReplyEvent[] = [START, ...content('half'), finish(reason)];
    const last: Frame = framesOf(stream(events)).at(-1)!;
    assert.equal(last['type'], 'error');
    assert.equal((last['error'] as Record<string, unknown>)['type'], 'overloaded_error');
    const failed = body(events);
    assert.equal(failed.failure()?.status, 503);
    // When keep-alives have sent the status 200 already.
    assert.deepEqual(JSON.parse(failed.text()), last);
  }
  assert.equal(body([START, finish('length')]).failure(), undefined);
});

test('an empty delta has no frame', () => {
  const types = framesOf(stream([START, ...content('', 'a', ''), finish('stop')])).map(
    ({ type }) => type,
  );
  assert.equal(types.filter((type) => type === 'content_block_delta').length, 1);
});

test('an open block is closed before the end', () => {
  const events: ReplyEvent[] = [START, { type: 'content-start' }, finish('length')];
  assert.deepEqual(
    framesOf(stream(events)).map(({ type }) => type),
    ['message_start', 'content_block_start', 'content_block_stop', 'message_delta', 'message_stop'],
  );
});

test('an answer without a thought has an empty thinking block to send back', () => {
  const events = [START, ...call(0, '{}'), finish('tool_calls')];
  const whole = JSON.parse(body(events, true).text()) as { content: object[] };
  assert.deepEqual(whole.content[0], { type: 'thinking', thinking: '', signature: ID });
  assert.deepEqual(accumulate(stream(events, true)), whole);
  const inChat = JSON.parse(body(events).text()) as { content: object[] };
  assert.equal(inChat.content.length, 1);
});

test('cut or broken arguments are no input at all', () => {
  for (const text of [
    '{"path": "/tmp/a',
    '{"n": 1',
    '',
    '[1]',
    'null',
    '"x"',
    '{"n": NaN}',
    '{}{}',
  ]) {
    const whole = JSON.parse(body([START, ...call(0, text), finish('length')]).text()) as {
      content: { input: object }[];
    };
    assert.deepEqual(whole.content[0]!.input, {}, text);
  }
});

test('signs of life are pings', () => {
  assert.equal(new MessageStream(header()).keepAlive, 'event: ping\ndata: {"type":"ping"}\n\n');
});

const texts = fc.array(fc.string({ unit: 'binary' }), { maxLength: 4 });
const jsonObjectText = fc
  .dictionary(fc.string(), fc.jsonValue())
  .map((value) => JSON.stringify(value));

/** A text in pieces, as deltas come. */
const pieces = fc
  .tuple(jsonObjectText, fc.array(fc.nat(), { maxLength: 3 }))
  .map(([text, cuts]) => {
    const at = [0, ...cuts.map((cut) => cut % (text.length + 1)).toSorted((a, b) => a - b)];
    return at.map((start, index) => text.slice(start, at[index + 1]));
  });

const REASONS = ['stop', 'length', 'tool_calls', 'content_filter'] as const;

const replies: fc.Arbitrary<{ thinking: boolean; events: ReplyEvent[] }> = fc
  .record({
    thinking: fc.boolean(),
    reasoning: fc.option(texts),
    content: fc.option(texts),
    calls: fc.array(pieces, { maxLength: 3 }),
    reason: fc.constantFrom(...REASONS),
    stopString: fc.option(fc.string()),
  })
  .map((reply) => ({
    thinking: reply.thinking,
    events: [
      START,
      ...(reply.thinking && reply.reasoning ? reasoning(...reply.reasoning) : []),
      ...(reply.content ? content(...reply.content) : []),
      ...reply.calls.flatMap((deltas, index) => call(index, ...deltas)),
      finish(reply.reason, reply.stopString ?? undefined),
    ],
  }));

test('for any reply the stream is well formed and adds up to the body', () => {
  fc.assert(
    fc.property(replies, ({ thinking, events }) => {
      const whole: unknown = JSON.parse(body(events, thinking).text());
      assert.deepEqual(accumulate(stream(events, thinking)), whole);
    }),
    { numRuns: 300 },
  );
});

test('also when arguments are broken and generations fail', () => {
  const shape = { thinking: true, tools: true, logprobs: true };
  fc.assert(
    fc.property(replyEvents(shape), (events) => {
      const frames = framesOf(stream(events, true));
      const starts = frames.filter(({ type }) => type === 'content_block_start');
      const stops = frames.filter(({ type }) => type === 'content_block_stop');
      const indexes = starts.map((_, index) => index);
      assert.deepEqual(
        starts.map(({ index }) => index),
        indexes,
      );
      assert.deepEqual(
        stops.map(({ index }) => index),
        indexes,
      );
      const whole = body(events, true);
      const { type } = JSON.parse(whole.text()) as Frame;
      assert.equal(type, whole.failure() ? 'error' : 'message');
      assert.equal(frames.at(-1)!['type'], whole.failure() ? 'error' : 'message_stop');
    }),
  );
});

type Frame = Record<string, unknown>;

/** Parses frames and checks that each is one event line and one data line of the same type. */
function framesOf(text: string): Frame[] {
  assert.ok(text.endsWith('\n\n'));
  return text
    .slice(0, -2)
    .split('\n\n')
    .map((frame) => {
      const match = /^event: (\w+)\ndata: (\{.*\})$/.exec(frame);
      assert.ok(match, frame);
      const data = JSON.parse(match[2]!) as Frame;
      assert.equal(data['type'], match[1]);
      return data;
    });
}

/** What a client makes of the stream; asserts the order of its events. */
function accumulate(text: string): unknown {
  const frames = framesOf(text);
  const message = frames[0]!['message'] as Frame & { content: Frame[]; usage: Frame };
  assert.equal(frames[0]!['type'], 'message_start');
  assert.equal(frames.at(-2)!['type'], 'message_delta');
  assert.equal(frames.at(-1)!['type'], 'message_stop');
  let isOpen = false;
  let json = '';
  for (const frame of frames.slice(1, -2)) {
    switch (frame['type']) {
      case 'content_block_start':
        assert.equal(isOpen, false);
        assert.equal(frame['index'], message.content.length);
        message.content.push({ ...(frame['content_block'] as Frame) });
        isOpen = true;
        json = '';
        break;
      case 'content_block_delta': {
        assert.ok(isOpen);
        assert.equal(frame['index'], message.content.length - 1);
        const block = message.content.at(-1)!;
        const { type, ...delta } = frame['delta'] as Record<string, string>;
        if (type === 'input_json_delta') json += delta['partial_json'];
        for (const name of ['text', 'thinking', 'signature']) {
          if (delta[name] !== undefined) block[name] = (block[name] as string) + delta[name];
        }
        break;
      }
      case 'content_block_stop': {
        assert.ok(isOpen);
        assert.equal(frame['index'], message.content.length - 1);
        isOpen = false;
        const block = message.content.at(-1)!;
        if (block['type'] === 'tool_use') block['input'] = JSON.parse(json || '{}');
        break;
      }
      default:
        assert.fail(`unexpected ${String(frame['type'])}`);
    }
  }
  assert.equal(isOpen, false);
  const { delta, usage } = frames.at(-2) as { delta: Frame; usage: Frame };
  return { ...message, ...delta, usage: { ...message.usage, ...usage } };
}
