import assert from 'node:assert/strict';
import test from 'node:test';

import { dequantizeFp8Blocks, E4M3_TABLE } from './e4m3.js';

test('all 256 e4m3 codes decode to their defined values', () => {
  assert.equal(E4M3_TABLE.length, 256);
  assert.equal(E4M3_TABLE[0x00], 0);
  assert.ok(Object.is(E4M3_TABLE[0x80], -0));
  assert.equal(E4M3_TABLE[0x01], 2 ** -9);
  assert.equal(E4M3_TABLE[0x07], 7 * 2 ** -9);
  assert.equal(E4M3_TABLE[0x08], 2 ** -6);
  assert.equal(E4M3_TABLE[0x38], 1);
  assert.equal(E4M3_TABLE[0x7e], 448);
  assert.ok(Number.isNaN(E4M3_TABLE[0x7f]) && Number.isNaN(E4M3_TABLE[0xff]));
  for (let code = 0; code < 127; code++) {
    assert.equal(E4M3_TABLE[code + 128], -E4M3_TABLE[code]!, `sign of code ${code}`);
    if (code > 0) assert.ok(E4M3_TABLE[code]! > E4M3_TABLE[code - 1]!, `order at code ${code}`);
  }
});

test('the golden vector of the reference decodes', () => {
  // model reference §7.1: [0.1, -1.3, 2.7, 5.0] quantised with scale 2^-6.
  const codes = [6.5, -80, 176, 320].map((value) => E4M3_TABLE.indexOf(value));
  const decoded = dequantizeFp8Blocks(Uint8Array.from(codes), 4, Float32Array.of(0.015625));
  assert.deepEqual([...decoded], [0.1015625, -1.25, 2.75, 5]);
});

test('block scales reach partial edge blocks: 576 rows of 200 columns', () => {
  const rows = 576;
  const columns = 200;
  const codes = Uint8Array.from({ length: rows * columns }, (_, i) => (i * 31) % 127);
  const scales = Float32Array.from({ length: 5 * 2 }, (_, i) => 2 ** (i - 5));
  const values = dequantizeFp8Blocks(codes, columns, scales);
  for (const [row, column] of [
    [0, 0],
    [127, 127],
    [127, 128],
    [128, 199],
    [511, 5],
    [512, 5],
    [575, 199],
  ] as const) {
    const scale = scales[(row >> 7) * 2 + (column >> 7)]!;
    const expected = E4M3_TABLE[codes[row * columns + column]!]! * scale;
    assert.equal(values[row * columns + column], expected, `[${row}, ${column}]`);
  }
  // Rows read in pieces, as the converter does, give the same values.
  const piece = dequantizeFp8Blocks(codes.subarray(500 * columns), columns, scales, 500);
  assert.deepEqual(piece, values.subarray(500 * columns));
});
