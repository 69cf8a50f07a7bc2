// Which requests are constrained, and that no schema of a client, however odd, stands in the way.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { GrammarWalker } from '../helpers/grammar-walk.js';
import { seededRandom } from '../helpers/seeded-random.js';
import { CHAT_REQUEST, toolOf } from '../helpers/strict-schema-check.js';
import { LenientCompletionParser } from '../../src/encoding/lenient-parser.js';
import { Tokenizer } from '../../src/encoding/tokenizer.js';
import { packageFile } from '../../src/package-root.js';
import { ChatError } from '../../src/chat/chat-error.js';
import { replyGrammar } from '../../src/chat/reply-grammar.js';

const tokenizer = Tokenizer.fromFile(packageFile('models/hadal-mini/tokenizer.json'));

test('plain conversations, prefixes and tools that may not be called stay free', () => {
  const tools = [toolOf('f')];
  assert.equal(replyGrammar(CHAT_REQUEST, tokenizer), undefined);
  assert.equal(replyGrammar({ ...CHAT_REQUEST, tools, prefix: true }, tokenizer), undefined);
  const toolChoice = { type: 'none' } as const;
  assert.equal(replyGrammar({ ...CHAT_REQUEST, tools, toolChoice }, tokenizer), undefined);
});

test('the same tools have the same grammar', () => {
  const request = () => replyGrammar({ ...CHAT_REQUEST, tools: [toolOf('f', {})] }, tokenizer);
  assert.equal(request(), request());
});

const keyword = fc.constantFrom(
  'type',
  'properties',
  'required',
  'items',
  'anyOf',
  'allOf',
  'enum',
  'const',
  'pattern',
  '$ref',
  'minimum',
  'exclusiveMaximum',
  'multipleOf',
  'format',
  'additionalProperties',
);
const word = fc.constantFrom(
  'object',
  'string',
  'array',
  'number',
  'null',
  '#',
  '#/properties/a',
  '[',
  '(a+)+$',
  '^.{0,900}$',
);
const { schema } = fc.letrec<{ schema: unknown }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(word, fc.string(), fc.double(), fc.maxSafeInteger(), fc.constant(null), fc.boolean()),
    fc.dictionary(fc.oneof({ weight: 6, arbitrary: keyword }, fc.string()), tie('schema'), {
      maxKeys: 4,
    }),
    fc.array(tie('schema'), { maxLength: 3 }),
  ),
}));

test('any schema of a client gives a grammar that can be compiled and followed', async () => {
  const walker = new GrammarWalker(tokenizer);
  const parameters = fc.dictionary(keyword, schema, { maxKeys: 5 });
  await fc.assert(
    fc.asyncProperty(parameters, fc.boolean(), fc.nat(), async (parameters, isForced, seed) => {
      const request = {
        ...CHAT_REQUEST,
        tools: [toolOf('f', { type: 'object', ...parameters })],
        ...(isForced && { toolChoice: { type: 'required' } as const }),
      };
      const { reply } = replyGrammar(request, tokenizer)!;
      const { text } = await walker.walk(reply, { random: seededRandom(seed), maxTokens: 60 });
      const parser = new LenientCompletionParser({ thinking: false, hasTools: true });
      const events = parser.push({ text, control: true });
      if (isForced) assert.deepEqual(events[0], { type: 'tool-call-start', index: 0, name: 'f' });
    }),
    { numRuns: 150, seed: 5 },
  );
});

test('references that multiply, and too many parameters, do not blow up', () => {
  const twice = { anyOf: [{ $ref: '#' }, { $ref: '#' }], properties: undefined };
  const wide = Object.fromEntries(
    Array.from({ length: 9000 }, (_, i) => [`p${i}`, { type: 'string' }]),
  );
  const many = { type: 'object', properties: wide, required: Object.keys(wide) };
  for (const parameters of [twice, many]) {
    const request = { ...CHAT_REQUEST, tools: [toolOf('f', parameters)] };
    assert.ok(replyGrammar(request, tokenizer));
  }
  const strict = { ...CHAT_REQUEST, tools: [toolOf('f', many)], strictTools: true };
  assert.throws(() => replyGrammar(strict, tokenizer), ChatError);
});
