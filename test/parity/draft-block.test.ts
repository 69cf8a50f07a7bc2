// The multi-token-prediction block against its second definition (draft-oracle.ts): whole prompts,
// single rows and several sequences at once, with row tables and composed, on both devices. Hidden
// states come from the model itself, so that only the block is judged here.

import assert from 'node:assert/strict';
import test from 'node:test';

import {
  randomModelFile,
  someTokens,
  testDevice,
  withModel,
} from '../../src/model/model-fixtures.js';
import type { Model, ModelOptions, SequenceCache } from '../../src/model/types.js';
import { draftLogits, OracleWeights } from './draft-oracle.js';

const NUM_TOKENS = 26;

/** With 16 indexer heads no two keys score exactly alike. */
const SHAPES: { name: string; settings: string[]; devices: ('ggml' | 'reference')[] }[] = [
  {
    name: 'sparse',
    devices: ['ggml', 'reference'],
    settings: ['mtp-layers=1', 'topk=12', 'indexer-heads=16'],
  },
  { name: 'without indexer', devices: ['ggml'], settings: ['mtp-layers=1', 'indexer-heads=0'] },
  {
    name: 'without experts',
    devices: ['ggml'],
    settings: ['mtp-layers=1', 'topk=12', 'indexer-heads=16', 'experts=0'],
  },
];

/** A model with its block, and caches that are freed with it. */
async function withBlock<T>(
  path: string,
  options: ModelOptions,
  run: (model: Model, createCache: (capacity: number) => SequenceCache) => Promise<T>,
): Promise<T> {
  const caches: SequenceCache[] = [];
  return withModel(path, { ...options, withDraft: true }, async (model) => {
    try {
      return await run(model, (capacity) => {
        caches.push(model.createCache(capacity));
        return caches.at(-1)!;
      });
    } finally {
      for (const cache of caches) cache.dispose();
    }
  });
}

async function prefill(model: Model, tokens: Int32Array, cache: SequenceCache) {
  const [output] = await model.forwardBatch([
    { cache, tokens, startPos: 0, wantLogits: 'none', wantHidden: true },
  ]);
  return output!.hidden!;
}

/** What the block guesses after every row, asked in pieces that end where `ends` says. */
async function drafts(
  model: Model,
  cache: SequenceCache,
  tokens: Int32Array,
  hidden: Float32Array,
  ends: readonly number[],
): Promise<Map<number, number>> {
  const { hiddenSize } = model.config;
  const guesses = new Map<number, number>();
  let start = 0;
  for (const end of ends) {
    const [guess] = await model.draft([
      {
        cache,
        startPos: start,
        tokens: tokens.slice(start + 1, end + 1),
        hidden: hidden.slice(start * hiddenSize, end * hiddenSize),
        wantToken: true,
      },
    ]);
    guesses.set(end - 1, guess!);
    start = end;
  }
  return guesses;
}

function argmaxes(rows: readonly Float64Array[]): number[] {
  return rows.map((row) => row.indexOf(Math.max(...row)));
}

for (const { name, settings, devices } of SHAPES) {
  test(`the draft block is the one defined: ${name}`, async (t) => {
    const path = await randomModelFile(t, settings);
    const oracle = new OracleWeights(path);
    const ways = devices.flatMap((prefer) =>
      (['auto', 'off'] as const).map((rowTables) => ({ prefer, rowTables })),
    );
    for (const { prefer, rowTables } of ways) {
      await t.test(`${prefer}, row tables ${rowTables}`, async (t) => {
        const options = { device: testDevice(t, prefer), rowTables };
        await withBlock(path, options, async (model, createCache) => {
          const tokens = someTokens(NUM_TOKENS + 1, model.config.vocabSize);
          const cache = createCache(NUM_TOKENS);
          const hidden = await prefill(model, tokens.slice(0, NUM_TOKENS), cache);
          const expected = argmaxes(draftLogits(oracle, hidden, tokens.slice(1)));
          // A chunk from the start, one with history, then row by row.
          const ends = [10, 20, ...Array.from({ length: NUM_TOKENS - 20 }, (_, i) => 21 + i)];
          const guesses = await drafts(model, cache, tokens, hidden, ends);
          for (const [row, guess] of guesses) assert.equal(guess, expected[row], `row ${row}`);
          const distinct = new Set(guesses.values());
          assert.ok(distinct.size > 5, 'guesses that differ');
        });
      });
    }
  });
}

