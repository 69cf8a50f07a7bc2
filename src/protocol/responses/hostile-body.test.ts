// Any body at all: an ApiError with a status of the client's, or a request that can be rendered.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ApiError } from '../api-error.js';
import { PROFILES } from '../leniency.js';
import {
  bodyText,
  eventsOf,
  framesOf,
  parseBody,
  parseRequest,
  streamText,
} from './door-fixtures.js';

fc.configureGlobal({ seed: 32 });

const text = fc.oneof(fc.constantFrom('a', 'b__c', 'input', ''), fc.string());
const loose = fc.oneof({ weight: 40, arbitrary: text }, { weight: 1, arbitrary: fc.jsonValue() });

const part = fc.record(
  {
    type: fc.constantFrom('input_text', 'output_text', 'text', 'refusal', 'input_image', 'odd'),
    text: loose,
    refusal: loose,
  },
  { requiredKeys: ['type'] },
);
const content = fc.oneof(loose, fc.array(part, { maxLength: 3 }));
const id = fc.constantFrom('1', '2');
const item = fc.record(
  {
    type: fc.constantFrom(
      'message',
      'reasoning',
      'function_call',
      'function_call_output',
      'custom_tool_call',
      'custom_tool_call_output',
      'local_shell_call',
      'web_search_call',
      'message',
      'reasoning',
    ),
    role: fc.constantFrom('user', 'assistant', 'system', 'developer'),
    content,
    summary: fc.array(part, { maxLength: 2 }),
    encrypted_content: fc.oneof(
      text,
      fc.string().map((rest) => `hadal.r1.${rest}`),
    ),
    call_id: id,
    name: loose,
    namespace: text,
    arguments: fc.oneof(loose, fc.json()),
    input: loose,
    action: fc.jsonValue(),
    output: content,
  },
  { requiredKeys: ['type', 'role', 'content', 'call_id', 'name', 'arguments', 'input', 'output'] },
);
const tool = fc.record(
  {
    type: fc.constantFrom('function', 'custom', 'namespace', 'web_search'),
    name: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('a', 'b', 'c') },
      { weight: 1, arbitrary: loose },
    ),
    description: loose,
    parameters: fc.oneof(fc.constant({ type: 'object' }), fc.jsonValue()),
    format: fc.record({ type: fc.constantFrom('text', 'grammar'), syntax: text, definition: text }),
    tools: fc.array(fc.record({ type: fc.constant('function'), name: text }), { maxLength: 2 }),
  },
  { requiredKeys: ['type', 'name', 'tools'] },
);
const fields = fc.record(
  {
    model: fc.constantFrom('deepseek-chat', 'deepseek-reasoner'),
    input: fc.oneof(loose, fc.array(item, { maxLength: 6 })),
    instructions: loose,
    tools: fc.array(tool, { maxLength: 3 }),
    tool_choice: fc.oneof(
      fc.constantFrom('auto', 'required', { type: 'function', name: 'a' }),
      loose,
    ),
    text: fc.record({
      format: fc.record({ type: fc.constantFrom('text', 'json_schema'), schema: loose }),
    }),
    metadata: fc.dictionary(text, text, { maxKeys: 2 }),
    reasoning: fc.record({ effort: loose }),
    max_output_tokens: fc.integer({ min: -1, max: 100_000 }),
    user: loose,
  },
  { requiredKeys: ['model', 'input'] },
);

test('odd requests are refused or answered, never a fault of the server', () => {
  let numAnswered = 0;
  fc.assert(
    fc.property(fields, fc.boolean(), (request, isLenient) => {
      const leniencies = isLenient ? [...PROFILES.agents] : [];
      try {
        const parsed = parseRequest(request, { leniencies });
        const events = eventsOf({ content: ['x'], calls: [{ name: 'a', pieces: ['{}'] }] });
        framesOf(streamText(parsed, events));
        JSON.parse(bodyText(parsed, events));
        numAnswered++;
      } catch (error) {
        assert.ok(error instanceof ApiError && error.status === 400, String(error));
      }
    }),
    { numRuns: 500 },
  );
  assert.ok(numAnswered > 30, `only ${numAnswered} requests were well-formed`);
});

test('any bytes are refused or read', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.json().map(Buffer.from)), (body) => {
      assert.throws(() => parseBody(body), ApiError);
    }),
  );
});

test('long conversations are read in reasonable time, longer ones refused', () => {
  const call = (index: number) => [
    { type: 'function_call', call_id: 'same', name: 'f', arguments: '{}' },
    { type: 'function_call_output', call_id: 'same', output: String(index) },
    { role: 'developer', content: 'x' },
  ];
  const input = Array.from({ length: 6_000 }, (_, index) => call(index)).flat();
  assert.equal(parseRequest({ input }).chat.messages.length, 12_001);
  assert.throws(() => parseRequest({ input: [...input, ...input] }), /Too many input items/);
});

test('what the response repeats is limited, as on OpenAI', () => {
  const pairs = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));
  const accepted = {
    input: 'x',
    metadata: { ...pairs(15), ['k'.repeat(64)]: 'v'.repeat(512) },
    prompt_cache_key: 'p'.repeat(512),
    user: 'u'.repeat(512),
  };
  const body = JSON.parse(bodyText(parseRequest(accepted), eventsOf({ content: ['hi'] })));
  const { metadata, prompt_cache_key, user } = body as typeof accepted;
  assert.deepEqual({ input: 'x', metadata, prompt_cache_key, user }, accepted);

  const refused: [fields: object, message: RegExp][] = [
    [{ metadata: pairs(17) }, /^Too many pairs in metadata: at most 16 are allowed, got 17$/],
    [{ metadata: { ['k'.repeat(65)]: '' } }, /^Invalid 'metadata': key too long\. .* 64, .* 65 /],
    [{ metadata: { a: 'v'.repeat(513) } }, /^Invalid 'metadata.a': string too long\. .* 512, /],
    [{ metadata: { a: {} } }, /metadata\.a: invalid type: map, expected a string/],
    [{ prompt_cache_key: 'p'.repeat(513) }, /^Invalid 'prompt_cache_key': string too long\. /],
    [{ user: 'u'.repeat(513) }, /^Invalid 'user': string too long\. /],
    [{ reasoning: { effort: 'e'.repeat(513) } }, /^Invalid 'reasoning.effort': string too long/],
    [{ tool_choice: { type: 'x', y: 'z'.repeat(65_536) } }, /^Invalid 'tool_choice': /],
    [{ text: { format: { type: 'text', y: 'z'.repeat(262_144) } } }, /^Invalid 'text.format': /],
    [
      { tools: [{ type: 'function', name: 'f', y: 'z'.repeat(262_144) }] },
      /^Invalid 'tools\[0\]': string too long\. /,
    ],
  ];
  for (const [fields, message] of refused) {
    assert.throws(() => parseRequest({ input: 'x', ...fields }), { name: 'ApiError', message });
  }
});
