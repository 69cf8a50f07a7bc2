// The text of a token stream equals the text of its bytes, wherever the tokens cut characters.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { testTokenizer } from '../../test/helpers/scripted-backend.js';
import { TokenTextStream } from './token-text.js';
import { Utf8Stream } from './utf8-stream.js';

const tokenizer = testTokenizer();
/** Ids with whole characters, parts of characters, control tokens and none at all. */
const anyToken = fc.oneof(
  fc.nat(tokenizer.vocabSize + 4),
  fc.constantFrom(...tokenizer.encode('价格 😀 naïve é')),
);

test('any tokens give the text that a decoder gives for their bytes', () => {
  const property = fc.property(fc.array(anyToken), fc.nat(3), (tokens, visibleBytes) => {
    const stream = new TokenTextStream(tokenizer);
    const utf8 = new Utf8Stream();
    let streamed = '';
    let decoded = '';
    tokens.forEach((token, index) => {
      const cut = index === tokens.length - 1 ? visibleBytes : undefined;
      streamed += stream.push(token, cut);
      decoded += utf8.push(tokenizer.tokenBytes(token).subarray(0, cut));
    });
    assert.equal(streamed + stream.flush(), decoded + utf8.flush());
  });
  fc.assert(property, { seed: 1, numRuns: 2000 });
});

test('a token has text when its bytes are whole characters', () => {
  assert.equal(tokenizer.tokenText(tokenizer.eosId), '<｜end▁of▁sentence｜>');
  assert.equal(tokenizer.tokenText(tokenizer.encode('😀')[0]!), undefined);
  assert.equal(tokenizer.tokenText(tokenizer.vocabSize), '');
  assert.throws(() => tokenizer.tokenText(-1), RangeError);
  assert.throws(() => tokenizer.tokenText(0.5), RangeError);
});