test('sequences of one draft do not see each other; a refused row is overwritten', async (t) => {
  const path = await randomModelFile(t, SHAPES[0]!.settings);
  const oracle = new OracleWeights(path);
  await withBlock(path, { device: testDevice(t) }, async (model, createCache) => {
    const { hiddenSize, vocabSize } = model.config;
    const sequences = await Promise.all(
      [20, 31].map(async (length, i) => {
        const tokens = someTokens(length + 1, vocabSize, 11 + i);
        const cache = createCache(64);
        const hidden = await prefill(model, tokens.slice(0, length), cache);
        return {
          tokens,
          cache,
          hidden,
          expected: argmaxes(draftLogits(oracle, hidden, tokens.slice(1))),
        };
      }),
    );
    const items = (from: number, count: number, wantToken: boolean) =>
      sequences.map(({ tokens, cache, hidden }, i) => ({
        cache,
        startPos: from,
        tokens: tokens.slice(from + 1, from + count + 1 + i),
        hidden: hidden.slice(from * hiddenSize, (from + count + i) * hiddenSize),
        wantToken: wantToken && i === 1,
      }));
    assert.deepEqual([...(await model.draft(items(0, 12, false)))], [-1, -1]);
    const wrong = items(12, 3, true).map((item) => ({
      ...item,
      tokens: item.tokens.map((token) => (token + 1) % vocabSize),
    }));
    const [none, other] = await model.draft(wrong);
    assert.equal(none, -1);
    assert.notEqual(other, sequences[1]!.expected[15]);
    assert.deepEqual(
      [...(await model.draft(items(12, 3, true)))],
      [-1, sequences[1]!.expected[15]],
    );
  });
});

test('rows that cannot be are refused', async (t) => {
  const path = await randomModelFile(t, ['mtp-layers=1']);
  await withBlock(path, { device: testDevice(t) }, async (model, createCache) => {
    const { hiddenSize } = model.config;
    const cache = createCache(8);
    await prefill(model, Int32Array.of(1, 2, 3), cache);
    const item = {
      cache,
      startPos: 1,
      tokens: Int32Array.of(5, 6),
      hidden: new Float32Array(2 * hiddenSize),
      wantToken: true,
    };
    assert.equal((await model.draft([item])).length, 1);
    for (const [change, message] of [
      [{ startPos: 2 }, /2 draft row\(s\) from position 2; the cache holds 3/],
      [{ tokens: Int32Array.of() }, /0 draft row\(s\)/],
      [{ hidden: new Float32Array(3) }, /3 hidden values for 2 draft row\(s\)/],
      [{ tokens: Int32Array.of(5, -1) }, /token id -1/],
    ] as const) {
      await assert.rejects(model.draft([{ ...item, ...change }]), { name: 'RangeError', message });
    }
    await assert.rejects(model.draft([item, item]), /comes twice/);
  });
});

test('a file without the block, or a model loaded without it, cannot draft', async (t) => {
  const device = testDevice(t);
  for (const [settings, withDraft] of [
    [[], true],
    [['mtp-layers=1'], false],
  ] as const) {
    const path = await randomModelFile(t, settings);
    await withModel(path, { device, withDraft }, async (model) => {
      assert.equal(model.canDraft, false);
      await assert.rejects(model.draft([]), /no multi-token-prediction block/);
    });
  }
});
