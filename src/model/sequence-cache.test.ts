// Rows taken out of one cache and put into another: the model goes on as if it had computed them.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import {
  maxDifference,
  randomModelFile,
  scaleOf,
  someTokens,
  testDevice,
  withModel,
} from './model-fixtures.js';
import type { CacheTypes, Model, SequenceCache } from './types.js';

const BLOCK = 64;

async function prefill(
  model: Model,
  cache: SequenceCache,
  tokens: Int32Array,
  chunkSize: number,
): Promise<Float32Array> {
  let logits: Float32Array = new Float32Array(0);
  while (cache.length < tokens.length) {
    const startPos = cache.length;
    const chunk = tokens.subarray(startPos, startPos + chunkSize);
    logits = await model.forward({ cache, tokens: chunk, startPos });
  }
  return logits;
}

function blocksOf(cache: SequenceCache, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => cache.exportRows(i * BLOCK, BLOCK));
}

/** Logits after a whole computation, and after one that starts from the other's blocks. */
async function bothWays(
  t: TestContext,
  { cacheTypes, chunkSize, settings = [], prefer = 'ggml', numTokens = 700 }: Case,
): Promise<[Float32Array, Float32Array]> {
  const path = await randomModelFile(t, settings, { seed: 3 });
  const device = testDevice(t, prefer);
  const options = { device, gatherFactor: 2, ...(cacheTypes && { cacheTypes }) };
  return withModel(path, options, async (model) => {
    const tokens = someTokens(numTokens, model.config.vocabSize);
    const whole = model.createCache(800);
    const logits = await prefill(model, whole, tokens, chunkSize);
    const numBlocks = Math.floor((numTokens - 1) / BLOCK);
    const blocks = blocksOf(whole, numBlocks);
    assert.equal(blocks[0]!.byteLength, BLOCK * model.cacheRowBytes);
    whole.dispose();
    const restored = model.createCache(800);
    restored.importRows(blocks.slice(0, 4), BLOCK);
    restored.importRows(blocks.slice(4), BLOCK); // grows the slab
    assert.equal(restored.length, numBlocks * BLOCK);
    const again = await prefill(model, restored, tokens, chunkSize);
    assert.deepEqual(blocksOf(restored, numBlocks), blocks, 'restored rows were not touched');
    restored.dispose();
    return [logits, again];
  });
}

interface Case {
  chunkSize: number;
  cacheTypes?: CacheTypes;
  settings?: string[];
  prefer?: 'ggml' | 'reference';
  numTokens?: number;
}

test('with the same chunks the logits are the same to the last bit', async (t) => {
  for (const cacheTypes of [
    { latent: 'f32', indexer: 'f32' },
    { latent: 'f16', indexer: 'q8_0' },
  ] as const) {
    const [logits, again] = await bothWays(t, { cacheTypes, chunkSize: 64 });
    assert.deepEqual(again, logits);
  }
});

test('so they are with keys that lie interleaved', async (t) => {
  const cacheTypes = { latent: 'f16', indexer: 'i8_rows' } as const;
  const settings = ['layers=2', 'experts=0'];
  // Few tokens: the device that always has row tables is slow.
  const options = { cacheTypes, settings, chunkSize: 64, prefer: 'reference' as const };
  const [logits, again] = await bothWays(t, { ...options, numTokens: 330 });
  assert.deepEqual(again, logits);
});

test('interleaved keys move in whole groups only', async (t) => {
  const cacheTypes = { latent: 'f16', indexer: 'i8_rows' } as const;
  const device = testDevice(t, 'reference');
  await withModel(await randomModelFile(t), { device, cacheTypes }, async (model) => {
    const cache = model.createCache(200);
    await prefill(model, cache, someTokens(40, model.config.vocabSize), 40);
    assert.equal(cache.exportRows(16, 16).byteLength, 16 * model.cacheRowBytes);
    assert.throws(() => cache.exportRows(8, 16), /16 rows from 8; .* in groups of 16/);
    assert.throws(() => cache.exportRows(0, 20), /20 rows from 0; .* in groups of 16/);
    const block = cache.exportRows(0, 16);
    assert.throws(() => cache.importRows([block], 16), /16 rows from 40/);
    cache.truncate(32);
    cache.importRows([block], 16);
    assert.deepEqual([cache.length, cache.exportRows(32, 16)], [48, block]);
    cache.dispose();
  });
});

test('with other chunks they differ by rounding only', async (t) => {
  // Dense attention: under sparse selection one rounding may choose another key among near equals.
  const [logits, again] = await bothWays(t, { chunkSize: 256, settings: ['topk=1024'] });
  assert.ok(maxDifference(logits, again) <= 1e-4 * scaleOf(logits));
  const [sparse, sparseAgain] = await bothWays(t, { chunkSize: 256 });
  assert.ok(maxDifference(sparse, sparseAgain) <= 1e-3 * scaleOf(sparse));
});

test('rows that are not there or do not fit are refused, and change nothing', async (t) => {
  const path = await randomModelFile(t);
  await withModel(path, { device: testDevice(t) }, async (model) => {
    const cache = model.createCache(100);
    await prefill(model, cache, someTokens(70, model.config.vocabSize), 70);
    assert.throws(() => cache.exportRows(64, 7), /exportRows: 7 rows from 64; there are 70/);
    assert.throws(() => cache.exportRows(-1, 2), RangeError);
    const block = cache.exportRows(0, BLOCK);
    assert.throws(() => cache.importRows([block], BLOCK), /64 rows from 70; there are 100/);
    assert.throws(() => cache.importRows([block.subarray(1)], 30), /a block has/);
    assert.equal(cache.length, 70);
    cache.dispose();
  });
});

test('rows stay where they are while a forward of their cache is running', async (t) => {
  const path = await randomModelFile(t);
  await withModel(path, { device: testDevice(t) }, async (model) => {
    const cache = model.createCache(200);
    await prefill(model, cache, someTokens(64, model.config.vocabSize), 64);
    const block = cache.exportRows(0, BLOCK);
    const tokens = someTokens(64, model.config.vocabSize);
    const running = model.forward({ cache, tokens, startPos: 64 });
    await Promise.resolve(); // the forward begins
    assert.throws(() => cache.exportRows(0, BLOCK), /rows were read/);
    assert.throws(() => cache.importRows([block], BLOCK), /rows were written/);
    assert.throws(() => cache.truncate(1), /rows were forgotten/);
    assert.throws(() => cache.dispose(), /the cache was disposed/);
    await running;
    cache.importRows([block], BLOCK);
    assert.equal(cache.length, 192);
    cache.dispose();
  });
});

test('the fingerprint names content, not the file', async (t) => {
  const fingerprint = async (seed: number, options: { cacheTypes?: CacheTypes } = {}) => {
    const path = await randomModelFile(t, [], { seed });
    return withModel(path, { device: testDevice(t), ...options }, async (m) => m.fingerprint);
  };
  const one = await fingerprint(1);
  assert.match(one, /^[0-9a-f]{32}$/);
  assert.equal(await fingerprint(1), one);
  assert.notEqual(await fingerprint(2), one);
  const halves = { cacheTypes: { latent: 'f16', indexer: 'f16' } } as const;
  assert.notEqual(await fingerprint(1, halves), one);
});
