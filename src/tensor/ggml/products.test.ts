// Products by our own kernels against ggml's on the same bytes: equal but for the order of sums; and
// what ggml's are not: the same bits alone, in a batch, and on any number of threads.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { openDevice } from '../open-device.js';
import { quantize } from '../quantize.js';
import type { Allocation, Device, DeviceTensor } from '../types.js';

/** Relative to the largest result: eight-bit activations are the same, sums are in another order. */
const TOLERANCE = 2e-6;

/** Freed before their devices at the end of a test. */
const allocations = new Map<Device, Allocation[]>();

/** A device whose kernels take products; undefined, and the test is skipped, where there is none. */
function openNative(t: TestContext, numThreads = 1): Device | undefined {
  const device = openDevice({ prefer: 'ggml', numThreads });
  allocations.set(device, []);
  t.after(() => {
    for (const allocation of allocations.get(device)!) allocation.dispose();
    device.dispose();
  });
  const allocation = device.allocate([
    { name: 'w', dtype: 'q8_0', shape: [32, 16], use: 'product' },
  ]);
  const { form } = allocation.get('w');
  allocation.dispose();
  if (form === 'rearranged') return device;
  t.skip(`products are ggml's here (kernels: ${device.kernels})`);
  return undefined;
}

function random(length: number, seed: number): Float32Array {
  let state = (Math.imul(seed, 2654435761) + 12345) >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32) * 2 - 1;
  });
}

interface Weights {
  own: DeviceTensor;
  ggml: DeviceTensor;
}

/** The same weights in both forms. */
function allocate(device: Device, shape: readonly number[]): Weights {
  const spec = { dtype: 'q8_0', shape } as const;
  const allocation = device.allocate([
    { name: 'own', ...spec, use: 'product' },
    { name: 'ggml', ...spec },
  ]);
  allocations.get(device)!.push(allocation);
  const bytes = quantize(
    'q8_0',
    random(
      shape.reduce((product, n) => product * n, 1),
      7,
    ),
  );
  const weights = { own: allocation.get('own'), ggml: allocation.get('ggml') };
  assert.equal(weights.own.form, 'rearranged');
  assert.equal(weights.own.byteLength, weights.ggml.byteLength);
  weights.own.upload(bytes);
  weights.ggml.upload(bytes);
  return weights;
}

/** x [k, n] -> [m, n] */
function multiply(device: Device, tensor: DeviceTensor, x: Float32Array): Float32Array {
  const [k] = tensor.shape;
  const graph = device.buildGraph((g) => ({
    y: g.mulMat(g.use(tensor), g.input('x', 'f32', [k, x.length / k])),
  }));
  graph.write('x', x);
  graph.computeSync();
  const result = graph.readF32('y');
  graph.dispose();
  return result;
}

/** x [k, inputs, n], ids [used, n] -> [m, used, n] */
function multiplyId(
  device: Device,
  tensor: DeviceTensor,
  x: Float32Array,
  ids: Int32Array,
  { used, inputs }: { used: number; inputs: number },
): Float32Array {
  const [k] = tensor.shape;
  const n = ids.length / used;
  const graph = device.buildGraph((g) => ({
    y: g.mulMatId(
      g.use(tensor),
      g.input('x', 'f32', [k, inputs, n]),
      g.input('ids', 'i32', [used, n]),
    ),
  }));
  try {
    graph.write('x', x);
    graph.write('ids', ids);
    graph.computeSync();
    return graph.readF32('y');
  } finally {
    graph.dispose();
  }
}

function assertClose(got: Float32Array, wanted: Float32Array, what: string): void {
  const scale = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const worst = got.reduce((most, v, i) => Math.max(most, Math.abs(v - wanted[i]!)), 0);
  assert.ok(worst <= TOLERANCE * scale, `${what}: ${worst} of ${scale}`);
}

const SHAPES = [
  [32, 16],
  [96, 48],
  [256, 160],
  [480, 32],
] as const;

test('products equal those of ggml, for any number of columns', (t) => {
  const device = openNative(t);
  if (!device) return;
  for (const [k, m] of SHAPES) {
    const weights = allocate(device, [k, m]);
    for (const n of [1, 2, 3, 5, 7, 8, 9, 15, 64, 67, 130]) {
      const x = random(k * n, n);
      const got = multiply(device, weights.own, x);
      assertClose(got, multiply(device, weights.ggml, x), `${k}x${m}, ${n} columns`);
    }
  }
});

