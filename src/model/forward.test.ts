import assert from 'node:assert/strict';
import test from 'node:test';

import type { Device, Tensor } from '../tensor/types.js';
import { attention } from './attention.js';
import { ComposedAttention, isPlainCheaper, type Selection } from './composed-attention.js';
import { presetConfig } from './presets.js';
import { loadModel } from './load-model.js';
import { loadWeights } from './load-weights.js';
import {
  logitsInChunks,
  maxDifference,
  randomModelFile,
  scaleOf,
  someTokens,
  testDevice,
  withModel,
} from './model-fixtures.js';
import { openGguf } from './gguf-reader.js';
import type { OutputType } from './output-type.js';
import type { Model, ModelOptions } from './types.js';

/** Rounding only: two orders of the same f32 sums, relative to the largest logit. */
const ROUNDING = 2e-5;

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  const relative = maxDifference(actual, expected) / scaleOf(expected);
  assert.ok(relative <= ROUNDING, `${what}: relative difference ${relative}`);
}

/** The shapes that differ in code path. The top-k of 16 is passed early. */
const SHAPES: { name: string; settings: string[] }[] = [
  { name: 'sparse', settings: ['topk=16'] },
  { name: 'sparse, YaRN, groups', settings: ['topk=16', 'yarn=8', 'groups=4', 'groups-used=2'] },
  {
    name: 'odd indexer heads, two shared experts',
    settings: ['topk=16', 'indexer-heads=3', 'shared-experts=2'],
  },
  { name: 'dense without indexer', settings: ['indexer-heads=0'] },
  { name: 'dense without low-rank queries', settings: ['q-lora=0'] },
  { name: 'no experts', settings: ['topk=16', 'experts=0'] },
  {
    name: 'softmax gate without renormalisation',
    settings: ['softmax-gate=1', 'norm-topk=0', 'dense-layers=0'],
  },
];

for (const rowTables of ['auto', 'off'] as const) {
  test(`one prompt gives the same logits whole, in chunks, and token by token (row tables ${rowTables})`, async (t) => {
    for (const { name, settings } of SHAPES) {
      await t.test(name, async (t) => {
        const options = { device: testDevice(t), rowTables, gatherFactor: 2 };
        await withModel(await randomModelFile(t, settings), options, async (model) => {
          const tokens = someTokens(70, model.config.vocabSize);
          const whole = await logitsInChunks(model, tokens, tokens.length);
          assertClose(await logitsInChunks(model, tokens, 1), whole, 'token by token');
          assertClose(await logitsInChunks(model, tokens, 23), whole, 'chunks of 23');
        });
      });
    }
  });
}

test('row tables and single operations compute the same', async (t) => {
  for (const prefer of ['ggml', 'reference'] as const) {
    const device = testDevice(t, prefer);
    if (!device.hasRowTables) continue; // said by the tests of batches
    for (const { name, settings } of SHAPES) {
      // Without ties both choose the same keys: see forward-batch.test.ts.
      const withHeads = settings.includes('topk=16') ? ['indexer-heads=16'] : [];
      const path = await randomModelFile(t, ['layers=2', ...settings, ...withHeads]);
      const tokens = someTokens(24, 512);
      const run = (rowTables: 'auto' | 'off'): Promise<Float32Array> =>
        withModel(path, { device, rowTables, gatherFactor: 1 }, (model) =>
          logitsInChunks(model, tokens, 21),
        );
      assertClose(await run('auto'), await run('off'), `${name} (${prefer})`);
    }
  }
});

test('gathering and masking choose alike', async (t) => {
  const device = testDevice(t);
  const path = await randomModelFile(t, ['topk=16']);
  const tokens = someTokens(120, 512);
  const run = (gatherFactor: number): Promise<Float32Array> =>
    withModel(path, { device, rowTables: 'off', gatherFactor }, (model) =>
      logitsInChunks(model, tokens, 40),
    );
  assertClose(await run(1), await run(1000), 'gather against mask');
});

test('a top-k of the whole context is dense attention', async (t) => {
  const device = testDevice(t);
  const tokens = someTokens(80, 512);
  const run = async (settings: string[]): Promise<Float32Array> =>
    withModel(await randomModelFile(t, settings), { device }, (model) =>
      logitsInChunks(model, tokens, 80),
    );
  const dense = await run(['indexer-heads=0']);
  assertClose(await run(['topk=80']), dense, 'top-k equal to the length');
  assertClose(await run(['topk=4096']), dense, 'top-k above the length');
  const sparse = await run(['topk=79']);
  assert.ok(maxDifference(sparse, dense) > 1e-3, 'one key less makes a difference');
});

