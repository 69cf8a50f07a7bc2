// The bytes of dtype i8_rows: value = scale * integer in -127..127, one f32 scale per row, rows
// interleaved in groups of 16 so that one vector load holds four neighbouring elements of 16 rows
// (dtype.ts). The roundings are part of the format: the native kernels give the same bits.

import { bytesOf, I8_GROUP_ROWS } from './dtype.js';

const { abs, fround } = Math;

/** Adding and subtracting 1.5 * 2^23 in f32 rounds to the nearest integer, ties to even. */
const ROUND = 12582912;

export interface Quantized {
  /** -127..127 */
  integers: Int8Array;
  /** NaN where a value was not finite; the integers are then 0. */
  scale: number;
}

/** scale = max|x| / 127, integers = round(x / scale). */
export function quantizeRow(values: Float32Array): Quantized {
  const integers = new Int8Array(values.length);
  let largest = 0;
  let isFinite = true;
  for (const value of values) {
    largest = Math.max(largest, abs(value));
    isFinite &&= Number.isFinite(value);
  }
  if (!isFinite) return { integers, scale: Number.NaN };
  const scale = fround(largest / 127);
  if (scale === 0) return { integers, scale };
  for (let i = 0; i < values.length; i++) {
    const ratio = fround(values[i]! / scale);
    integers[i] = Math.max(-127, Math.min(127, fround(fround(ratio + ROUND) - ROUND)));
  }
  return { integers, scale };
}

/** Where element 0 of a row lies; element i is at + (i >> 2) * 64 + (i & 3). */
function firstByte(width: number, row: number): number {
  const group = Math.floor(row / I8_GROUP_ROWS);
  return group * I8_GROUP_ROWS * bytesOf('i8_rows', width) + (row % I8_GROUP_ROWS) * 4;
}

/** @param bytes the rows of one layer. */
export function writeI8Row(bytes: Uint8Array, row: number, values: Float32Array): void {
  const { integers, scale } = quantizeRow(values);
  const at = firstByte(values.length, row);
  for (let i = 0; i < integers.length; i++) bytes[at + (i >> 2) * 64 + (i & 3)] = integers[i]!;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setFloat32(at + I8_GROUP_ROWS * integers.length, scale, true);
}

/** @param bytes the rows of one layer. */
export function readI8Row(bytes: Uint8Array, row: number, width: number): Quantized {
  const at = firstByte(width, row);
  const integers = new Int8Array(width);
  for (let i = 0; i < width; i++) integers[i] = bytes[at + (i >> 2) * 64 + (i & 3)]!;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { integers, scale: view.getFloat32(at + I8_GROUP_ROWS * width, true) };
}
