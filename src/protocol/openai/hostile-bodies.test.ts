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

/** Returns how many of the doors took it. */
function tryAll(body: Uint8Array): number {
  let numAccepted = 0;
  for (const door of [chatDoor, fimDoor]) {
    for (const base of BASES) {
      for (const leniencies of [[], LENIENCIES]) {
        if (isAccepted(door, body, requestContext({ base, leniencies }))) numAccepted++;
      }
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

const anything = fc.jsonValue({ maxDepth: 3 });
/** Often the right value, sometimes any. */
function mostly<T>(...values: [T, ...T[]]): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...values) }, anything);
}

const call = fc.record({
  id: mostly('a', 'b'),
  type: mostly('function'),
  function: fc.record({ name: mostly('f'), arguments: mostly('{}', '') }),
});
const message = fc.record(
  {
    role: mostly('system', 'user', 'assistant', 'tool', 'developer'),
    content: mostly<unknown>(
      'json',
      '',
      [{ type: 'text', text: 'x' }],
      [{ type: 'image_url' }],
      null,
    ),
    tool_calls: fc.oneof(fc.array(call, { maxLength: 2 }), anything),
    tool_call_id: mostly('a', 'b'),
    reasoning_content: mostly<unknown>('r', null),
    prefix: mostly(true, false),
  },
  { requiredKeys: ['role', 'content'] },
);
/** Schemas of two levels, which references make any depth. */
function schemaOf(inner: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.record(
    {
      type: mostly('object', 'string', 'array', 'integer'),
      properties: fc.dictionary(fc.constantFrom('a', 'b'), inner, { maxKeys: 2 }),
      required: mostly<unknown>(['a', 'b'], ['a'], []),
      additionalProperties: mostly(false),
      items: inner,
      anyOf: fc.array(inner, { maxLength: 2 }),
      $ref: mostly('#', '#/properties/a', '#/$defs/a'),
      enum: mostly<unknown>(['a'], [1]),
    },
    { requiredKeys: ['type'] },
  );
}
const leaf = fc.constantFrom<unknown>(
  { type: 'string' },
  { type: 'integer', minimum: 1 },
  { $ref: '#' },
  { anyOf: [{ $ref: '#/properties/a' }, { $ref: '#/properties/b' }] },
  true,
);
const schema = schemaOf(fc.oneof(leaf, schemaOf(leaf)));
const tool = fc.record({
  type: mostly('function'),
  function: fc.record(
    { name: mostly('f', 'g'), parameters: fc.oneof(schema, anything), strict: mostly(true) },
    { requiredKeys: ['name'] },
  ),
});
const request = fc.record(
  {
    model: mostly('deepseek-chat', 'deepseek-reasoner'),
    messages: fc.oneof({ weight: 8, arbitrary: fc.array(message, { maxLength: 5 }) }, anything),
    prompt: mostly('p'),
    suffix: mostly('s'),
    echo: mostly(true),
    thinking: mostly<unknown>({ type: 'enabled' }, { type: 'disabled' }, null),
    max_tokens: mostly(1, 9000),
    temperature: mostly(0.5),
    stop: mostly<unknown>('x', ['x', 'y']),
    stream: mostly(true),
    stream_options: mostly<unknown>({ include_usage: true }),
    tools: fc.oneof(fc.array(tool, { maxLength: 3 }), anything),
    tool_choice: mostly<unknown>('auto', 'none', 'required', {
      type: 'function',
      function: { name: 'f' },
    }),
    response_format: mostly<unknown>({ type: 'json_object' }, { type: 'text' }),
    logprobs: mostly<unknown>(true, 3),
    top_logprobs: mostly(2),
    user_id: mostly('u'),
  },
  { requiredKeys: ['model', 'messages', 'prompt'] },
);

test('requests with any of their parts replaced', () => {
  let numAccepted = 0;
  fc.assert(
    fc.property(request, (body) => {
      numAccepted += tryAll(Buffer.from(JSON.stringify(body)));
    }),
    { numRuns: 500, seed: 5 },
  );
  assert.ok(numAccepted > 50, `the generator reaches the good cases too, ${numAccepted}`);
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
  test(`${what} is refused`, () => assert.equal(tryAll(body), 0));
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
  test(`${what}: accepted`, () => assert.equal(tryAll(body), 6));
}

test('a content of 15 MB is accepted', () => {
  const body = around(`"user":"${'x'.repeat(15_000_000)}"`);
  assert.ok(isAccepted(chatDoor, body, requestContext()));
});
