// The native kernels over row tables against the reference: the same rows chosen, the same attention.
// And what they promise beyond: a token's result does not depend on its batch, on how rows are divided
// among threads, or on which tensors were bound before.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { openDevice } from '../../src/tensor/open-device.js';
import type { Device } from '../../src/tensor/types.js';
import { buildBatch, fillCaches, runBatch, runCase } from './table-harness.js';
import type { TableCase, TableResult } from './table-harness.js';

const native = [1, 2, 3].map((numThreads) => openDevice({ prefer: 'ggml', numThreads }));
const reference = openDevice({ prefer: 'reference' });
const skip = native[0]!.hasRowTables ? false : native[0]!.kernels;

/** f32 sums in another order, over values and weights up to 1. */
const TOLERANCE = 2e-5;

function assertSame(got: TableResult, expected: TableResult): void {
  assert.deepEqual([...got.chosen], [...expected.chosen]);
  for (const name of ['overChosen', 'overVisible'] as const) {
    got[name].forEach((value, i) => {
      const difference = Math.abs(value - expected[name][i]!);
      assert.ok(difference <= TOLERANCE, `${name}[${i}] is off by ${difference}`);
    });
  }
}

/** Runs of neighbouring tokens of one sequence (prompts) among single ones (decoding). */
const tokens = fc
  .array(
    fc.record({
      sequence: fc.nat(3),
      start: fc.oneof(fc.nat(40), fc.nat(700)),
      length: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 12 })),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((runs) => {
    const seen = new Set<string>();
    const all = runs.flatMap(({ sequence, start, length }) =>
      Array.from({ length }, (_, i) => ({ sequence, position: start + i })),
    );
    // No row is written twice.
    return all.filter(({ sequence, position }) => {
      const key = `${sequence}/${position}`;
      return !seen.has(key) && seen.add(key);
    });
  });

const cases: fc.Arbitrary<TableCase> = fc
  .record({
    seed: fc.nat(1e6),
    keyDtype: fc.constantFrom('f32', 'f16', 'i8_rows'),
    latentDtype: fc.constantFrom('f32', 'f16'),
    keyWidth: fc.integer({ min: 1, max: 20 }).map((quarter) => 4 * quarter),
    latentWidth: fc.integer({ min: 1, max: 70 }),
    valueWidth: fc.integer({ min: 1, max: 70 }),
    indexHeads: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 40 })),
    heads: fc.integer({ min: 1, max: 6 }),
    k: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 21, max: 400 })),
    tokens,
    isCoarse: fc.boolean(),
  })
  .map((work) => ({
    ...work,
    valueWidth: Math.min(work.valueWidth, work.latentWidth),
    isCoarse: work.isCoarse || work.keyDtype !== 'i8_rows',
  }));

test('any batch: what the reference computes, with any number of threads', { skip }, () => {
  fc.assert(
    fc.property(cases, (work) => {
      const [one, ...more] = native.map((device) => runCase(device, work));
      assertSame(one!, runCase(reference, work));
      for (const result of more) assert.deepEqual(result, one);
    }),
    { numRuns: 20, seed: 7 },
  );
});

test('a token alone gets bit for bit what it gets in a batch', { skip }, () => {
  const device = native[1]!;
  fc.assert(
    fc.property(cases, (work) => {
      const caches = fillCaches(device, work);
      const [whole, single] = [work.tokens.length, 1].map((n) => buildBatch(device, work, n));
      try {
        // Twice, since the first run writes keys that later tokens of the batch see.
        runBatch(whole!, work, caches);
        const together = runBatch(whole!, work, caches);
        work.tokens.forEach((_, token) => {
          const alone = runBatch(single!, work, caches, [token]);
          for (const name of ['chosen', 'overChosen', 'overVisible'] as const) {
            const size = alone[name].length;
            const part = together[name].subarray(token * size, (token + 1) * size);
            assert.deepEqual(alone[name], part, `${name} of token ${token}`);
          }
        });
      } finally {
        whole!.dispose();
        single!.dispose();
        caches.dispose();
      }
    }),
    { numRuns: 10, seed: 11 },
  );
});

test('ties: the lower rows win, wherever the border falls', { skip }, () => {
  for (const keyDtype of ['f32', 'i8_rows'] as const) {
    for (const k of [1, 15, 16, 17, 500, 1200, 1300]) {
      const work: TableCase = {
        seed: 3,
        keyDtype,
        latentDtype: 'f32',
        keyWidth: 4,
        latentWidth: 1,
        valueWidth: 1,
        indexHeads: 1,
        heads: 1,
        k,
        tokens: Array.from({ length: 3 }, (_, i) => ({ sequence: 0, position: 1248 + i })),
        isCoarse: true,
      };
      const expected = runCase(reference, work).chosen;
      for (const device of native) assert.deepEqual(runCase(device, work).chosen, expected);
    }
  }
});

/** Scores of one head over keys of width 4, given by their first element. */
function chooseAmong(device: Device, keys: Float32Array, query: number, k: number): Int32Array {
  const numRows = Math.ceil(keys.length / 16) * 16;
  const slab = device.allocate([{ name: 'keys', dtype: 'f32', shape: [4, numRows] }]);
  const graph = device.buildGraph((g) => {
    const table = g.rowTable('keys', { dtype: 'f32', width: 4, numLayers: 1, numTokens: 1 });
    const queries = g.input('queries', 'f32', [4, 1, 1]);
    const headWeights = g.input('w', 'f32', [1, 1]);
    const positions = g.input('at', 'i32', [1]);
    return { chosen: g.indexTopK(table, 0, { queries, headWeights, positions, k }) };
  });
  try {
    const rows = Float32Array.from({ length: 4 * keys.length }, (_, i) =>
      i % 4 === 0 ? keys[i / 4]! : 0,
    );
    slab.get('keys').upload(new Uint8Array(rows.buffer));
    graph.bindRows('keys', [slab.get('keys')]);
    graph.write('queries', Float32Array.of(query, 0, 0, 0));
    graph.write('w', Float32Array.of(1));
    graph.write('at', Int32Array.of(keys.length - 1));
    graph.computeSync();
    return graph.readI32('chosen');
  } finally {
    graph.dispose();
    slab.dispose();
  }
}

