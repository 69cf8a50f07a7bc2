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
};

export function isQuantized(dtype: DType): boolean {
  return BLOCK_LAYOUTS[dtype].blockSize > 1;
}

/** Bytes of `count` consecutive elements; `count` is a multiple of the block size. */
export function bytesOf(dtype: DType, count: number): number {
  const { blockSize, blockBytes } = BLOCK_LAYOUTS[dtype];
  return (count / blockSize) * blockBytes;
}

export function numElements(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}
