// The 32-element block formats q8_0 and q4_0: value = scale * integer, one f16 scale per block.
// The rounding steps follow the format's definition in f32 (hence the Math.fround calls), so the
// packed bytes equal those that other GGUF tools write.

import { f16ToF32, f32ToF16 } from './half.js';

const BLOCK = 32;

/** Largest magnitude in a block, with its sign. @throws RangeError on NaN or infinity. */
function extreme(values: Float32Array, start: number): number {
  let largest = 0;
  for (let i = start; i < start + BLOCK; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) throw new RangeError(`cannot quantise ${value} (element ${i})`);
    if (Math.abs(value) > Math.abs(largest)) largest = value;
  }
  return largest;
}

/** q8_0: f16 scale = max|x| / 127, then 32 int8. */
export function packQ8_0(values: Float32Array, out: Uint8Array): void {
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
  for (let start = 0, at = 0; start < values.length; start += BLOCK, at += 34) {
    const scale = Math.fround(Math.abs(extreme(values, start)) / 127);
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    view.setUint16(at, f32ToF16(scale), true);
    for (let i = 0; i < BLOCK; i++) {
      const scaled = Math.fround(values[start + i]! * inverse);
      // Ties go away from zero; Math.round would send -0.5 to -0.
      view.setInt8(at + 2 + i, Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5));
    }
  }
}

export function unpackQ8_0(bytes: Uint8Array, out: Float32Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let start = 0, at = 0; start < out.length; start += BLOCK, at += 34) {
    const scale = f16ToF32(view.getUint16(at, true));
    for (let i = 0; i < BLOCK; i++) out[start + i] = scale * view.getInt8(at + 2 + i);
  }
}

/** q4_0: f16 scale = extreme / -8, then 16 bytes; byte i holds elements i (low) and i + 16 (high),
 *  each as integer + 8. */
export function packQ4_0(values: Float32Array, out: Uint8Array): void {
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
  for (let start = 0, at = 0; start < values.length; start += BLOCK, at += 18) {
    const scale = Math.fround(extreme(values, start) / -8);
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    const nibble = (index: number): number =>
      Math.min(15, Math.trunc(Math.fround(Math.fround(values[index]! * inverse) + 8.5)));
    view.setUint16(at, f32ToF16(scale), true);
    for (let i = 0; i < BLOCK / 2; i++) {
      out[at + 2 + i] = nibble(start + i) | (nibble(start + BLOCK / 2 + i) << 4);
    }
  }
}

export function unpackQ4_0(bytes: Uint8Array, out: Float32Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let start = 0, at = 0; start < out.length; start += BLOCK, at += 18) {
    const scale = f16ToF32(view.getUint16(at, true));
    for (let i = 0; i < BLOCK / 2; i++) {
      const pair = bytes[at + 2 + i]!;
      out[start + i] = scale * ((pair & 15) - 8);
      out[start + BLOCK / 2 + i] = scale * ((pair >> 4) - 8);
    }
  }
}
