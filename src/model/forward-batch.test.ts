// Steps of many sequences: whatever shares a step, and however a sequence is cut into steps, each gets
// what it would get alone. Over row tables and composed, on the devices that have them.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';

import type { Device } from '../tensor/types.js';
import { loadModel } from './load-model.js';
import {
  logitsInChunks,
  maxDifference,
  randomModelFile,
  randomSource,
  scaleOf,
  someTokens,
  testDevice,
  withModel,
} from './model-fixtures.js';
import type { ForwardItem, ForwardOutput, Model, ModelOptions, SequenceCache } from './types.js';

/** Rounding only: products over more columns sum in another order. Relative to the largest logit. */
const ROUNDING = 1e-4;

// With 16 heads no two keys score alike, so that every path must choose the same ones.
const SETTINGS = ['layers=2', 'topk=16', 'indexer-heads=16'];

interface Path {
  name: string;
  prefer: 'ggml' | 'reference';
  rowTables: 'auto' | 'off';
}

const PATHS: readonly Path[] = [
  { name: 'ggml, row tables', prefer: 'ggml', rowTables: 'auto' },
  { name: 'ggml, composed', prefer: 'ggml', rowTables: 'off' },
  { name: 'reference, row tables', prefer: 'reference', rowTables: 'auto' },
  { name: 'reference, composed', prefer: 'reference', rowTables: 'off' },
];

/** Runs the test once per path; a device without row tables has one path less. */
function onEveryPath(
  name: string,
  run: (t: TestContext, options: ModelOptions & { device: Device }) => Promise<void>,
): void {
  for (const { name: path, prefer, rowTables } of PATHS) {
    test(`${name} (${path})`, async (t) => {
      const device = testDevice(t, prefer);
      if (rowTables === 'auto' && !device.hasRowTables) return t.skip(device.kernels);
      // A fixed factor keeps what is measured at load out of the tests.
      await run(t, { device, rowTables, gatherFactor: 2 });
    });
  }
}

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  const relative = maxDifference(actual, expected) / scaleOf(expected);
  assert.ok(relative <= ROUNDING, `${what}: relative difference ${relative}`);
}

function argmax(values: Float32Array): number {
  return values.indexOf(Math.max(...values));
}

/** One sequence of a random schedule, and what it gets alone. */
interface Track {
  tokens: Int32Array;
  alone: Float32Array;
  cache: SequenceCache;
}

function rowOf(logits: Float32Array, position: number, vocabSize: number): Float32Array {
  return logits.subarray(position * vocabSize, (position + 1) * vocabSize);
}

function checkOutput(
  track: Track,
  { startPos, tokens, wantLogits, wantHidden }: ForwardItem,
  output: ForwardOutput,
  { vocabSize, hiddenSize }: Model['config'],
): void {
  const end = startPos + tokens.length;
  const first = { all: startPos, last: end - 1, none: end }[wantLogits ?? 'last'];
  assert.equal(output.logits.length, (end - first) * vocabSize);
  for (let position = first; position < end; position++) {
    const actual = rowOf(output.logits, position - first, vocabSize);
    const expected = rowOf(track.alone, position, vocabSize);
    assertClose(actual, expected, `position ${position}`);
    assert.equal(argmax(actual), argmax(expected), `greedy token after position ${position}`);
  }
  assert.equal(output.hidden?.length, wantHidden === true ? tokens.length * hiddenSize : undefined);
}

onEveryPath('random schedules give every sequence what it gets alone', async (t, options) => {
  const path = await randomModelFile(t, SETTINGS);
  await withModel(path, options, async (model) => {
    const { vocabSize } = model.config;
    const random = randomSource(11);
    const tracks: Track[] = [];
    for (const [i, length] of [40, 23, 31, 9, 26].entries()) {
      const tokens = someTokens(length, vocabSize, i + 1);
      const alone = await logitsInChunks(model, tokens, length);
      tracks.push({ tokens, alone, cache: model.createCache(64) });
    }
    const numSteps = options.device.kind === 'ggml' ? 60 : 15;
    for (let step = 0; step < numSteps; step++) {
      const items: ForwardItem[] = [];
      const running = tracks.filter(() => random() < 0.7);
      for (const { tokens, cache } of running) {
        // Now and then back, as after a rejected draft, and from the start when all is done.
        if (cache.length === tokens.length || random() < 0.1) {
          cache.truncate(Math.floor(random() * cache.length));
        }
        const startPos = cache.length;
        const isChunk = random() < 0.3;
        const count = isChunk ? 1 + Math.floor(random() * 20) : 1 + Math.floor(random() * 2);
        items.push({
          cache,
          startPos,
          tokens: tokens.slice(startPos, startPos + count),
          wantLogits: (['last', 'all', 'none'] as const)[Math.floor(random() * 3)]!,
          wantHidden: random() < 0.2,
        });
      }
      const outputs = await model.forwardBatch(items);
      for (const [i, item] of items.entries()) {
        checkOutput(running[i]!, item, outputs[i]!, model.config);
        assert.equal(item.cache.length, item.startPos + item.tokens.length);
      }
    }
    for (const { cache } of tracks) cache.dispose();
    const stats = model.stats();
    assert.ok(stats.denseTokens > 0 && stats.sparseTokens > 0 && stats.compiledGraphs > 0);
  });
});

