// Whatever the body: a request or an ApiError 4xx, in bounded time. Both doors, every base, with and
// without leniencies.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { requestContext } from '../../../test/helpers/request-context.js';
import { ApiError } from '../api-error.js';
import type { ApiBase, Door, RequestContext } from '../door.js';
import { LENIENCIES } from '../leniency.js';
import { chatDoor } from './chat-door.js';
import { fimDoor } from './fim-door.js';

const BASES: readonly ApiBase[] = ['main', 'beta', 'speciale'];

/** Returns how often the doors took it. */
function tryAll(body: Uint8Array): { chat: number; fim: number } {
  const numAccepted = { chat: 0, fim: 0 };
  for (const base of BASES) {
    for (const leniencies of [[], LENIENCIES]) {
      const options = { base, leniencies };
      if (isAccepted(chatDoor, body, requestContext(options))) numAccepted.chat++;
      if (isAccepted(fimDoor, body, requestContext(options))) numAccepted.fim++;
    }
  }
  return numAccepted;
}

function isAccepted(door: Door, body: Uint8Array, context: RequestContext): boolean {
  try {
    door.parse(body, context);
    return true;
  } catch (error) {
    assert.ok(error instanceof ApiError, String((error as Error).stack ?? error));
    assert.equal(error.status, 400);
    assert.ok(error.message.length < 20_000, 'an error does not repeat the body');
    return false;
  }
}

const CALL = { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } };
const LOOP = [
  { role: 'user', content: [{ type: 'text', text: 'json' }] },
  { role: 'assistant', content: null, reasoning_content: 'r', tool_calls: [CALL] },
  { role: 'tool', tool_call_id: 'a', content: 'r' },
];
const PARAMETERS = {
  type: 'object',
  properties: { a: { type: 'string', enum: ['x'] }, b: { $ref: '#/$defs/c' } },
  required: ['a', 'b'],
  additionalProperties: false,
  $defs: {
    c: {
      anyOf: [
        { type: 'array', items: { $ref: '#' } },
        { type: 'number', minimum: 1 },
      ],
    },
  },
};
const TOOL = { type: 'function', function: { name: 'f', parameters: PARAMETERS, strict: true } };
const COMMON = {
  max_tokens: 5,
  temperature: 1,
  top_p: 0.5,
  stop: ['x'],
  user_id: 'u',
  stream: true,
};

/** Requests that are accepted on some base. */
const GOOD: object[] = [
  { ...COMMON, model: 'deepseek-chat', messages: LOOP, logprobs: true, top_logprobs: 2, n: 1 },
  { ...COMMON, model: 'deepseek-reasoner', messages: LOOP, tools: [TOOL], tool_choice: 'auto' },
  { model: 'deepseek-chat', messages: LOOP, tools: [TOOL, TOOL], tool_choice: 'required' },
  {
    model: 'deepseek-chat',
    messages: [...LOOP, { role: 'assistant', content: 'x', prefix: true }],
    thinking: { type: 'enabled' },
    response_format: { type: 'json_object' },
  },
  { ...COMMON, model: 'deepseek-chat', prompt: 'p', suffix: 's', echo: true, logprobs: 1 },
];

/** Changes one value somewhere in a request; `turns` lead to the place. Items can be repeated. */
function spoil(value: unknown, turns: readonly number[], change: Change): unknown {
  if (typeof value !== 'object' || value === null || turns.length === 0) return change.value;
  const keys = Object.keys(value);
  const key = keys[turns[0]! % Math.max(1, keys.length)];
  if (key === undefined) return change.value;
  const copy = structuredClone(value) as Record<string, unknown>;
  const isLast = turns.length === 1;
  if (isLast && change.kind === 'remove') delete copy[key];
  else if (isLast && change.kind === 'repeat' && Array.isArray(copy)) copy.push(copy[Number(key)]);
  else copy[key] = spoil(copy[key], turns.slice(1), change);
  return copy;
}

interface Change {
  kind: 'replace' | 'remove' | 'repeat';
  value: unknown;
}