test('products by experts equal those of ggml, with experts that repeat or are not used', (t) => {
  const device = openNative(t);
  if (!device) return;
  const numExperts = 7;
  const weights = allocate(device, [96, 32, numExperts]);
  for (const [n, used, inputs] of [
    [1, 1, 1],
    [1, 4, 1],
    [9, 4, 1],
    [9, 4, 4],
    [150, 2, 2],
  ] as const) {
    const x = random(96 * inputs * n, n);
    const options = { used, inputs };
    const scattered = Int32Array.from({ length: used * n }, (_, i) => (i * i + 3) % numExperts);
    for (const ids of [scattered, new Int32Array(used * n).fill(2)]) {
      const got = multiplyId(device, weights.own, x, ids, options);
      const wanted = multiplyId(device, weights.ggml, x, ids, options);
      assertClose(got, wanted, `${n} tokens, ${used} experts, ${inputs} inputs`);
    }
  }
});

test('columns that lie apart are taken where they lie', (t) => {
  const device = openNative(t);
  if (!device) return;
  const weights = allocate(device, [64, 32]);
  const run = (tensor: DeviceTensor): Float32Array => {
    const graph = device.buildGraph((g) => {
      const x = g.input('x', 'f32', [64, 3, 5]);
      const turned = g.mulMat(g.use(tensor), g.permute(x, [0, 2, 1, 3])); // [32, 5, 3]
      const plain = g.mulMat(g.use(tensor), x);
      return { y: g.concat(g.reshape(turned, [32, 15]), g.reshape(plain, [32, 15]), 1) };
    });
    graph.write('x', random(64 * 15, 1));
    graph.computeSync();
    const result = graph.readF32('y');
    graph.dispose();
    return result;
  };
  assertClose(run(weights.own), run(weights.ggml), 'permuted');
});

test('a column gets the same bits alone, in a batch, and on any number of threads', (t) => {
  const device = openNative(t);
  const threads = device && openNative(t, 3);
  if (!device || !threads) return;
  const [k, m, n] = [256, 80, 77];
  const weights = allocate(device, [k, m]);
  const x = random(k * n, 3);
  const batch = multiply(device, weights.own, x);
  for (const column of [0, 1, 8, 63, 64, 76]) {
    const alone = multiply(device, weights.own, x.slice(column * k, (column + 1) * k));
    assert.deepEqual(batch.slice(column * m, (column + 1) * m), alone, `column ${column}`);
  }
  assert.deepEqual(multiply(threads, allocate(threads, [k, m]).own, x), batch);

  const options = { used: 3, inputs: 1 };
  const ids = Int32Array.from({ length: 3 * n }, (_, i) => (i * 5) % 4);
  const experts = allocate(device, [k, m, 4]);
  const mixed = multiplyId(device, experts.own, x, ids, options);
  for (const token of [0, 40, 76]) {
    const own = ids.slice(3 * token, 3 * token + 3);
    const one = x.slice(token * k, (token + 1) * k);
    const alone = multiplyId(device, experts.own, one, own, options);
    assert.deepEqual(mixed.slice(token * 3 * m, (token + 1) * 3 * m), alone, `token ${token}`);
  }
  const shared = allocate(threads, [k, m, 4]);
  assert.deepEqual(multiplyId(threads, shared.own, x, ids, options), mixed);
});

test('a value that is not finite spoils its own column only', (t) => {
  const device = openNative(t);
  if (!device) return;
  const [k, m] = [96, 32];
  const weights = allocate(device, [k, m]);
  const x = random(k * 4, 5);
  const clean = multiply(device, weights.own, x);
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    const spoilt = x.slice();
    spoilt[2 * k + 40] = value;
    const got = multiply(device, weights.own, spoilt);
    assert.ok(got.slice(2 * m, 3 * m).every(Number.isNaN), `${value}`);
    for (const column of [0, 1, 3]) {
      const range = [column * m, (column + 1) * m] as const;
      assert.deepEqual(got.slice(...range), clean.slice(...range));
    }
  }
  assert.ok(multiply(device, weights.own, new Float32Array(k)).every((value) => value === 0));
});

test('an expert that there is not fails the run, and the next one works', (t) => {
  const device = openNative(t);
  if (!device) return;
  const weights = allocate(device, [32, 16, 4]);
  const x = random(32 * 2, 1);
  const options = { used: 2, inputs: 1 };
  for (const wrong of [-1, 4, 2 ** 31 - 1]) {
    assert.throws(
      () => multiplyId(device, weights.own, x, Int32Array.of(0, 3, 1, wrong), options),
      (error) =>
        error instanceof RangeError &&
        error.message === `mulMatId: token 1 chose expert ${wrong} of 0..3`,
    );
  }
  multiplyId(device, weights.own, x, Int32Array.of(0, 3, 1, 2), options);
});
