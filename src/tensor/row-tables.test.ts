// Row tables as every device must offer them: what the builder refuses, what binding means for
// lifetimes, and small cases worked out by hand on the reference device. Agreement of the native
// kernels is test/parity/tensor-row-tables.test.ts.

import assert from 'node:assert/strict';
import test from 'node:test';
import { bytesOf, tensorBytes } from './dtype.js';
import { DeviceBusyError, ShapeError } from './errors.js';
import type { GraphBuilder } from './graph.js';
import { openDevice } from './open-device.js';
import type { CompiledGraph, DeviceTensor, DType, Tensor } from './types.js';

const device = openDevice({ prefer: 'reference' });

interface Slab {
  tensor: DeviceTensor;
  dispose: () => void;
}

function slab(dtype: DType, shape: readonly number[]): Slab {
  const allocation = device.allocate([{ name: 'rows', dtype, shape }]);
  return { tensor: allocation.get('rows'), dispose: () => allocation.dispose() };
}

/** Writes one row per token. */
function writer(dtype: 'f32' | 'f16' | 'i8_rows', width: number, numTokens: number): CompiledGraph {
  return device.buildGraph((g) => {
    const table = g.rowTable('rows', { dtype, width, numLayers: 2, numTokens });
    const values = g.input('values', 'f32', [width, numTokens]);
    g.writeTableRows(table, 1, values, g.input('at', 'i32', [numTokens]));
    return {};
  });
}

test('i8_rows: a whole number of groups is one run of bytes', () => {
  assert.equal(bytesOf('i8_rows', 128), 132);
  assert.equal(tensorBytes('i8_rows', [128, 64, 3, 1]), 132 * 64 * 3);
  const rows = slab('i8_rows', [8, 32, 2]);
  const graph = writer('i8_rows', 8, 1);
  graph.bindRows('rows', [rows.tensor]);
  graph.write('values', Float32Array.of(127, -64, 0.5, 1.5, 2.5, 0, 1, -127));
  graph.write('at', Int32Array.of(17));
  graph.computeSync();
  // Layer 1 starts after 32 rows of 12 bytes, its second group after 16 more; row 17 is lane 1.
  const bytes = rows.tensor.download();
  const group = 32 * 12 + 16 * 12;
  const integers = new Int8Array(bytes.buffer).subarray(group);
  assert.deepEqual([...integers.subarray(4, 8)], [127, -64, 0, 2], 'ties to even');
  assert.deepEqual([...integers.subarray(64 + 4, 64 + 8)], [2, 0, 1, -127]);
  assert.equal(new DataView(bytes.buffer).getFloat32(group + 16 * 8 + 4, true), 1);
  assert.equal(bytes.filter((byte) => byte !== 0).length, 6 + 2, 'nothing else was touched');
  graph.dispose();
  rows.dispose();
});

test('a token reads and writes the rows of its own tensor', () => {
  const [a, b] = [slab('f32', [2, 4, 2]), slab('f32', [2, 8, 2])];
  const graph = device.buildGraph((g) => {
    const table = g.rowTable('rows', { dtype: 'f32', width: 2, numLayers: 2, numTokens: 3 });
    const positions = g.input('at', 'i32', [3]);
    g.writeTableRows(table, 1, g.input('values', 'f32', [2, 3]), positions);
    const queries = g.input('q', 'f32', [2, 1, 3]);
    const attended = g.attendRows(table, 1, { queries, positions, valueWidth: 1, scale: 1 });
    return { attended };
  });
  graph.bindRows('rows', [a.tensor, b.tensor, a.tensor]);
  graph.write('values', Float32Array.of(1, 0, 10, 0, 3, 0));
  graph.write('at', Int32Array.of(0, 0, 1));
  graph.write('q', new Float32Array(6)); // equal scores: the mean of the visible rows
  graph.computeSync();
  assert.deepEqual([...graph.readF32('attended')], [1, 10, 2]);
  graph.dispose();
  a.dispose();
  b.dispose();
});