test('a later token never changes earlier logits', async (t) => {
  const device = testDevice(t);
  await withModel(await randomModelFile(t, ['topk=16']), { device }, async (model) => {
    const { vocabSize } = model.config;
    const tokens = someTokens(50, vocabSize);
    const before = await logitsInChunks(model, tokens, 50);
    const changed = Int32Array.from(tokens);
    changed[30] = (changed[30]! + 1) % vocabSize;
    const after = await logitsInChunks(model, changed, 50);
    const split = 30 * vocabSize;
    assert.equal(maxDifference(after.subarray(0, split), before.subarray(0, split)), 0);
    assert.ok(maxDifference(after.subarray(split), before.subarray(split)) > 0.01);
  });
});

test('rotating neighbouring pairs in the indexer chooses other keys', async (t) => {
  // Guards against the bug of the first published demo (model reference §6.3).
  const device = testDevice(t);
  const tokens = someTokens(80, 512);
  const run = async (interleaved: number, topk: number): Promise<Float32Array> => {
    const settings = [`topk=${topk}`, `indexer-interleaved=${interleaved}`];
    return withModel(await randomModelFile(t, settings), { device }, (model) =>
      logitsInChunks(model, tokens, 80),
    );
  };
  assert.ok(maxDifference(await run(1, 16), await run(0, 16)) > 0.01);
  assertClose(await run(1, 80), await run(0, 80), 'both dense');
});

/** Attention outputs of layer 0 for a chunk whose cache rows it writes itself. */
function attentionOf(
  device: Device,
  path: string,
  numTokens: number,
  { selection, kvLoraRank }: { selection: Selection; kvLoraRank: number },
): Float32Array {
  const config = presetConfig('test', ['topk=16', 'layers=1', `kv-lora=${kvLoraRank}`]);
  const file = openGguf(path);
  const weights = loadWeights(device, file, config);
  file.close();
  const slab = device.allocate([
    { name: 'latent', dtype: 'f32', shape: [kvLoraRank + config.qkRopeHeadDim, 64] },
    { name: 'keys', dtype: 'f32', shape: [128, 64] },
  ]);
  const graph = device.buildGraph((g) => {
    const x: Tensor = g.input('x', 'f32', [config.hiddenSize, numTokens]);
    const positions = g.input('positions', 'i32', [numTokens]);
    const sequence = {
      latent: slab.get('latent'),
      keys: slab.get('keys'),
      firstToken: 0,
      numTokens,
      numKeys: 64,
      selection,
    };
    const caches = new ComposedAttention(g, positions, [sequence], config);
    return { y: attention(g, x, positions, 0, weights.layers[0]!, caches, config) };
  });
  const size = config.hiddenSize * numTokens;
  graph.write(
    'x',
    Float32Array.from({ length: size }, (_, i) => Math.sin(i * 1.7)),
  );
  graph.write(
    'positions',
    Int32Array.from({ length: numTokens }, (_, i) => i),
  );
  const mask = new Float32Array(64 * numTokens).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < numTokens; i++) mask.fill(0, i * 64, i * 64 + i + 1);
  graph.write('mask.0', mask);
  graph.computeSync();
  const y = graph.readF32('y');
  graph.dispose();
  slab.dispose();
  weights.allocation.dispose();
  return y;
}

test('absorbed and plain attention are the same function', async (t) => {
  const device = testDevice(t);
  // With a latent this wide the plain form is cheaper from a few tokens on.
  const path = await randomModelFile(t, ['topk=16', 'layers=1', 'kv-lora=256']);
  const config = presetConfig('test', ['kv-lora=256']);
  assert.equal(isPlainCheaper(33, config), false);
  assert.equal(isPlainCheaper(40, config), true);
  for (const selection of ['dense', 'masked'] as const) {
    const options = { selection, kvLoraRank: 256 };
    const absorbed = attentionOf(device, path, 33, options);
    const plain = attentionOf(device, path, 40, options);
    assertClose(plain.subarray(0, absorbed.length), absorbed, selection);
  }
});

