// Element types and their storage: how many elements share a block, how many bytes a block takes.
// The layouts are ggml's (ggml-common.h); quantize.ts packs and unpacks them.

import type { DType, Shape } from './types.js';

export interface BlockLayout {
  /** Elements per block along n0. 1 for plain types. */
  blockSize: number;
  blockBytes: number;
}

export const BLOCK_LAYOUTS: Readonly<Record<DType, BlockLayout>> = {
  f32: { blockSize: 1, blockBytes: 4 },
  f16: { blockSize: 1, blockBytes: 2 },
  bf16: { blockSize: 1, blockBytes: 2 },
  i32: { blockSize: 1, blockBytes: 4 },
  // f16 scale, then 32 int8
  q8_0: { blockSize: 32, blockBytes: 34 },
  // f16 scale, then 32 nibbles
  q4_0: { blockSize: 32, blockBytes: 18 },
  // f16 scale, f16 minimum, 12 bytes of 6-bit scales and minima of 8 sub-blocks, 256 nibbles
  q4_K: { blockSize: 256, blockBytes: 144 },
  // int8 in fours (what one multiply-add instruction takes); the f32 scale per row comes on top
  i8_rows: { blockSize: 4, blockBytes: 4 },
};

/** Rows of i8_rows lie interleaved in groups of this many: per group [n0 / 4][16][4] signed bytes,
 *  then 16 f32 scales. A multiple of 16 rows is therefore one run of bytes. */
export const I8_GROUP_ROWS = 16;

export function isQuantized(dtype: DType): boolean {
  return BLOCK_LAYOUTS[dtype].blockSize > 1;
}

/** Bytes of `count` consecutive elements of one row; `count` is a multiple of the block size. In
 *  i8_rows only whole rows have a size, so `count` is n0 there. */
export function bytesOf(dtype: DType, count: number): number {
  const { blockSize, blockBytes } = BLOCK_LAYOUTS[dtype];
  return (count / blockSize) * blockBytes + (dtype === 'i8_rows' ? 4 : 0);
}

/** Bytes of a tensor without gaps. */
export function tensorBytes(dtype: DType, shape: Shape): number {
  return bytesOf(dtype, shape[0]!) * numElements(shape.slice(1));
}

export function numElements(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}