test('indexTopK: the best rows in ascending order, ties to the lower row, then -1', () => {
  for (const dtype of ['f32', 'f16', 'i8_rows'] as const) {
    const keys = slab(dtype, [4, 16, 1]);
    const graph = device.buildGraph((g) => {
      const table = g.rowTable('keys', { dtype, width: 4, numLayers: 1, numTokens: 6 });
      const positions = g.input('at', 'i32', [6]);
      g.writeTableRows(table, 0, g.input('values', 'f32', [4, 6]), positions);
      const queries = g.input('q', 'f32', [4, 2, 6]);
      const headWeights = g.input('w', 'f32', [2, 6]);
      return { chosen: g.indexTopK(table, 0, { queries, headWeights, positions, k: 3 }) };
    });
    graph.bindRows(
      'keys',
      Array.from({ length: 6 }, () => keys.tensor),
    );
    // Keys: 2 5 5 -9 5 2, in the first element; one head counts up, the other counts negatives.
    const first = [2, 5, 5, -9, 5, 2];
    graph.write('values', Float32Array.from(first.flatMap((value) => [value, 0, 0, 0])));
    graph.write('at', Int32Array.of(0, 1, 2, 3, 4, 5));
    const heads = [1, 0, 0, 0, -1, 0, 0, 0];
    graph.write('q', Float32Array.from(first.flatMap(() => heads)));
    // Tokens 0..4 rank by value; token 5 by minus the value below zero, all others tie at 0.
    graph.write('w', Float32Array.of(1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 1));
    graph.computeSync();
    assert.deepEqual(
      [...graph.readI32('chosen')],
      [0, -1, -1, 0, 1, -1, 0, 1, 2, 0, 1, 2, 1, 2, 4, 0, 1, 3],
      dtype,
    );
    graph.dispose();
    keys.dispose();
  }
});

test('positions beyond the bound tensor fail the run, and name table and position', () => {
  const rows = slab('f32', [2, 4, 2]);
  const graph = writer('f32', 2, 1);
  graph.bindRows('rows', [rows.tensor]);
  for (const position of [4, -1]) {
    graph.write('at', Int32Array.of(position));
    assert.throws(() => graph.computeSync(), new RegExp(`table rows: token 0 at .* ${position},`));
  }
  graph.write('at', Int32Array.of(3));
  graph.computeSync();
  graph.dispose();
  rows.dispose();
});

test('a table must be bound, by name, for every token, to what fits', async () => {
  const graph = writer('f16', 4, 2);
  assert.throws(() => graph.computeSync(), /row table rows is not bound/);
  await assert.rejects(graph.compute(), /row table rows is not bound/);
  const good = slab('f16', [4, 3, 2]);
  const [dtype, width, layers] = [
    slab('f32', [4, 3, 2]),
    slab('f16', [8, 3, 2]),
    slab('f16', [4, 3]),
  ];
  assert.throws(() => graph.bindRows('row', [good.tensor]), /no row table named row; .* rows/);
  assert.throws(() => graph.bindRows('rows', [good.tensor]), RangeError);
  for (const wrong of [dtype, width, layers]) {
    assert.throws(() => graph.bindRows('rows', [good.tensor, wrong.tensor]), ShapeError);
    wrong.dispose(); // a failed binding holds nothing
  }
  graph.bindRows('rows', [good.tensor, good.tensor]);
  graph.write('at', Int32Array.of(0, 2));
  const running = graph.compute();
  assert.throws(() => graph.bindRows('rows', [good.tensor, good.tensor]), DeviceBusyError);
  assert.throws(() => graph.unbindRows(good.tensor), DeviceBusyError);
  await running;
  graph.dispose();
  graph.unbindRows(good.tensor);
  good.dispose();
});

test('a graph is a user of what is bound until it is bound to others, unbound or disposed', () => {
  const start = device.allocatedBytes;
  const [a, b, c] = [slab('f32', [2, 4, 2]), slab('f32', [2, 4, 2]), slab('f32', [2, 4, 2])];
  const graph = writer('f32', 2, 2);
  graph.write('at', Int32Array.of(0, 1));
  graph.bindRows('rows', [a.tensor, b.tensor]);
  assert.throws(() => a.dispose(), /1 graphs still use this memory/);
  graph.bindRows('rows', [b.tensor, b.tensor]);
  a.dispose();
  assert.throws(() => b.dispose(), /1 graphs still use/);
  graph.unbindRows(c.tensor);
  graph.computeSync();
  graph.unbindRows(b.tensor);
  b.dispose();
  assert.throws(() => graph.computeSync(), /not bound/);
  graph.bindRows('rows', [c.tensor, c.tensor]);
  assert.throws(() => c.dispose(), /1 graphs still use/);
  graph.dispose();
  c.dispose();
  assert.equal(device.allocatedBytes, start);
});

