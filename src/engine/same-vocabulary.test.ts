import assert from 'node:assert/strict';
import test from 'node:test';

import { packTokenTable, type TokenTable } from '../backend/token-table.js';
import { requireSameVocabulary } from './same-vocabulary.js';

const CONTROL = new Set([0, 3]);
const MODEL = ['<bos>', 'a', 'b', '[PAD3]'];

const vocab = { tokenBytes: MODEL.map((text) => Buffer.from(text)), controlTokens: CONTROL };

function tableOf(texts: readonly string[], control: readonly number[]): TokenTable {
  return packTokenTable(
    texts.map((text, token) => ({ bytes: Buffer.from(text), isControl: control.includes(token) })),
  );
}

test('the same tokens pass, however control tokens are spelled', () => {
  requireSameVocabulary(vocab, tableOf(MODEL, [0, 3]), 'm.gguf');
  requireSameVocabulary(vocab, tableOf(['<s>', 'a', 'b', ''], [0]), 'm.gguf');
});

test('rows that only the model has are padding', () => {
  requireSameVocabulary(vocab, tableOf(['<bos>', 'a', 'b'], [0]), 'm.gguf');
});

test('a plain token that differs is refused with both spellings', () => {
  assert.throws(() => requireSameVocabulary(vocab, tableOf(['<bos>', 'a', 'c'], [0]), 'm.gguf'), {
    name: 'ModelError',
    message: /^m.gguf: token 2 is "b" in the model and "c" in the tokenizer; they do not belong/,
  });
});