test('any order of scores: rising, falling, equal, with NaN and infinities', { skip }, () => {
  const length = 5000;
  const orders: Record<string, (i: number) => number> = {
    rising: (i) => i,
    falling: (i) => length - i,
    equal: () => 1,
    hidden: (i) => (i === 4999 ? 1 : 0),
    undefined: (i) => (i % 3 === 0 ? Number.NaN : i % 100),
    infinite: (i) => (i % 1000 === 7 ? Infinity : i % 10),
    onlyNaN: () => Number.NaN,
  };
  for (const [name, keyAt] of Object.entries(orders)) {
    const keys = Float32Array.from({ length }, (_, i) => keyAt(i));
    const expected = chooseAmong(reference, keys, 1, 64);
    for (const device of native) assert.deepEqual(chooseAmong(device, keys, 1, 64), expected, name);
  }
});

test('rows and queries that are not finite rank last over int8 keys too', { skip }, () => {
  const run = (device: Device): Int32Array[] => {
    const slab = device.allocate([{ name: 'keys', dtype: 'i8_rows', shape: [4, 48] }]);
    const graph = device.buildGraph((g) => {
      const table = g.rowTable('keys', { dtype: 'i8_rows', width: 4, numLayers: 1, numTokens: 40 });
      const positions = g.input('at', 'i32', [40]);
      g.writeTableRows(table, 0, g.input('values', 'f32', [4, 40]), positions);
      const queries = g.input('queries', 'f32', [4, 2, 40]);
      const headWeights = g.input('w', 'f32', [2, 40]);
      return { chosen: g.indexTopK(table, 0, { queries, headWeights, positions, k: 5 }) };
    });
    graph.bindRows(
      'keys',
      Array.from({ length: 40 }, () => slab.get('keys')),
    );
    graph.write(
      'at',
      Int32Array.from({ length: 40 }, (_, i) => i),
    );
    const bad = [Number.NaN, Infinity, -Infinity];
    const values = Float32Array.from({ length: 160 }, (_, i) =>
      i % 9 === 0 ? bad[i % 3]! : i % 7,
    );
    graph.write('values', values);
    const results = [Number.NaN, Infinity, 1].map((odd) => {
      const queries = Float32Array.from({ length: 320 }, (_, i) => (i % 80 === 3 ? odd : i % 5));
      graph.write('queries', queries);
      graph.write('w', new Float32Array(80).fill(1));
      graph.computeSync();
      return graph.readI32('chosen');
    });
    graph.dispose();
    slab.dispose();
    return results;
  };
  const expected = run(reference);
  for (const device of native) assert.deepEqual(run(device), expected);
});

test(
  'bindings can change between runs, and wrong positions fail only that run',
  { skip },
  async () => {
    for (const device of native) {
      const start = device.allocatedBytes;
      const slabs = [32, 64].map((rows, n) =>
        device.allocate([{ name: `s${n}`, dtype: 'f16', shape: [3, rows, 2] }]),
      );
      const [small, large] = slabs.map((slab, n) => slab.get(`s${n}`));
      const graph = device.buildGraph((g) => {
        const table = g.rowTable('latent', { dtype: 'f16', width: 3, numLayers: 2, numTokens: 2 });
        const positions = g.input('at', 'i32', [2]);
        g.writeTableRows(table, 1, g.input('values', 'f32', [3, 2]), positions);
        const queries = g.input('q', 'f32', [3, 1, 2]);
        const chosen = g.input('chosen', 'i32', [2, 2]);
        const options = { queries, positions, chosen, valueWidth: 3, scale: 1 };
        return { attended: g.attendRows(table, 1, options) };
      });
      graph.write('values', Float32Array.of(1, 2, 3, 4, 5, 6));
      graph.write('q', new Float32Array(6));
      graph.bindRows('latent', [small!, large!]);
      graph.write('at', Int32Array.of(32, 63));
      assert.throws(
        () => graph.computeSync(),
        /row table latent: token 0 at position 32, its tensor has 32 rows/,
      );
      assert.ok(
        small!.download().every((byte) => byte === 0),
        'nothing was written',
      );
      graph.write('at', Int32Array.of(31, 63));
      graph.write('chosen', Int32Array.of(31, -1, 63, 64));
      await assert.rejects(graph.compute(), /row table latent: token 1 chose row 64 of 0\.\.63/);
      graph.write('chosen', Int32Array.of(31, -1, -1, 5));
      await graph.compute();
      assert.deepEqual([...graph.readF32('attended')], [1, 2, 3, 0, 0, 0]);
      graph.bindRows('latent', [large!, large!]);
      graph.write('at', Int32Array.of(40, 41));
      graph.write('chosen', Int32Array.of(40, 31, 40, 41));
      graph.computeSync();
      assert.deepEqual([...graph.readF32('attended')], [0.5, 1, 1.5, 2.5, 3.5, 4.5]);
      graph.dispose();
      for (const slab of slabs) slab.dispose();
      assert.equal(device.allocatedBytes, start);
    }
  },
);
