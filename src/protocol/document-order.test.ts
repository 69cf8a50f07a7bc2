// Of several offences in one body the one that stands first is told, as serde would, on every door;
// and what texts of clients an error repeats.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { requestContext } from '../../test/helpers/request-context.js';
import { messagesDoor } from './anthropic/messages-door.js';
import { ApiError } from './api-error.js';
import { clip, clipMiddle } from './clip.js';
import type { ApiBase, Door } from './door.js';
import { LENIENCIES } from './leniency.js';
import { chatDoor } from './openai/chat-door.js';
import { fimDoor } from './openai/fim-door.js';
import { responsesDoor } from './responses/responses-door.js';
import { unexpectedNumber } from './rust-number.js';

const DOORS: Record<string, { door: Door; base: ApiBase }> = {
  chat: { door: chatDoor, base: 'main' },
  fim: { door: fimDoor, base: 'beta' },
  anthropic: { door: messagesDoor, base: 'main' },
  responses: { door: responsesDoor, base: 'main' },
};

const SHAPE = 'Failed to deserialize the JSON body into the target type: ';

function refusal(name: string, text: string, leniencies = [] as (typeof LENIENCIES)[number][]) {
  const { door, base } = DOORS[name]!;
  try {
    door.parse(Buffer.from(text), requestContext({ base, leniencies }));
  } catch (error) {
    assert.ok(error instanceof ApiError, error instanceof Error ? error.stack : String(error));
    return error.message.replace(SHAPE, '');
  }
  return 'accepted';
}

/** [door, body, the beginning of the answer] */
const ORDERS: [door: string, body: string, message: string][] = [
  [
    'chat',
    '{"temperature":"x","messages":5,"model":3}',
    'temperature: invalid type: string "x", expected f64 at line 1 column 18',
  ],
  [
    'chat',
    '{"model":"deepseek-chat","tools":[{"type":"x"}]}',
    'tools[0].type: unknown variant `x`, expected `function` at line 1 column 45',
  ],
  ['chat', '{"messages":[{"role":"user"}],"model":3}', 'messages[0]: missing field `content` at'],
  ['chat', '{"model":3,"messages":[{"role":"user"}]}', 'model: invalid type: integer `3`'],
  ['chat', '{"tools":[{"type":"function"}],"n":"1"}', 'tools[0]: missing field `function` at'],
  // The role decides which fields a message has, so it is needed first.
  ['chat', '{"messages":[{"content":5,"role":"x"}]}', 'messages[0].role: unknown variant `x`'],
  ['chat', '{"messages":[{"content":5}]}', 'messages[0]: missing field `role` at'],
  ['chat', '{"messages":[{"name":3,"role":"user"}]}', 'messages[0]: invalid type: integer `3`'],
  [
    'chat',
    '{"messages":[{"role":"user","content":[{}],"name":3}],"stop":5}',
    'messages[0]: data did not match any variant of untagged enum',
  ],
  ['chat', '{"stop":5,"messages":[{"role":"x"}]}', 'stop: invalid type: integer `5`'],
  ['chat', '{"model":"m","model":"m","n":""}', 'duplicate field `model` at line 1 column 20'],
  ['chat', '{"n":"","model":"m","model":"m"}', 'n: invalid type: string "", expected i64'],
  ['chat', '[]', 'invalid type: sequence, expected struct ChatCompletionRequest at'],
  ['chat', '{}', 'missing field `messages` at line 1 column 2'],
  ['fim', '{"model":1,"prompt":2}', 'model: invalid type: integer `1`'],
  ['fim', '{"echo":1,"model":"m"}', 'echo: invalid type: integer `1`, expected a boolean'],
  ['anthropic', '{"stream":1,"messages":5}', 'stream: invalid type: integer `1`'],
  [
    'anthropic',
    '{"messages":[{"content":[{"text":1,"type":"text"},{"type":"x"}],"role":"user"}],"system":1}',
    'messages[0].content[0].text: invalid type: integer `1`',
  ],
  [
    'anthropic',
    '{"messages":[{"role":"user","content":[{"text":1,"type":"x"}]}]}',
    'messages[0].content[0].type: unknown variant `x`',
  ],
  [
    'anthropic',
    '{"system":5,"messages":[{"role":"user","content":[{"type":"thinking"}]}]}',
    'system: invalid type: integer `5`',
  ],
  ['anthropic', '{"tool_choice":{"type":"x"},"tools":5,"messages":[{}]}', 'tool_choice.type: unk'],
  ['responses', '{"stream":1,"input":[{"type":"x"}],"model":2}', 'stream: invalid type: integer'],
  ['responses', '{"input":[{"content":5,"type":"x"}],"model":2}', 'input[0].type: unknown variant'],
  ['responses', '{"input":[{"role":"user"}],"model":2}', 'input[0]: missing field `content`'],
  ['responses', '{"metadata":{"a":1},"model":2}', 'metadata.a: invalid type: integer `1`'],
];

for (const [door, body, message] of ORDERS) {
  test(`${door}: ${body}`, () => {
    assert.equal(refusal(door, body).slice(0, message.length), message);
  });
}

/** Bodies whose fields are of the right names and of any types. */
const FIELDS = (
  'model messages tools stop input prompt system thinking metadata tool_choice response_format ' +
  'text format role content type name id function parameters tool_calls arguments input_schema ' +
  'reasoning n call_id output tool_use_id summary json_schema schema include action'
).split(' ');
const WORDS = (
  'deepseek-chat user assistant tool system developer text function tool_use tool_result ' +
  'function_call function_call_output reasoning enabled json_schema namespace custom ' +
  'allowed_tools local_shell_call image x'
).split(' ');

