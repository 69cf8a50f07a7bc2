import assert from 'node:assert/strict';
import test from 'node:test';
import { BLOCK_LAYOUTS, bytesOf } from './dtype.js';
import { dequantize, quantize } from './quantize.js';
import type { DType } from './types.js';

const FLOATS: readonly Exclude<DType, 'i8_rows'>[] = ['f32', 'f16', 'bf16', 'q8_0', 'q4_0', 'q4_K'];

function wave(length: number, scale = 1): Float32Array {
  return Float32Array.from({ length }, (_, i) => scale * Math.sin(i * 0.7 + i * i * 0.003));
}

test('a round trip stays within the format step', () => {
  // Largest error as a fraction of the largest value in the block.
  const limits = { f32: 0, f16: 5e-4, bf16: 4e-3, i32: 0, q8_0: 4.5e-3, q4_0: 0.13, q4_K: 0.1 };
  for (const dtype of FLOATS) {
    for (const scale of [1, 0.05, 3e3]) {
      const values = wave(1024, scale);
      const back = dequantize(dtype, quantize(dtype, values));
      const worst = values.reduce((w, value, i) => Math.max(w, Math.abs(value - back[i]!)), 0);
      assert.ok(worst <= limits[dtype] * scale, `${dtype} at ${scale}: off by ${worst}`);
    }
  }
});

test('values on the grid survive exactly, and packing is idempotent', () => {
  for (const dtype of FLOATS) {
    const once = dequantize(dtype, quantize(dtype, wave(512)));
    const twice = dequantize(dtype, quantize(dtype, once));
    const worst = once.reduce((w, value, i) => Math.max(w, Math.abs(value - twice[i]!)), 0);
    // q4_K searches for the best line anew and may settle a little beside it
    assert.ok(worst <= (dtype === 'q4_K' ? 0.03 : 1e-3), `${dtype}: moved by ${worst}`);
  }
});

test('constant blocks, zeros and one-sided blocks', () => {
  for (const dtype of FLOATS) {
    for (const value of [0, 0.5, -2]) {
      const back = dequantize(dtype, quantize(dtype, new Float32Array(256).fill(value)));
      const worst = back.reduce((w, got) => Math.max(w, Math.abs(got - value)), 0);
      assert.ok(worst <= Math.abs(value) * 0.01, `${dtype} of ${value}: ${back[0]}`);
    }
    const positive = wave(256).map((value) => 3 + value);
    const back = dequantize(dtype, quantize(dtype, positive));
    const worst = back.reduce((w, got, i) => Math.max(w, Math.abs(got - positive[i]!)), 0);
    assert.ok(worst <= 0.35, `${dtype} one-sided: off by ${worst}`);
  }
});

test('works on unaligned slices of a file', () => {
  for (const dtype of FLOATS) {
    const packed = quantize(dtype, wave(256));
    const file = new Uint8Array(packed.length + 3);
    file.set(packed, 3);
    assert.deepEqual(dequantize(dtype, file.subarray(3)), dequantize(dtype, packed), dtype);
    const target = new Uint8Array(packed.length + 1).subarray(1);
    assert.deepEqual(quantize(dtype, wave(256), target), packed, dtype);
  }
});

test('i32 keeps integers', () => {
  const values = Float32Array.of(0, -1, 65536, -8388608);
  assert.deepEqual(dequantize('i32', quantize('i32', values)), values);
});

test('wrong lengths and unpackable values are refused', () => {
  for (const dtype of ['q8_0', 'q4_0', 'q4_K'] as const) {
    const { blockSize, blockBytes } = BLOCK_LAYOUTS[dtype];
    assert.throws(() => quantize(dtype, new Float32Array(blockSize + 1)), RangeError);
    assert.throws(() => dequantize(dtype, new Uint8Array(blockBytes - 1)), RangeError);
    for (const bad of [Number.NaN, Infinity]) {
      const values = wave(blockSize);
      values[7] = bad;
      assert.throws(() => quantize(dtype, values), /cannot quantise/);
    }
  }
  const bytes = new Uint8Array(bytesOf('f16', 8));
  assert.throws(() => dequantize('f16', bytes, new Float32Array(9)), /16 bytes of f16 are not 9/);
  assert.throws(() => quantize('f16', new Float32Array(8), new Uint8Array(15)), /take 16 bytes/);
});
