import assert from 'node:assert/strict';
import test from 'node:test';
import { bf16ToF32, f16ToF32, f32ToBf16, f32ToF16 } from './half.js';

test('every f16 value survives a round trip through f32', () => {
  for (let bits = 0; bits < 65536; bits++) {
    const value = f16ToF32(bits);
    if (Number.isNaN(value)) assert.ok(Number.isNaN(f16ToF32(f32ToF16(value))), `bits ${bits}`);
    else assert.equal(f32ToF16(value), bits, `value ${value}`);
  }
});

test('f16 rounds to nearest, ties to even, halfway between any two neighbours', () => {
  for (let bits = 0; bits < 0x7bff; bits++) {
    const [low, high] = [f16ToF32(bits), f16ToF32(bits + 1)];
    const middle = (low + high) / 2; // exact in f32
    const even = bits % 2 === 0 ? bits : bits + 1;
    assert.equal(f32ToF16(middle), even, `halfway ${middle}`);
    assert.equal(f32ToF16(-middle), even | 0x8000);
    assert.equal(f32ToF16(middle + (high - low) / 8), bits + 1, `above halfway ${middle}`);
    assert.equal(f32ToF16(middle - (high - low) / 8), bits, `below halfway ${middle}`);
  }
});

test('f16 limits', () => {
  const cases: [number, number][] = [
    [65504, 0x7bff],
    [65519.99, 0x7bff],
    [65520, 0x7c00],
    [1e10, 0x7c00],
    [-Infinity, 0xfc00],
    [2 ** -24, 1],
    [2 ** -25, 0],
    [2 ** -25 * 1.001, 1],
    [-0, 0x8000],
  ];
  for (const [value, bits] of cases) assert.equal(f32ToF16(value), bits, `${value}`);
});

test('bf16 rounds to nearest even and keeps NaN and infinity', () => {
  const cases: [number, number][] = [
    [1, 0x3f80],
    [1 + 2 ** -8, 0x3f80], // tie to even
    [1 + 3 * 2 ** -8, 0x3f82],
    [1 + 2 ** -8 + 2 ** -20, 0x3f81],
    [-Infinity, 0xff80],
    [3.4e38, 0x7f80],
  ];
  for (const [value, bits] of cases) assert.equal(f32ToBf16(value), bits, `${value}`);
  assert.ok(Number.isNaN(bf16ToF32(f32ToBf16(Number.NaN))));
  assert.equal(bf16ToF32(0xc049), -3.140625);
});