const change = fc.record({
  kind: fc.constantFrom<Change['kind']>('replace', 'remove', 'repeat'),
  value: fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom<unknown>('system', 'assistant', 'developer', 'tool', '#', 'b', {}, [], -1, 1e9),
  ),
});
const spoiling = fc.record({ turns: fc.array(fc.nat(20), { minLength: 1, maxLength: 7 }), change });

test('good requests with a few of their values changed', () => {
  const numAccepted = { chat: 0, fim: 0 };
  const requests = fc.record({
    good: fc.constantFrom(...GOOD),
    spoilings: fc.array(spoiling, { maxLength: 3 }),
  });
  fc.assert(
    fc.property(requests, ({ good, spoilings }) => {
      const body = spoilings.reduce<unknown>(
        (body, { turns, change }) => spoil(body, turns, change),
        good,
      );
      const { chat, fim } = tryAll(Buffer.from(JSON.stringify(body)));
      numAccepted.chat += chat;
      numAccepted.fim += fim;
    }),
    { numRuns: 1500, seed: 5 },
  );
  const { chat, fim } = numAccepted;
  assert.ok(chat > 500 && fim > 100, `the generator reaches the good cases too: ${chat}, ${fim}`);
});

test('any bytes', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.json().map(Buffer.from)), (body) => void tryAll(body)),
    { numRuns: 500, seed: 6 },
  );
});

/** A request whose JSON text has `hole` in the place of a member. */
const around = (hole: string) =>
  Buffer.from(
    `{"model":"deepseek-chat","messages":[{"role":"user","content":"x"}],"prompt":"",${hole}}`,
  );

const HOSTILE: Record<string, Uint8Array> = {
  'nesting of 10,000 levels': around(`"x":${'['.repeat(10_000)}${']'.repeat(10_000)}`),
  'objects of 10,000 levels': around(`"x":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`),
  'a message of 10,000 levels': Buffer.from(`{"messages":${'[['.repeat(5000)}`),
  'a number beyond any': around('"temperature":1e400'),
  'an integer beyond any': around(`"max_tokens":${'9'.repeat(5000)}`),
  'a NUL byte': around('"x":"\0"'),
  'a NUL escape as user': around('"user_id":"\\u0000"'),
  'a known field twice': around('"stream":true,"stream":false'),
  'a byte order mark': Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), around('"x":1')]),
  'UTF-16': Buffer.from('{"model":"deepseek-chat"}', 'utf16le'),
  'half a character at the end': Buffer.from([0x22, 0xe2, 0x82]),
};

const HUGE: Record<string, Uint8Array> = {
  'an open string of 16 MB': Buffer.from(`{"a":"${'x'.repeat(16_000_000)}`),
  'four million empty arrays': around(`"x":[${'[],'.repeat(4_000_000)}0]`),
  '100,000 messages': Buffer.from(
    JSON.stringify({
      model: 'deepseek-chat',
      messages: Array.from({ length: 100_000 }, () => ({ role: 'user', content: 'x'.repeat(100) })),
    }),
  ),
};

for (const [what, body] of Object.entries(HOSTILE)) {
  test(`${what} is refused`, () => assert.deepEqual(tryAll(body), { chat: 0, fim: 0 }));
}

for (const [what, body] of Object.entries(HUGE)) {
  test(`${what} is refused`, () =>
    assert.equal(isAccepted(chatDoor, body, requestContext()), false));
}

const HARMLESS: Record<string, Uint8Array> = {
  'lone surrogates': around('"x":"\\ud800","stop":"\\udfff"'),
  'an unknown field twice': around('"x":1,"x":2'),
  'a prototype': around('"__proto__":{"stream":1},"constructor":null'),
};

for (const [what, body] of Object.entries(HARMLESS)) {
  test(`${what}: accepted`, () => assert.deepEqual(tryAll(body), { chat: 4, fim: 2 }));
}

test('a content of 15 MB is accepted', () => {
  const body = around(`"user":"${'x'.repeat(15_000_000)}"`);
  assert.ok(isAccepted(chatDoor, body, requestContext()));
});
