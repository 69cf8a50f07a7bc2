// Between floats and the bytes of any dtype, in plain TypeScript: for model conversion on every
// platform, for the reference device, and for reading outputs. Block formats need whole blocks.

import { packQ4_0, packQ8_0, unpackQ4_0, unpackQ8_0 } from './blocks.js';
import { BLOCK_LAYOUTS, bytesOf } from './dtype.js';
import { f16Table, f32ToBf16, f32ToF16 } from './half.js';
import { packQ4_K, unpackQ4_K } from './q4-k.js';
import type { DType } from './types.js';

const NO_I8_ROWS = 'i8_rows interleaves rows: it is packed row by row (i8-rows.ts)';

/** Packs floats into the bytes of `dtype`, little-endian; into `out` if given.
 *  @throws RangeError if values are not whole blocks, `out` has another size, or a value that a
 *  block format cannot hold (NaN, infinity) occurs. */
export function quantize(dtype: DType, values: Float32Array, out?: Uint8Array): Uint8Array {
  const { blockSize } = BLOCK_LAYOUTS[dtype];
  if (values.length % blockSize !== 0) {
    throw new RangeError(`${dtype} packs blocks of ${blockSize}, not ${values.length} elements`);
  }
  const byteLength = bytesOf(dtype, values.length);
  const bytes = out ?? new Uint8Array(byteLength);
  if (bytes.length !== byteLength) {
    throw new RangeError(
      `${values.length} elements of ${dtype} take ${byteLength} bytes, not ${bytes.length}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (dtype) {
    case 'f32':
      bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      break;
    case 'f16':
      for (let i = 0; i < values.length; i++) view.setUint16(2 * i, f32ToF16(values[i]!), true);
      break;
    case 'bf16':
      for (let i = 0; i < values.length; i++) view.setUint16(2 * i, f32ToBf16(values[i]!), true);
      break;
    case 'i32':
      for (let i = 0; i < values.length; i++) view.setInt32(4 * i, values[i]!, true);
      break;
    case 'q8_0':
      packQ8_0(values, bytes);
      break;
    case 'q4_0':
      packQ4_0(values, bytes);
      break;
    case 'q4_K':
      packQ4_K(values, bytes);
      break;
    case 'i8_rows':
      throw new RangeError(NO_I8_ROWS);
    default:
      dtype satisfies never;
  }
  return bytes;
}

/** Unpacks bytes of `dtype` to floats; into `out` if given, whose length then says how many.
 *  @throws RangeError if the bytes are not whole blocks or `out` does not match them. */
export function dequantize(dtype: DType, bytes: Uint8Array, out?: Float32Array): Float32Array {
  const { blockSize, blockBytes } = BLOCK_LAYOUTS[dtype];
  const count = (bytes.length / blockBytes) * blockSize;
  if (bytes.length % blockBytes !== 0 || (out && out.length !== count)) {
    throw new RangeError(
      `${bytes.length} bytes of ${dtype} are not ${out?.length ?? 'whole'} elements`,
    );
  }
  const values = out ?? new Float32Array(count);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (dtype) {
    case 'f32':
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength).set(bytes);
      break;
    case 'f16': {
      const table = f16Table();
      for (let i = 0; i < count; i++) values[i] = table[view.getUint16(2 * i, true)]!;
      break;
    }
    case 'bf16': {
      // The upper half of an f32: widen the bits in place.
      const bits = new Uint32Array(values.buffer, values.byteOffset, count);
      for (let i = 0; i < count; i++) bits[i] = view.getUint16(2 * i, true) << 16;
      break;
    }
    case 'i32':
      for (let i = 0; i < count; i++) values[i] = view.getInt32(4 * i, true);
      break;
    case 'q8_0':
      unpackQ8_0(bytes, values);
      break;
    case 'q4_0':
      unpackQ4_0(bytes, values);
      break;
    case 'q4_K':
      unpackQ4_K(bytes, values);
      break;
    case 'i8_rows':
      throw new RangeError(NO_I8_ROWS);
    default:
      dtype satisfies never;
  }
  return values;
}