test('the builder refuses what no kernel accepts', () => {
  const spec = { dtype: 'f16', width: 4, numLayers: 2, numTokens: 3 } as const;
  type Wrong = (g: GraphBuilder, t: Record<'x' | 'q' | 'w' | 'at', Tensor>) => void;
  const wrong: Record<string, Wrong> = {
    dtype: (g) => g.rowTable('t', { ...spec, dtype: 'bf16' as 'f16' }),
    width: (g) => g.rowTable('t', { ...spec, dtype: 'i8_rows', width: 6 }),
    layers: (g) => g.rowTable('t', { ...spec, numLayers: 0 }),
    tokens: (g) => g.rowTable('t', { ...spec, numTokens: 1.5 }),
    layer: (g, { x, at }) => g.writeTableRows(g.rowTable('t', spec), 2, x, at),
    values: (g, { q, at }) => g.writeTableRows(g.rowTable('t', spec), 0, q, at),
    positions: (g, { x }) => g.writeTableRows(g.rowTable('t', spec), 0, x, x),
    queries: (g, { x, w, at }) =>
      g.indexTopK(g.rowTable('t', { ...spec, width: 8 }), 0, {
        queries: x,
        headWeights: w,
        positions: at,
        k: 1,
      }),
    headWeights: (g, { q, x, at }) =>
      g.indexTopK(g.rowTable('t', spec), 0, { queries: q, headWeights: x, positions: at, k: 1 }),
    k: (g, { q, w, at }) =>
      g.indexTopK(g.rowTable('t', spec), 0, { queries: q, headWeights: w, positions: at, k: 0 }),
    i8: (g, { q, at }) =>
      g.attendRows(g.rowTable('t', { ...spec, dtype: 'i8_rows' }), 0, {
        queries: q,
        positions: at,
        valueWidth: 4,
        scale: 1,
      }),
    valueWidth: (g, { q, at }) =>
      g.attendRows(g.rowTable('t', spec), 0, {
        queries: q,
        positions: at,
        valueWidth: 5,
        scale: 1,
      }),
    scale: (g, { q, at }) =>
      g.attendRows(g.rowTable('t', spec), 0, {
        queries: q,
        positions: at,
        valueWidth: 4,
        scale: Number.NaN,
      }),
    chosen: (g, { q, at }) =>
      g.attendRows(g.rowTable('t', spec), 0, {
        queries: q,
        positions: at,
        chosen: at,
        valueWidth: 4,
        scale: 1,
      }),
  };
  for (const [name, build] of Object.entries(wrong)) {
    const attempt = (): unknown =>
      device.buildGraph((g) => {
        const x = g.input('x', 'f32', [4, 3]);
        const q = g.input('q', 'f32', [4, 2, 3]);
        build(g, { x, q, w: g.input('w', 'f32', [2, 3]), at: g.input('at', 'i32', [3]) });
        return { x };
      });
    assert.throws(attempt, ShapeError, name);
  }
  device.buildGraph((g) => {
    const table = g.rowTable('t', spec);
    assert.throws(() => g.rowTable('t', spec), /already an input or row table named t/);
    assert.throws(() => g.input('t', 'f32', [1]), /already an input or row table named t/);
    device.buildGraph((other) => {
      const x = other.input('x', 'f32', [4, 3]);
      const at = other.input('at', 'i32', [3]);
      assert.throws(() => other.writeTableRows(table, 0, x, at), /not one of this graph/);
      return {};
    });
    return {};
  });
  assert.throws(
    () => device.allocate([{ name: 'k', dtype: 'i8_rows', shape: [8, 24] }]),
    /n1 a mu/,
  );
  const keys = slab('i8_rows', [8, 16]);
  const used = (): unknown => device.buildGraph((g) => ({ y: g.use(keys.tensor) }));
  assert.throws(used, /use: got i8_rows \[8, 16\], expected another dtype/);
});
