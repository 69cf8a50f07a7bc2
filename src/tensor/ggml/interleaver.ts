// Weights in the order of our own kernels for products (native/products.h): rows of q8_0 in groups of
// 16. Where the kernels compute faster than ggml's is their word (kernels.ts), which types and shapes
// they take is said here.

import type { CheckedSpec } from '../driver.js';
import type { BaseFunctions, Pointer } from './declarations.js';
import type { ProductKernels } from './kernels.js';
import { GgmlTensor } from './tensor.js';

const GROUP_ROWS = 16;

/** A matrix, or a stack of them for matmulId, of whole groups of rows. */
export function canInterleave({ use, dtype, shape }: CheckedSpec): boolean {
  const isWhole = shape[1] > 1 && shape[1] % GROUP_ROWS === 0 && shape[3] === 1;
  return use === 'product' && dtype === 'q8_0' && isWhole;
}

/** Its ggml tensor has the right size, and its bytes mean nothing to ggml. */
export class InterleavedTensor extends GgmlTensor {
  readonly #interleave: ProductKernels['interleave'];
  readonly #numRows: number;
  readonly #numSummed: number;

  constructor(
    ggml: BaseFunctions,
    pointer: Pointer,
    { shape }: CheckedSpec,
    { interleave }: ProductKernels,
  ) {
    super(ggml, pointer, 'rearranged');
    this.#interleave = interleave;
    this.#numSummed = shape[0];
    this.#numRows = shape[1] * shape[2];
  }

  override write(bytes: Uint8Array): void {
    this.#interleave(this.address, bytes, this.#numRows, this.#numSummed);
  }
}
