// q4_K: blocks of 256 elements in 8 sub-blocks of 32; element = d * scale_j * q - dmin * minimum_j
// with 4-bit q, 6-bit scale_j and minimum_j, f16 d and dmin.
// Packing looks, per sub-block, for the line (scale, minimum) that minimises the weighted squared
// error; large elements weigh more, since they carry the products. Unpacking is exact.

import { f16ToF32, f32ToF16 } from './half.js';

const BLOCK = 256;
const SUB = 32;
const NUM_SUBS = BLOCK / SUB;
const MAX_Q = 15;
const MAX_SIX_BITS = 63;
/** Candidate grids tried per sub-block: MAX_Q + offset steps across the range of values. */
const GRID_OFFSETS = Array.from({ length: 21 }, (_, i) => -1 + 0.1 * i);

export function packQ4_K(values: Float32Array, out: Uint8Array): void {
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
  const scales = new Float64Array(NUM_SUBS);
  const minima = new Float64Array(NUM_SUBS);
  const quants = new Uint8Array(BLOCK);
  for (let start = 0, at = 0; start < values.length; start += BLOCK, at += 144) {
    const block = values.subarray(start, start + BLOCK);
    for (let i = 0; i < BLOCK; i++) {
      const value = block[i]!;
      if (!Number.isFinite(value))
        throw new RangeError(`cannot quantise ${value} (element ${start + i})`);
    }
    for (let j = 0; j < NUM_SUBS; j++) {
      const line = fitLine(block.subarray(j * SUB, (j + 1) * SUB));
      scales[j] = line.scale;
      minima[j] = line.minimum;
    }
    const d = f32ToF16(Math.max(...scales) / MAX_SIX_BITS);
    const dmin = f32ToF16(Math.max(...minima) / MAX_SIX_BITS);
    view.setUint16(at, d, true);
    view.setUint16(at + 2, dmin, true);
    out.fill(0, at + 4, at + 16);
    for (let j = 0; j < NUM_SUBS; j++) {
      const scale = sixBits(scales[j]!, f16ToF32(d));
      const minimum = sixBits(minima[j]!, f16ToF32(dmin));
      setScaleAndMinimum(out, at + 4, j, scale, minimum);
      const step = f16ToF32(d) * scale;
      const shift = f16ToF32(dmin) * minimum;
      for (let i = j * SUB; i < (j + 1) * SUB; i++) {
        quants[i] = step === 0 ? 0 : toGrid((block[i]! + shift) / step);
      }
    }
    // Byte i of a pair of sub-blocks holds element i (low) and element i + 32 (high).
    for (let i = 0; i < BLOCK / 2; i++) {
      const low = (i >> 5) * 2 * SUB + (i & 31);
      out[at + 16 + i] = quants[low]! | (quants[low + SUB]! << 4);
    }
  }
}

export function unpackQ4_K(bytes: Uint8Array, out: Float32Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let start = 0, at = 0; start < out.length; start += BLOCK, at += 144) {
    const d = f16ToF32(view.getUint16(at, true));
    const dmin = f16ToF32(view.getUint16(at + 2, true));
    for (let j = 0; j < NUM_SUBS; j++) {
      const step = Math.fround(d * getScale(bytes, at + 4, j));
      const shift = Math.fround(dmin * getMinimum(bytes, at + 4, j));
      const pairs = at + 16 + (j >> 1) * SUB;
      const nibbleShift = (j & 1) * 4;
      for (let i = 0; i < SUB; i++) {
        const q = (bytes[pairs + i]! >> nibbleShift) & 15;
        out[start + j * SUB + i] = Math.fround(step * q) - shift;
      }
    }
  }
}

interface Line {
  scale: number;
  minimum: number;
  /** Weighted squared error. */
  error: number;
}

/** The line x ~ scale * q - minimum, q in 0..15, minimum >= 0, of least weighted squared error over
 *  the candidate grids. */
function fitLine(x: Float32Array): Line {
  let sumSquares = 0;
  let low = 0;
  let high = -Infinity;
  for (let i = 0; i < SUB; i++) {
    const value = x[i]!;
    sumSquares += value * value;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (high <= low) return { scale: 0, minimum: -low, error: 0 };
  const rms = Math.sqrt(sumSquares / SUB);
  let best: Line = { scale: (high - low) / MAX_Q, minimum: -low, error: Infinity };
  for (const offset of GRID_OFFSETS) {
    const line = regress(x, rms, low, (MAX_Q + offset) / (high - low));
    if (line.error >= best.error) continue;
    best = line;
    low = -line.minimum; // later candidates start from the better line
  }
  return best;
}

/** Weighted least squares of x against the grid positions q = round((x - low) * steps). */
function regress(x: Float32Array, rms: number, low: number, steps: number): Line {
  let sumW = 0;
  let sumQ = 0;
  let sumQQ = 0;
  let sumX = 0;
  let sumXQ = 0;
  let sumXX = 0;
  for (let i = 0; i < SUB; i++) {
    const value = x[i]!;
    const w = rms + Math.abs(value);
    const q = toGrid((value - low) * steps);
    sumW += w;
    sumQ += w * q;
    sumQQ += w * q * q;
    sumX += w * value;
    sumXQ += w * value * q;
    sumXX += w * value * value;
  }
  const determinant = sumW * sumQQ - sumQ * sumQ;
  let scale = (sumW * sumXQ - sumX * sumQ) / determinant;
  let minimum = (sumQ * sumXQ - sumQQ * sumX) / determinant;
  if (minimum < 0) {
    minimum = 0; // cannot be stored; the best line through zero instead
    scale = sumXQ / sumQQ;
  }
  if (!(determinant > 0) || scale <= 0) return { scale: 0, minimum: 0, error: Infinity };
  // sum of w (scale q - minimum - x)^2, expanded
  const error =
    scale * scale * sumQQ +
    minimum * minimum * sumW +
    sumXX -
    2 * scale * minimum * sumQ -
    2 * scale * sumXQ +
    2 * minimum * sumX;
  return { scale, minimum, error };
}

function toGrid(position: number): number {
  if (position <= 0) return 0;
  return position >= MAX_Q ? MAX_Q : Math.floor(position + 0.5);
}

function sixBits(value: number, unit: number): number {
  return unit === 0 ? 0 : Math.min(MAX_SIX_BITS, Math.round(value / unit));
}

/** The 12 bytes hold 8 scales and 8 minima of 6 bits: j < 4 in the low 6 bits of bytes j and j + 4;
 *  j >= 4 with the low 4 bits in the nibbles of byte j + 4, the high 2 atop bytes j - 4 and j. */
function setScaleAndMinimum(
  out: Uint8Array,
  at: number,
  j: number,
  scale: number,
  minimum: number,
): void {
  if (j < 4) {
    out[at + j] = out[at + j]! | scale;
    out[at + j + 4] = out[at + j + 4]! | minimum;
  } else {
    out[at + j + 4] = (scale & 15) | ((minimum & 15) << 4);
    out[at + j - 4] = out[at + j - 4]! | ((scale >> 4) << 6);
    out[at + j] = out[at + j]! | ((minimum >> 4) << 6);
  }
}

function getScale(bytes: Uint8Array, at: number, j: number): number {
  if (j < 4) return bytes[at + j]! & 63;
  return (bytes[at + j + 4]! & 15) | ((bytes[at + j - 4]! >> 6) << 4);
}

function getMinimum(bytes: Uint8Array, at: number, j: number): number {
  if (j < 4) return bytes[at + j + 4]! & 63;
  return (bytes[at + j + 4]! >> 4) | ((bytes[at + j]! >> 6) << 4);
}
