// Shapes and strides: how elements lie in memory, and the predicates that kernels ask of them.
// Strides are in bytes; the predicates give the same answers as ggml's functions of similar name,
// including that the stride of a dimension of size 1 does not matter to isPacked.

import { BLOCK_LAYOUTS, bytesOf, I8_GROUP_ROWS, numElements } from './dtype.js';
import { describeTensor, ShapeError } from './errors.js';
import type { DType, Shape, Shape4, Tensor } from './types.js';

/** Sizes above this are refused: kernels count rows and columns in 32 bits. */
const MAX_SIZE = 2 ** 31 - 1;

/** Pads a caller's shape to four dimensions.
 *  @throws ShapeError unless it has 1-4 positive integers and n0 is whole blocks of `dtype`. */
export function checkedShape(op: string, dtype: DType, shape: Shape): Shape4 {
  const seen = `${dtype} [${shape.join(', ')}]`;
  if (BLOCK_LAYOUTS[dtype] === undefined) {
    throw new ShapeError(op, seen, `a dtype among ${Object.keys(BLOCK_LAYOUTS).join(', ')}`);
  }
  if (shape.length < 1 || shape.length > 4) throw new ShapeError(op, seen, '1 to 4 dimensions');
  if (!shape.every((size) => Number.isInteger(size) && size >= 1 && size <= MAX_SIZE)) {
    throw new ShapeError(op, seen, `sizes in 1..${MAX_SIZE}`);
  }
  const { blockSize, blockBytes } = BLOCK_LAYOUTS[dtype];
  if (shape[0]! % blockSize !== 0) throw new ShapeError(op, seen, `n0 a multiple of ${blockSize}`);
  if (dtype === 'i8_rows' && (shape[1] ?? 1) % I8_GROUP_ROWS !== 0) {
    throw new ShapeError(op, seen, `n1 a multiple of ${I8_GROUP_ROWS}`);
  }
  if (numElements(shape) * blockBytes > Number.MAX_SAFE_INTEGER) {
    throw new ShapeError(op, seen, 'a tensor that can be addressed');
  }
  return [shape[0]!, shape[1] ?? 1, shape[2] ?? 1, shape[3] ?? 1];
}

/** Byte strides of a tensor without gaps. */
export function packedStrides(dtype: DType, shape: Shape4): Shape4 {
  const { blockBytes } = BLOCK_LAYOUTS[dtype];
  const s1 = bytesOf(dtype, shape[0]);
  const s2 = s1 * shape[1];
  return [blockBytes, s1, s2, s2 * shape[2]];
}

/** Bytes from the first element to the end of the last one. */
export function extentBytes(dtype: DType, shape: Shape4, strides: Shape4): number {
  const { blockSize, blockBytes } = BLOCK_LAYOUTS[dtype];
  return (
    blockBytes +
    (shape[0] / blockSize - 1) * strides[0] +
    (shape[1] - 1) * strides[1] +
    (shape[2] - 1) * strides[2] +
    (shape[3] - 1) * strides[3]
  );
}

/** Elements along n0 are neighbours in memory (strictly, also where n0 is 1). */
export function hasPackedRows(tensor: Tensor): boolean {
  return tensor.strides[0] === BLOCK_LAYOUTS[tensor.dtype].blockBytes;
}

/** No gaps above dimension `from`: isPacked(t, 1) lets rows be a window into longer rows. */
export function isPacked(tensor: Tensor, from: 0 | 1 = 0): boolean {
  const { dtype, shape, strides } = tensor;
  const { blockSize, blockBytes } = BLOCK_LAYOUTS[dtype];
  if (shape[0] !== blockSize && strides[0] !== blockBytes) return false;
  let next = blockBytes * (shape[0] / blockSize);
  for (let dim = 1; dim < 4; dim++) {
    if (dim > from) {
      if (shape[dim] !== 1 && strides[dim] !== next) return false;
      next *= shape[dim]!;
    } else {
      next = shape[dim]! * strides[dim]!;
    }
  }
  return true;
}

export function sameShape(a: Shape4, b: Shape4): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3];
}

/** Whether a tensor of shape `small` repeats to fill `large`. */
export function repeatsTo(small: Shape4, large: Shape4): boolean {
  return small.every((size, dim) => large[dim]! % size === 0);
}

/** Describes operands for error messages: `a f32 [4, 3], b f16 [4]`. */
export function describeOperands(operands: Readonly<Record<string, Tensor>>): string {
  return Object.entries(operands)
    .map(([role, tensor]) => `${role} ${describeTensor(tensor)}`)
    .join(', ');
}