test('half-precision and eight-bit caches stay close to f32', async (t) => {
  const path = await randomModelFile(t, ['layers=2', 'topk=32']);
  const tokens = someTokens(32, 512);
  for (const prefer of ['ggml', 'reference'] as const) {
    const device = testDevice(t, prefer);
    const exact = await withModel(path, { device }, (model) => logitsInChunks(model, tokens, 60));
    for (const indexer of ['f16', 'q8_0', 'i8_rows'] as const) {
      if (indexer === 'i8_rows' && !device.hasRowTables) continue;
      const cacheTypes = { latent: 'f16', indexer } as const;
      const halved = await withModel(path, { device, cacheTypes }, (model) =>
        logitsInChunks(model, tokens, 1),
      );
      const relative = maxDifference(halved, exact) / scaleOf(exact);
      assert.ok(relative > 0 && relative < 0.02, `${indexer}: relative difference ${relative}`);
    }
  }
});

test('cache types follow the weights and what the device can read', async (t) => {
  for (const prefer of ['ggml', 'reference'] as const) {
    const device = testDevice(t, prefer);
    const rowBytes = async (type: OutputType, rowTables: 'auto' | 'off'): Promise<number> =>
      withModel(
        await randomModelFile(t, ['layers=2'], { type }),
        { device, rowTables, gatherFactor: 2 },
        async (model) => model.cacheRowBytes / 2,
      );
    // A latent row of 96 and a key of 128 values.
    assert.equal(await rowBytes('f32', 'auto'), 4 * (96 + 128));
    assert.equal(await rowBytes('f16', 'off'), 2 * 96 + (128 / 32) * 34);
    const eightBits = device.hasRowTables ? 128 + 4 : (128 / 32) * 34;
    assert.equal(await rowBytes('f16', 'auto'), 2 * 96 + eightBits);
  }
  const device = testDevice(t);
  const path = await randomModelFile(t);
  const cacheTypes = { latent: 'f16', indexer: 'i8_rows' } as const;
  assert.throws(
    () => loadModel(path, { device, cacheTypes, rowTables: 'off' }),
    /i8_rows need row tables \(they are switched off\); use q8_0 or auto/,
  );
});

test('what attention will do is said at load, and measured where it is not known', async (t) => {
  const path = await randomModelFile(t);
  const noteOf = async (options: Omit<ModelOptions, 'device'>): Promise<string | undefined> => {
    let note: string | undefined;
    const withNote = { ...options, device: testDevice(t), onNote: (said: string) => (note = said) };
    await withModel(path, withNote, async () => undefined);
    return note;
  };
  assert.match(
    (await noteOf({ rowTables: 'off' }))!,
    /gather chosen rows from \d+ tokens of context on \(\d+\.\d times top-k, measured in \d+ ms\)/,
  );
  assert.equal(await noteOf({ rowTables: 'off', gatherFactor: 3 }), undefined);
  if (testDevice(t).hasRowTables) assert.match((await noteOf({}))!, /kernels over row tables/);
});

test('every storage type runs, near the f32 model', async (t) => {
  const device = testDevice(t);
  // All rows are whole q4_K blocks; one layer without experts keeps small errors small.
  const settings = [
    'layers=1',
    'experts=0',
    'hidden=256',
    'q-lora=256',
    'kv-lora=256',
    'heads=8',
    'ff=256',
  ];
  const tokens = someTokens(20, 512);
  const run = async (type: 'f32' | 'f16' | 'bf16' | 'q8_0' | 'q4_K'): Promise<Float32Array> =>
    withModel(await randomModelFile(t, settings, { type }), { device }, (model) =>
      logitsInChunks(model, tokens, 20),
    );
  const exact = await run('f32');
  const limits = { f16: 5e-3, bf16: 0.05, q8_0: 0.1, q4_K: 0.6 };
  for (const [type, limit] of Object.entries(limits)) {
    const relative = maxDifference(await run(type as keyof typeof limits), exact) / scaleOf(exact);
    assert.ok(relative > 0 && relative < limit, `${type}: relative difference ${relative}`);
  }
});

test('last, all and none agree, and caches continue from any position they hold', async (t) => {
  const device = testDevice(t);
  await withModel(await randomModelFile(t, ['topk=16']), { device }, async (model) => {
    const { vocabSize } = model.config;
    const tokens = someTokens(40, vocabSize);
    const all = await logitsInChunks(model, tokens, 40);
    const cache = model.createCache(64);
    const last = await model.forward({ cache, tokens, startPos: 0 });
    assertClose(last, all.subarray(39 * vocabSize), 'last');
    assert.equal(cache.length, 40);
    // Back to position 20, by way of a chunk without logits.
    const middle = { cache, tokens: tokens.slice(20, 39), startPos: 20 };
    assert.equal((await model.forward({ ...middle, wantLogits: 'none' })).length, 0);
    assert.equal(cache.length, 39);
    const out = new Float32Array(vocabSize);
    const again = await model.forward({ cache, tokens: tokens.slice(39), startPos: 39, out });
    assert.equal(again, out);
    assertClose(out, last, 'continued');
    cache.dispose();
  });
});

