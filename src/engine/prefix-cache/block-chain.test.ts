// Keys name prefixes: equal exactly where tokens, tenant and model are equal from the beginning.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { BLOCK_TOKENS, BlockChain, hitTokens } from './block-chain.js';

function keysOf(tokens: Int32Array, fingerprint = 'm', salt?: string): string[] {
  const chain = new BlockChain({ fingerprint, salt });
  chain.extend(tokens);
  return chain.keys;
}

test('hits are whole blocks, and one token of the prompt is always computed', () => {
  // Prompt, common tokens, hit. The first two rows are the platform's own (api reference §7).
  const rows = [
    [339, 339, 320],
    [169, 169, 128],
    [63, 63, 0],
    [64, 64, 0],
    [65, 65, 64],
    [128, 128, 64],
    [129, 128, 128],
    [500, 127, 64],
    [1, 0, 0],
  ] as const;
  for (const [prompt, common, hit] of rows) assert.equal(hitTokens(prompt, common), hit);
});

test('keys are equal as far as the tokens are', () => {
  const blocks = fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 6 });
  const tokensOf = (numbers: number[]) =>
    Int32Array.from(numbers.flatMap((n) => Array.from({ length: BLOCK_TOKENS }, (_, i) => n + i)));
  fc.assert(
    fc.property(blocks, blocks, (a, b) => {
      const [keysA, keysB] = [keysOf(tokensOf(a)), keysOf(tokensOf(b))];
      const firstDifference = a.findIndex((n, i) => n !== b[i]);
      const numCommon = firstDifference < 0 ? a.length : firstDifference;
      for (const [i, key] of keysA.entries()) assert.equal(keysB[i] === key, i < numCommon);
      assert.equal(new Set(keysA).size, keysA.length, 'position counts, not only content');
    }),
  );
});

test('a chain extended piece by piece is the chain of the whole', () => {
  const tokens = Int32Array.from({ length: 400 }, (_, i) => (i * i) % 1000);
  const chain = new BlockChain({ fingerprint: 'm', salt: undefined });
  for (const end of [10, 70, 130, 131, 400]) chain.extend(tokens.subarray(chain.numTokens, end));
  assert.deepEqual(chain.keys, keysOf(tokens));
  assert.equal(chain.numTokens, 384);
});

test('tenants and models share no key, however they are spelled', () => {
  const tokens = new Int32Array(BLOCK_TOKENS);
  const namespaces: [string, string?][] = [
    ['m'],
    ['m', ''],
    ['m', 'a'],
    ['m', 'null'],
    ['m","a'],
    ['ma'],
    ['', 'ma'],
    ['m', 'a/b'],
  ];
  const keys = namespaces.map(([fingerprint, salt]) => keysOf(tokens, fingerprint, salt)[0]);
  assert.equal(new Set(keys).size, namespaces.length);
});

test('every bit of a token id counts', () => {
  const tokens = new Int32Array(BLOCK_TOKENS);
  const keys = new Set(keysOf(tokens));
  for (let bit = 0; bit < 31; bit++) {
    tokens[BLOCK_TOKENS - 1] = 1 << bit;
    keys.add(keysOf(tokens)[0]!);
  }
  assert.equal(keys.size, 32);
});
