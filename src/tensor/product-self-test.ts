// What self-test.ts is for the library, for our own kernels for products: weights that only ever are
// multiplied by, which a device may keep in an order of its own, against the reference device.

import { quantize } from './quantize.js';
import type { Device } from './types.js';

const K = 96;
const ROWS = 32;
const EXPERTS = 3;
const USED = 2;
const TOKENS = 11;
/** Relative to the largest value: the reference does not round activations. */
const TOLERANCE = 0.02;

/** The first difference in one line, or undefined if there is none. */
export function compareProducts(device: Device, reference: Device): string | undefined {
  const got = evaluate(device);
  const expected = evaluate(reference);
  for (const name of ['mulMat', 'mulMatId'] as const) {
    const largest = expected[name].reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const worst = got[name].reduce(
      (most, value, i) => Math.max(most, Math.abs(value - expected[name][i]!)),
      0,
    );
    if (!(worst <= TOLERANCE * largest)) return `${name} is off by ${worst} (scale ${largest})`;
  }
  return undefined;
}

function evaluate(device: Device): { mulMat: Float32Array; mulMatId: Float32Array } {
  const shape = [K, ROWS, EXPERTS];
  const weights = device.allocate([
    { name: 'matrix', dtype: 'q8_0', shape: [K, ROWS], use: 'product' },
    { name: 'experts', dtype: 'q8_0', shape, use: 'product' },
  ]);
  try {
    weights.get('matrix').upload(quantize('q8_0', wave(K * ROWS, 0.7)));
    weights.get('experts').upload(quantize('q8_0', wave(K * ROWS * EXPERTS, 0.9)));
    const graph = device.buildGraph((g) => {
      const x = g.input('x', 'f32', [K, TOKENS]);
      const ids = g.input('ids', 'i32', [USED, TOKENS]);
      const perToken = g.reshape(x, [K, 1, TOKENS]);
      return {
        mulMat: g.mulMat(g.use(weights.get('matrix')), x),
        mulMatId: g.mulMatId(g.use(weights.get('experts')), perToken, ids),
      };
    });
    try {
      graph.write('x', wave(K * TOKENS, 0.3));
      graph.write(
        'ids',
        Int32Array.from({ length: USED * TOKENS }, (_, i) => (i * 2) % EXPERTS),
      );
      graph.computeSync();
      return { mulMat: graph.readF32('mulMat'), mulMatId: graph.readF32('mulMatId') };
    } finally {
      graph.dispose();
    }
  } finally {
    weights.dispose();
  }
}

/** Distinct values in -1..1 without randomness. */
function wave(length: number, frequency: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(frequency * (i + 1) + 0.01 * i * i));
}
