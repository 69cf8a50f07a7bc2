// Memory for caches: what is chosen, and what a small budget means for the context.

import assert from 'node:assert/strict';
import test from 'node:test';
import { chooseCacheBudget } from './cache-budget.js';
import { maxCacheRows } from './loaded-cache.js';

const GiB = 1024 ** 3;
const bytesOf = (numTokens: number) => Math.ceil(numTokens / 256) * 256 * 1000;

test('a quarter of what is available, and not less than 256 MiB', () => {
  const options = { wantedBytes: undefined, contextLength: 4096, bytesOf };
  assert.equal(chooseCacheBudget({ ...options, availableBytes: 8 * GiB }).budgetBytes, 2 * GiB);
  const small = chooseCacheBudget({ ...options, availableBytes: 100 });
  assert.equal(small.budgetBytes, GiB / 4);
  assert.equal(small.note, '256 MiB for caches');
});

test('a budget below a whole context cuts the context, and says so', () => {
  const choice = chooseCacheBudget({ wantedBytes: 2_000_000, contextLength: 4096, bytesOf });
  assert.equal(choice.contextLength, 1792);
  assert.match(choice.note, /cuts the context to 1792 tokens/);
  const exact = chooseCacheBudget({ wantedBytes: bytesOf(4096), contextLength: 4096, bytesOf });
  assert.equal(exact.contextLength, 4096);
});

test('a budget that holds nothing is refused, naming the option and the least that does', () => {
  const options = { contextLength: 4096, bytesOf: (tokens: number) => 40 * bytesOf(tokens) };
  assert.throws(() => chooseCacheBudget({ ...options, wantedBytes: 100_000 }), {
    name: 'ModelError',
    message:
      'caches may take 0.1 MiB, too little for one of 64 tokens; ' +
      'give --kv-memory at least 10M (more makes a longer context)',
  });
  const least = chooseCacheBudget({ ...options, wantedBytes: 10 * 1024 ** 2 });
  assert.ok(least.contextLength >= 64);
});

test('a budget above the memory of the machine is refused with both figures', () => {
  const options = { contextLength: 4096, bytesOf, machineBytes: 8 * GiB };
  assert.throws(() => chooseCacheBudget({ ...options, wantedBytes: 100 * GiB }), {
    name: 'ModelError',
    message: '--kv-memory is 102400 MiB, but there are 8192 MiB of memory',
  });
});

test('the bound on rows holds for every way a slab can have grown', () => {
  const roundUp = (rows: number) => Math.ceil(rows / 256) * 256;
  for (let first = 1; first < 4000; first += 61) {
    let rows = 512; // as in the model's sequence-cache.ts
    for (const tokens of [first, first + 1, first + 300, 2 * first + 307]) {
      if (tokens > rows) rows = Math.max(roundUp(tokens), 2 * rows);
      assert.ok(rows <= maxCacheRows(tokens, 1 << 20), `${rows} rows for ${tokens} tokens`);
    }
  }
  assert.equal(maxCacheRows(5000, 6000), 6000);
});