test('no body makes a second reading fail otherwise than the first', () => {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 6, depthSize: 'medium' },
      fc.constantFrom<unknown>(...WORDS, null, 1, 1.5, true),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...FIELDS), tie('value'), { maxKeys: 6 }),
    ),
  }));
  const body = fc.dictionary(fc.constantFrom(...FIELDS), value, { minKeys: 1, maxKeys: 8 });
  const names = fc.constantFrom(...Object.keys(DOORS));
  const property = fc.property(names, body, fc.boolean(), (door, fields, forgives) => {
    const text = JSON.stringify({ model: 'deepseek-chat', ...fields });
    const leniencies = forgives ? [...LENIENCIES] : [];
    assert.equal(refusal(door, text, leniencies), refusal(door, text, leniencies));
  });
  fc.assert(property, { numRuns: 2000, seed: 1 });
});

test('numbers are printed as Rust prints them', () => {
  const cases: Record<string, string> = {
    '1e0': 'floating point `1.0`',
    '1.50': 'floating point `1.5`',
    '1e20': 'floating point `100000000000000000000.0`',
    '-2.5e-7': 'floating point `-0.00000025`',
    '1.25e3': 'floating point `1250.0`',
    '123456789.5e2': 'floating point `12345678950.0`',
    '-0': 'floating point `-0.0`',
    '0.0': 'floating point `0.0`',
    '-7': 'integer `-7`',
    '18446744073709551615': 'integer `18446744073709551615`',
    '18446744073709551616': 'floating point `18446744073709552000.0`',
    '-9223372036854775809': 'floating point `-9223372036854776000.0`',
  };
  for (const [text, printed] of Object.entries(cases)) {
    assert.equal(unexpectedNumber(text), printed);
  }
});

test('printed floats read back as the same number', () => {
  const doubles = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((x) => x !== 0);
  const property = fc.property(doubles, (value) => {
    const [, printed] = /`(.+)`/.exec(unexpectedNumber(value.toExponential())) ?? [];
    assert.match(printed!, /^-?\d+\.\d+$/);
    assert.ok(Object.is(Number(printed), value));
  });
  fc.assert(property, { seed: 1 });
});

test('errors repeat a little of what a client wrote', () => {
  const long = 'x'.repeat(1_000_000);
  const tool = (name: string, type: string) => ({
    type: 'function',
    function: { name, parameters: { type } },
  });
  const chat = { model: 'deepseek-chat', messages: [{ role: 'user', content: 'hi' }] };
  const called = { type: 'function', function: { name: long } };
  const flat = { type: 'function', name: 'f', parameters: { type: long.slice(0, 9000) } };
  const bodies: [door: string, body: object, begins: RegExp][] = [
    ['chat', { ...chat, tools: [tool('f', long)] }, /^Invalid schema for function 'f'/],
    ['chat', { ...chat, tools: [tool('f', 'object')], tool_choice: called }, /^tool_choice names/],
    ['chat', { ...chat, temperature: long }, /^temperature: invalid type: string "x/],
    ['chat', { ...chat, messages: [{ role: long }] }, /^messages\[0\].role: unknown variant `x/],
    ['responses', { model: 'deepseek-chat', input: 'x', tools: [flat] }, /^Invalid schema/],
    [
      'responses',
      {
        model: 'deepseek-chat',
        input: [{ type: 'function_call_output', call_id: long, output: '' }],
      },
      /^No tool call found/,
    ],
    [
      'responses',
      { model: 'deepseek-chat', input: 'x', tool_choice: { type: long.slice(0, 60_000) } },
      /^tool_choice asks for the hosted tool 'x/,
    ],
  ];
  for (const [door, body, begins] of bodies) {
    const message = refusal(door, JSON.stringify(body));
    assert.match(message.slice(0, 500), begins);
    assert.ok(message.length < 500, `${message.length} characters`);
  }
  const deep = `{"zz":${`{"${'k'.repeat(80)}":`.repeat(120)}`;
  const message = refusal('chat', deep);
  assert.ok(message.length < 600, `${message.length} characters`);
});

test('a clipped text never ends in half a character', () => {
  assert.equal(clip('ab😀c', 3), 'ab…');
  assert.equal(clip('ab😀c', 4), 'ab😀…');
  assert.equal(clip('abc', 3), 'abc');
  assert.equal(clipMiddle('ab😀cd😀ef', 6), 'ab…ef');
});

test('a request has so many parts and no more', () => {
  const many = <T>(item: T, count = 10_001) => Array<T>(count).fill(item);
  const text = { type: 'text', text: 'x' };
  const message = { role: 'user', content: [text] };
  const cases: [door: string, fields: object, message: RegExp][] = [
    ['anthropic', { messages: [{ role: 'user', content: many(text) }] }, /content blocks.*10001$/],
    ['anthropic', { system: many(text, 10_000), messages: [message] }, /content blocks.*10001$/],
    [
      'anthropic',
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'tool_result', tool_use_id: 'a', content: many(text) }],
          },
        ],
      },
      /content blocks.*10002$/,
    ],
    ['chat', { messages: [{ role: 'user', content: many(text) }] }, /content parts.*10001$/],
    ['chat', { messages: [{ role: 'assistant', tool_calls: many({}) }] }, /tool calls.*10001$/],
    [
      'responses',
      { input: [{ role: 'user', content: many(text, 20_001) }] },
      /content parts: at most 20000 .*20001$/,
    ],
    [
      'responses',
      { input: many({ role: 'user', content: 'x' }, 20_001) },
      /input items: at most 20000 .*20001$/,
    ],
  ];
  for (const [door, fields, expected] of cases) {
    const body = JSON.stringify({ model: 'deepseek-chat', ...fields });
    assert.match(refusal(door, body), /^Too many .*: at most [12]0000 are allowed, got/);
    assert.match(refusal(door, body), expected);
  }
});
