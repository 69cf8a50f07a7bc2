// Arbitrary bodies: whatever comes in, the door answers with a request or with an ApiError.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { requestContext } from '../../../test/helpers/request-context.js';
import { ApiError } from '../api-error.js';
import { PROFILES } from '../leniency.js';
import { messagesDoor } from './messages-door.js';

function parsesOrRefuses(body: string, leniencies: (typeof PROFILES)[keyof typeof PROFILES]): void {
  try {
    messagesDoor.parse(Buffer.from(body), requestContext({ leniencies }));
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    assert.equal(error.status, 400);
  }
}

const profiles = fc.constantFrom(...Object.values(PROFILES));
const odd = fc.oneof(fc.jsonValue(), fc.constantFrom<unknown>(null, '', [], {}, -1, '__proto__'));

/** A value of the right shape most of the time. */
function mostly<T>(value: fc.Arbitrary<T>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 12, arbitrary: value }, { weight: 1, arbitrary: odd });
}

const ids = fc.constantFrom('a', 'b', '');
const text = mostly(fc.string({ unit: 'binary' }));
const textBlock = fc.record({ type: fc.constant('text'), text });
const blocks = mostly(
  fc.oneof(
    textBlock,
    fc.record({ type: fc.constant('thinking'), thinking: text }),
    fc.record({ type: fc.constant('redacted_thinking') }),
    fc.record({ type: fc.constant('image') }),
    fc.record({
      type: fc.constant('tool_use'),
      id: mostly(ids),
      name: text,
      input: mostly(fc.dictionary(fc.string(), fc.jsonValue())),
    }),
    fc.record({
      type: fc.constant('tool_result'),
      tool_use_id: mostly(ids),
      content: mostly(fc.oneof(fc.string(), fc.array(textBlock))),
      is_error: mostly(fc.boolean()),
    }),
  ),
);
const messages = mostly(
  fc.record({
    role: mostly(fc.constantFrom('user', 'assistant', 'system', 'developer')),
    content: mostly(fc.oneof(fc.string(), fc.array(blocks, { maxLength: 4 }))),
  }),
);
const requests = fc.record(
  {
    model: mostly(fc.constantFrom('deepseek-chat', 'deepseek-reasoner', 'claude')),
    messages: mostly(fc.array(messages, { maxLength: 6 })),
    system: mostly(fc.oneof(fc.string(), fc.array(textBlock))),
    max_tokens: mostly(fc.integer()),
    thinking: mostly(fc.record({ type: fc.constantFrom('enabled', 'disabled', 'adaptive') })),
    tools: mostly(
      fc.array(
        mostly(fc.record({ name: text, input_schema: mostly(fc.constant({ type: 'object' })) })),
        { maxLength: 2 },
      ),
    ),
    tool_choice: mostly(fc.record({ type: fc.constantFrom('auto', 'any', 'tool', 'none') })),
    stop_sequences: mostly(fc.array(fc.string())),
    temperature: mostly(fc.double({ noNaN: true })),
  },
  { requiredKeys: ['model', 'messages'] },
);

test('no JSON value makes the door fail otherwise than with an ApiError', () => {
  fc.assert(
    fc.property(fc.jsonValue(), profiles, (body, profile) =>
      parsesOrRefuses(JSON.stringify(body), profile),
    ),
    { numRuns: 300 },
  );
});

test('nor does a request that is nearly right', () => {
  fc.assert(
    fc.property(requests, profiles, (body, profile) =>
      parsesOrRefuses(JSON.stringify(body), profile),
    ),
    { numRuns: 1000 },
  );
});

test('nor do bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), profiles, (body, profile) =>
      parsesOrRefuses(body, profile),
    ),
  );
});

const SECONDS = 1000;

test('work on repeated ids grows with their number only', { timeout: 60 * SECONDS }, () => {
  const many = <T>(count: number, value: T) => Array.from({ length: count }, () => value);
  const call = { type: 'tool_use', id: 'a', name: 'f', input: {} };
  const result = { type: 'tool_result', tool_use_id: 'a', content: '' };
  const turns = (count: number) => [
    { role: 'assistant', content: many(count, call) },
    { role: 'user', content: many(count, result) },
  ];
  const body = { model: 'm', messages: [...many(4000, turns(1)).flat(), ...turns(50_000)] };
  parsesOrRefuses(JSON.stringify(body), PROFILES.agents);
});
