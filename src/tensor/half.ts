// 16-bit floats: IEEE half (f16) and bfloat16 (bf16), as raw bits in numbers and Uint16Arrays.
// Rounding is to nearest, ties to even, as the hardware conversions do.

const floatBits = new Float32Array(1);
const intBits = new Uint32Array(floatBits.buffer);

export function f32ToF16(value: number): number {
  floatBits[0] = value;
  const bits = intBits[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude >= 0x7f800000) return sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00);
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // rounds to 65536 or more: infinity
  if (magnitude >= 0x38800000) {
    // Normal: rebias the exponent by 15 - 127 and round away 13 bits of mantissa.
    const rebased = magnitude - 0x38000000;
    return sign | ((rebased + 0x0fff + ((rebased >>> 13) & 1)) >>> 13);
  }
  if (magnitude < 0x33000000) return sign; // below half of the smallest subnormal
  // Subnormal: the mantissa with its implicit one, shifted to units of 2^-24.
  const shift = 126 - (magnitude >>> 23);
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const half = 1 << (shift - 1);
  return sign | ((mantissa + half - 1 + ((mantissa >>> shift) & 1)) >>> shift);
}

export function f32ToBf16(value: number): number {
  floatBits[0] = value;
  const bits = intBits[0]!;
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40; // keep NaN a (quiet) NaN
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

export function bf16ToF32(bits: number): number {
  intBits[0] = bits << 16;
  return floatBits[0]!;
}

export function f16ToF32(bits: number): number {
  return f16Table()[bits]!;
}

let table: Float32Array | undefined;

/** All 65536 half values; built on first use (256 KiB, about a millisecond). */
export function f16Table(): Float32Array {
  if (table) return table;
  table = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >>> 10) & 31;
    const mantissa = bits & 1023;
    if (exponent === 31) table[bits] = mantissa ? Number.NaN : sign * Infinity;
    else if (exponent === 0) table[bits] = sign * mantissa * 2 ** -24;
    else table[bits] = sign * (1024 + mantissa) * 2 ** (exponent - 25);
  }
  return table;
}