test('a cache grows past its first rows without changing anything', async (t) => {
  const device = testDevice(t);
  await withModel(await randomModelFile(t, ['layers=1', 'topk=32']), { device }, async (model) => {
    const { vocabSize } = model.config;
    const tokens = someTokens(700, vocabSize);
    const whole = model.createCache(700);
    const expected = await model.forward({ cache: whole, tokens, startPos: 0 });
    const grown = model.createCache(4096);
    const initialBytes = grown.byteLength;
    assert.ok(initialBytes < model.cacheBytes(4096));
    for (let start = 0; start < 690; start += 230) {
      const chunk = tokens.slice(start, start + 230);
      await model.forward({ cache: grown, tokens: chunk, startPos: start, wantLogits: 'none' });
    }
    const logits = await model.forward({ cache: grown, tokens: tokens.slice(690), startPos: 690 });
    assertClose(logits, expected, 'grown');
    assert.ok(grown.byteLength > initialBytes);
    whole.dispose();
    grown.dispose();
  });
});

test('impossible requests are refused before anything runs', async (t) => {
  const device = testDevice(t);
  await withModel(await randomModelFile(t, ['layers=1']), { device }, async (model) => {
    const cache = model.createCache(8);
    const forward = (tokens: number[], startPos: number): Promise<Float32Array> =>
      model.forward({ cache, tokens: Int32Array.from(tokens), startPos });
    await assert.rejects(forward([512], 0), /token id 512 is outside the vocabulary of 512/);
    await assert.rejects(forward([-1], 0), /token id -1/);
    await assert.rejects(forward([1], 1), /startPos is 1; the cache holds 0 tokens/);
    await assert.rejects(forward([], 0), /0 token\(s\) from position 0/);
    await assert.rejects(
      forward(
        Array.from({ length: 9 }, () => 1),
        0,
      ),
      /holds up to 8/,
    );
    assert.throws(() => model.createCache(4097), /capacity is 4097; possible: 1 to 4096/);
    assert.throws(() => model.dispose(), /1 cache\(s\) of .* are alive/);
    const signal = AbortSignal.abort(new Error('left'));
    await assert.rejects(
      model.forward({ cache, tokens: Int32Array.of(1), startPos: 0, signal }),
      /left/,
    );
    assert.equal((await forward([1, 2, 3], 0)).length, 512);
    cache.dispose();
    await assert.rejects(forward([1], 0), /belongs to another model or has been disposed/);
  });
});

test('forwards of several sequences may overlap in time', async (t) => {
  const device = testDevice(t);
  await withModel(await randomModelFile(t, ['layers=1', 'topk=16']), { device }, async (model) => {
    const prompts = [1, 2, 3].map((seed) => someTokens(30, model.config.vocabSize, seed));
    const alone = [];
    for (const tokens of prompts) alone.push(await logitsInChunks(model, tokens, 7));
    const together = await Promise.all(prompts.map((tokens) => logitsInChunks(model, tokens, 7)));
    for (const [i, logits] of together.entries()) assert.equal(maxDifference(logits, alone[i]!), 0);
  });
});

test('disposing a cache frees the graphs that only it can use', async (t) => {
  const device = testDevice(t);
  const path = await randomModelFile(t, ['topk=16']);
  const atStart = device.allocatedBytes;
  const model: Model = loadModel(path, {
    device,
    rowTables: 'off',
    gatherFactor: 2,
    mapping: 'off',
  });
  const withWeights = device.allocatedBytes;
  assert.equal(withWeights - atStart, model.weightBytes);
  for (let round = 0; round < 3; round++) {
    const cache = model.createCache(4096);
    await model.forward({ cache, tokens: someTokens(30 + round, 512), startPos: 0 });
    await model.forward({ cache, tokens: Int32Array.of(1), startPos: 30 + round });
    assert.ok(device.allocatedBytes > withWeights);
    cache.dispose();
    cache.dispose();
    assert.equal(device.allocatedBytes, withWeights, `after round ${round}`);
  }
  model.dispose();
  model.dispose();
  assert.equal(device.allocatedBytes, atStart);
});
