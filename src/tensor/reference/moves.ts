// Operations that move or convert elements without arithmetic.

import { forEachRow } from './operand.js';
import type { Operand } from './operand.js';

/** Same shape; bit by bit where the dtypes agree, through floats otherwise. */
export function copy(out: Operand, a: Operand): void {
  const scratch = new Float32Array(a.rowLength);
  forEachRow(a.shape, (i1, i2, i3) => {
    if (a.dtype === out.dtype) out.copyRow([i1, i2, i3], 0, a, [i1, i2, i3]);
    else out.setRow(i1, i2, i3, a.row(i1, i2, i3, scratch));
  });
}

export function concat(out: Operand, a: Operand, b: Operand, dim: 0 | 1 | 2 | 3): void {
  const at = (axis: number): number => (dim === axis ? a.shape[dim] : 0);
  forEachRow(a.shape, (i1, i2, i3) => out.copyRow([i1, i2, i3], 0, a, [i1, i2, i3]));
  forEachRow(b.shape, (i1, i2, i3) => {
    out.copyRow([i1 + at(1), i2 + at(2), i3 + at(3)], at(0), b, [i1, i2, i3]);
  });
}

export function repeat(out: Operand, a: Operand): void {
  const [n0, n1, n2, n3] = a.shape;
  forEachRow(out.shape, (i1, i2, i3) => {
    for (let i0 = 0; i0 < out.rowLength; i0 += n0) {
      out.copyRow([i1, i2, i3], i0, a, [i1 % n1, i2 % n2, i3 % n3]);
    }
  });
}

/** out[:, j, i2, i3] = a[:, indices[j, i2, i3], i2, i3] */
export function getRows(out: Operand, a: Operand, indices: Operand): void {
  const scratch = new Float32Array(a.rowLength);
  forEachRow(out.shape, (j, i2, i3) => {
    const row = rowIndex('getRows', indices.int(j, i2, i3, 0), a.shape[1]);
    if (a.dtype === out.dtype) out.copyRow([j, i2, i3], 0, a, [row, i2, i3]);
    else out.setRow(j, i2, i3, a.row(row, i2, i3, scratch));
  });
}

/** target[:, indices[j, i2 mod, i3 mod], i2, i3] = rows[:, j, i2, i3] */
export function setRows(target: Operand, rows: Operand, indices: Operand): void {
  const scratch = new Float32Array(rows.rowLength);
  const [, m1, m2] = indices.shape;
  forEachRow(rows.shape, (j, i2, i3) => {
    const row = rowIndex('setRows', indices.int(j, i2 % m1, i3 % m2, 0), target.shape[1]);
    target.setRow(row, i2, i3, rows.row(j, i2, i3, scratch));
  });
}

/** Out of range aborts the process on ggml; here the broken contract is an exception. */
function rowIndex(op: string, index: number, numRows: number): number {
  if (index < 0 || index >= numRows) throw new RangeError(`${op}: row ${index} of ${numRows}`);
  return index;
}
