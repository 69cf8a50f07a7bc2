// Our packing against the native library's: the same bytes for the formats whose rounding is fixed,
// and as good a fit for q4_K, whose packer is a search.

import assert from 'node:assert/strict';
import test from 'node:test';
import koffi from 'koffi';
import { locateLibraries } from '../../src/tensor/ggml/locate.js';
import { GGML_TYPE } from '../../src/tensor/ggml/declarations.js';
import { openDevice } from '../../src/tensor/open-device.js';
import { dequantize, quantize } from '../../src/tensor/quantize.js';
import { randomValues } from './tensor-harness.js';

openDevice({ prefer: 'ggml', numThreads: 1 }).dispose(); // sets koffi's stacks before the load below
const packNatively = koffi
  .load(locateLibraries(undefined).base)
  .func(
    'size_t ggml_quantize_chunk(int type, const float *source, void *target, int64_t start, int64_t rows, int64_t row_length, void *imatrix)',
  ) as unknown as (
  type: number,
  source: Float32Array,
  target: Uint8Array,
  start: number,
  numRows: number,
  rowLength: number,
  imatrix: null,
) => number;

const ROWS = 32;
const ROW_LENGTH = 512;

/** Bell-shaped values, with rows of very different magnitude and a few zeros. */
function weights(): Float32Array {
  const parts = [1, 2, 3, 4].map((seed) => randomValues(ROWS * ROW_LENGTH, seed));
  return Float32Array.from({ length: ROWS * ROW_LENGTH }, (_, i) => {
    const row = Math.floor(i / ROW_LENGTH);
    if (row === 5) return 0;
    return parts.reduce((sum, part) => sum + part[i]!, 0) * 2 ** ((row % 12) - 8);
  });
}

for (const dtype of ['f16', 'bf16', 'q8_0', 'q4_0'] as const) {
  test(`${dtype} packs to the same bytes`, () => {
    const values = weights();
    const ours = quantize(dtype, values);
    const theirs = new Uint8Array(ours.length);
    const written = packNatively(GGML_TYPE[dtype], values, theirs, 0, ROWS, ROW_LENGTH, null);
    assert.equal(Number(written), ours.length);
    assert.deepEqual(ours, theirs);
  });
}

test('q4_K fits as well as the native search, within 2 percent per row', () => {
  const values = weights();
  const ours = quantize('q4_K', values);
  const theirs = new Uint8Array(ours.length);
  packNatively(GGML_TYPE.q4_K, values, theirs, 0, ROWS, ROW_LENGTH, null);
  const [unpackedOurs, unpackedTheirs] = [dequantize('q4_K', ours), dequantize('q4_K', theirs)];
  for (let row = 0; row < ROWS; row++) {
    const errorOf = (unpacked: Float32Array): number => {
      let sum = 0;
      for (let i = row * ROW_LENGTH; i < (row + 1) * ROW_LENGTH; i++) {
        sum += (unpacked[i]! - values[i]!) ** 2;
      }
      return Math.sqrt(sum);
    };
    const [a, b] = [errorOf(unpackedOurs), errorOf(unpackedTheirs)];
    assert.ok(a <= 1.02 * b + 1e-9, `row ${row}: error ${a}, native ${b}`);
  }
});
