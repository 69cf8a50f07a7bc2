// A node together with its memory: reads and writes rows (along n0) as floats whatever the dtype and
// strides, and single elements where exact integers matter. Kernels see nothing else.

import { BLOCK_LAYOUTS, bytesOf, isQuantized } from '../dtype.js';
import { bf16ToF32, f16ToF32, f32ToBf16, f32ToF16 } from '../half.js';
import { hasPackedRows } from '../layout.js';
import type { GraphNode } from '../node.js';
import { dequantize, quantize } from '../quantize.js';
import type { DType, Shape4 } from '../types.js';

export class Operand {
  readonly node: GraphNode;
  readonly dtype: DType;
  readonly shape: Shape4;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** The memory as f32, where a row can be handed out without a copy. */
  readonly #floats: Float32Array | undefined;

  /** @param bytes the whole memory of the node's base. */
  constructor(node: GraphNode, bytes: Uint8Array) {
    this.node = node;
    this.dtype = node.dtype;
    this.shape = node.shape;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (node.dtype === 'f32' && hasPackedRows(node)) {
      this.#floats = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
    }
  }

  get rowLength(): number {
    return this.shape[0];
  }

  /** Row (i1, i2, i3) as n0 floats. Contract: only read, and only until the next call with the same
   *  `scratch`; f32 rows are handed out in place. */
  row(i1: number, i2: number, i3: number, scratch: Float32Array): Float32Array {
    const start = this.#offset(i1, i2, i3);
    const n0 = this.rowLength;
    if (this.#floats) return this.#floats.subarray(start >> 2, (start >> 2) + n0);
    const out = scratch.subarray(0, n0);
    if (isQuantized(this.dtype)) {
      return dequantize(
        this.dtype,
        this.#bytes.subarray(start, start + bytesOf(this.dtype, n0)),
        out,
      );
    }
    const stride = this.node.strides[0];
    for (let i = 0; i < n0; i++) out[i] = this.#float(start + i * stride);
    return out;
  }

  /** Stores n0 floats as row (i1, i2, i3), converting to the operand's dtype. */
  setRow(i1: number, i2: number, i3: number, values: Float32Array): void {
    const start = this.#offset(i1, i2, i3);
    if (this.#floats) {
      this.#floats.set(values, start >> 2);
      return;
    }
    if (isQuantized(this.dtype)) {
      const end = start + bytesOf(this.dtype, values.length);
      quantize(this.dtype, values, this.#bytes.subarray(start, end));
      return;
    }
    const stride = this.node.strides[0];
    values.forEach((value, i) => this.#setFloat(start + i * stride, value));
  }

  int(i0: number, i1: number, i2: number, i3: number): number {
    return this.#view.getInt32(this.#offset(i1, i2, i3) + i0 * this.node.strides[0], true);
  }

  setInt(i0: number, i1: number, i2: number, i3: number, value: number): void {
    this.#view.setInt32(this.#offset(i1, i2, i3) + i0 * this.node.strides[0], value, true);
  }

  /** Copies a row bit by bit from an operand of the same dtype, to elements from `at` on. */
  copyRow(
    to: [number, number, number],
    at: number,
    source: Operand,
    from: [number, number, number],
  ): void {
    const { blockSize, blockBytes } = BLOCK_LAYOUTS[this.dtype];
    const numBlocks = source.rowLength / blockSize;
    let target = this.#offset(...to) + (at / blockSize) * this.node.strides[0];
    let start = source.#offset(...from);
    for (let block = 0; block < numBlocks; block++) {
      for (let i = 0; i < blockBytes; i++) this.#bytes[target + i] = source.#bytes[start + i]!;
      target += this.node.strides[0];
      start += source.node.strides[0];
    }
  }

  #offset(i1: number, i2: number, i3: number): number {
    const [, s1, s2, s3] = this.node.strides;
    return this.node.byteOffset + i1 * s1 + i2 * s2 + i3 * s3;
  }

  #float(at: number): number {
    if (this.dtype === 'f32') return this.#view.getFloat32(at, true);
    if (this.dtype === 'i32') return this.#view.getInt32(at, true);
    const bits = this.#view.getUint16(at, true);
    return this.dtype === 'f16' ? f16ToF32(bits) : bf16ToF32(bits);
  }

  #setFloat(at: number, value: number): void {
    if (this.dtype === 'f32') this.#view.setFloat32(at, value, true);
    else if (this.dtype === 'i32') this.#view.setInt32(at, value, true);
    else this.#view.setUint16(at, this.dtype === 'f16' ? f32ToF16(value) : f32ToBf16(value), true);
  }
}

/** Calls `visit` for every row index of a shape. */
export function forEachRow(
  shape: Shape4,
  visit: (i1: number, i2: number, i3: number) => void,
): void {
  for (let i3 = 0; i3 < shape[3]; i3++) {
    for (let i2 = 0; i2 < shape[2]; i2++) {
      for (let i1 = 0; i1 < shape[1]; i1++) visit(i1, i2, i3);
    }
  }
}