onEveryPath('caches grow, and blocks move, while others run beside them', async (t, options) => {
  const path = await randomModelFile(t, ['layers=1', 'topk=1024', 'experts=0']);
  await withModel(path, options, async (model) => {
    const { vocabSize } = model.config;
    const tokens = someTokens(560, vocabSize);
    const long = model.createCache(2048);
    const short = model.createCache(64);
    const initialBytes = long.byteLength;
    const run = (cache: SequenceCache, count: number): ForwardItem => ({
      cache,
      tokens: tokens.slice(cache.length, cache.length + count),
      startPos: cache.length,
    });
    let last: ForwardOutput[] = [];
    // The slab has room for 512 rows at first.
    while (long.length < 560) last = await model.forwardBatch([run(short, 2), run(long, 80)]);
    assert.ok(long.byteLength > initialBytes);
    const expected = last.map(({ logits }) => logits.slice());
    const moved = model.createCache(2048);
    moved.importRows(
      [0, 1, 2, 3, 4, 5, 6, 7].map((i) => long.exportRows(i * 64, 64)),
      64,
    );
    short.truncate(12);
    const again = await model.forwardBatch([run(moved, 48), run(short, 2)]);
    assertClose(again[0]!.logits, expected[1]!, 'from moved blocks');
    assertClose(again[1]!.logits, expected[0]!, 'beside moved blocks');
    for (const cache of [long, short, moved]) cache.dispose();
  });
});

onEveryPath('hidden states are those before the head', async (t, options) => {
  const path = await randomModelFile(t, ['layers=2', 'topk=16']);
  await withModel(path, options, async (model) => {
    const { hiddenSize } = model.config;
    const tokens = someTokens(12, model.config.vocabSize);
    const one = model.createCache(32);
    const other = model.createCache(32);
    const [whole] = await model.forwardBatch([
      { cache: one, tokens, startPos: 0, wantLogits: 'none', wantHidden: true },
    ]);
    const parts = await model.forwardBatch([
      { cache: other, tokens: tokens.slice(0, 5), startPos: 0, wantHidden: true },
      { cache: one, tokens: tokens.slice(6, 7), startPos: 6, wantLogits: 'all' },
    ]);
    assert.equal(whole!.logits.length, 0);
    assertClose(parts[0]!.hidden!, whole!.hidden!.subarray(0, 5 * hiddenSize), 'hidden');
    assert.equal(parts[1]!.hidden, undefined);
    one.dispose();
    other.dispose();
  });
});

onEveryPath('an abort leaves every cache of the step at its start', async (t, options) => {
  const path = await randomModelFile(t, SETTINGS);
  await withModel(path, options, async (model) => {
    const tokens = someTokens(48, model.config.vocabSize);
    const caches = [model.createCache(64), model.createCache(64)];
    const step = (startPos: number, count: number): ForwardItem[] =>
      caches.map((cache) => ({
        cache,
        startPos,
        tokens: tokens.slice(startPos, startPos + count),
      }));
    const expected = (await model.forwardBatch(step(0, 20))).map(({ logits }) => logits.slice());
    const abort = new AbortController();
    const running = model.forwardBatch(step(20, 28), abort.signal);
    abort.abort(new Error('left'));
    await assert.rejects(running, /left/);
    assert.deepEqual(
      caches.map(({ length }) => length),
      [20, 20],
    );
    await assert.rejects(model.forwardBatch(step(10, 4), abort.signal), /left/);
    assert.deepEqual(
      caches.map(({ length }) => length),
      [10, 10],
    );
    const again = await model.forwardBatch(step(10, 10));
    for (const [i, { logits }] of again.entries()) assertClose(logits, expected[i]!, 'again');
    for (const cache of caches) cache.dispose();
  });
});

onEveryPath('a bad item refuses the whole step, and nothing is changed', async (t, options) => {
  await withModel(await randomModelFile(t, ['layers=1']), options, async (model) => {
    const good = model.createCache(8);
    const other = model.createCache(8);
    const tokens = Int32Array.of(1, 2);
    const item = { cache: good, tokens, startPos: 0 };
    await model.forwardBatch([item]);
    const refused = (bad: ForwardItem, message: RegExp): Promise<void> =>
      assert.rejects(model.forwardBatch([{ ...item, startPos: 1 }, bad]), message);
    await refused({ ...item, startPos: 2 }, /a cache comes twice/);
    await refused({ cache: other, tokens: Int32Array.of(512), startPos: 0 }, /token id 512/);
    await refused({ cache: other, tokens, startPos: 1 }, /startPos is 1; the cache holds 0/);
    await refused({ cache: other, tokens: new Int32Array(9), startPos: 0 }, /holds up to 8/);
    assert.deepEqual([good.length, other.length], [2, 0]);
    assert.throws(() => good.truncate(3), /length is 3; the cache holds 2 tokens/);
    assert.deepEqual(await model.forwardBatch([]), []);
    assert.equal(model.canDraft, false);
    await assert.rejects(model.draft([]), /no multi-token-prediction block was loaded/);
    good.dispose();
    other.dispose();
    await assert.rejects(model.forwardBatch([item]), /has been disposed/);
  });
});

onEveryPath('nothing is left when sequences come and go', async (t, options) => {
  const { device } = options;
  const path = await randomModelFile(t, SETTINGS);
  const atStart = device.allocatedBytes;
  const model = loadModel(path, options);
  const tokens = someTokens(30, model.config.vocabSize);
  const after: number[] = [];
  for (let round = 0; round < 3; round++) {
    const caches = [model.createCache(64), model.createCache(2048)];
    for (const [startPos, count] of [
      [0, 20],
      [20, 1],
      [21, 1],
    ] as const) {
      await model.forwardBatch(
        caches.map((cache) => ({
          cache,
          startPos,
          tokens: tokens.slice(startPos, startPos + count),
        })),
      );
    }
    for (const cache of caches) cache.dispose();
    after.push(device.allocatedBytes);
  }
  // Graphs over row tables stay, and serve the next round.
  assert.deepEqual(after, [after[0], after[0], after[0]]);
  model.dispose();
  assert.equal(device.allocatedBytes, atStart);
});
