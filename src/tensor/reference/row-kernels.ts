// Operations along rows: norms, softmax, sums, and the index of large elements.

import { forEachRow } from './operand.js';
import type { Operand } from './operand.js';

/** x / sqrt(mean(x^2) + eps) */
export function rmsNorm(out: Operand, a: Operand, eps: number): void {
  mapRows(out, a, (x, result) => {
    const factor = 1 / Math.sqrt(sumOf(x, (value) => value * value) / x.length + eps);
    for (let i = 0; i < x.length; i++) result[i] = x[i]! * factor;
  });
}

/** (x - mean) / sqrt(variance + eps) */
export function norm(out: Operand, a: Operand, eps: number): void {
  mapRows(out, a, (x, result) => {
    const mean = sumOf(x, (value) => value) / x.length;
    const variance = sumOf(x, (value) => (value - mean) ** 2) / x.length;
    const factor = 1 / Math.sqrt(variance + eps);
    for (let i = 0; i < x.length; i++) result[i] = (x[i]! - mean) * factor;
  });
}

/** softmax(scale * a + mask) */
export function softMax(out: Operand, a: Operand, mask: Operand | undefined, scale: number): void {
  const maskScratch = new Float32Array(a.rowLength);
  const factor = Math.fround(scale);
  mapRows(out, a, (x, result, i1, i2, i3) => {
    const bias = mask?.row(i1, i2 % mask.shape[2], i3 % mask.shape[3], maskScratch);
    let largest = -Infinity;
    for (let i = 0; i < x.length; i++) {
      result[i] = x[i]! * factor + (bias ? bias[i]! : 0);
      largest = Math.max(largest, result[i]!);
    }
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += result[i] = Math.exp(result[i]! - largest);
    for (let i = 0; i < x.length; i++) result[i] = result[i]! / sum;
  });
}

export function sumRows(out: Operand, a: Operand): void {
  mapRows(out, a, (x, result) => {
    result[0] = sumOf(x, (value) => value);
  });
}

/** The k largest per row, largest first; a tie goes to the lower index. */
export function topK(out: Operand, a: Operand, k: number): void {
  sortedIndices(out, a, 'descending', k);
}

export function argsort(out: Operand, a: Operand, order: 'ascending' | 'descending'): void {
  sortedIndices(out, a, order, a.rowLength);
}

function sortedIndices(
  out: Operand,
  a: Operand,
  order: 'ascending' | 'descending',
  count: number,
): void {
  const sign = order === 'ascending' ? 1 : -1;
  const scratch = new Float32Array(a.rowLength);
  forEachRow(a.shape, (i1, i2, i3) => {
    const x = a.row(i1, i2, i3, scratch);
    const key = (index: number): number => (Number.isNaN(x[index]) ? Infinity : x[index]!);
    const indices = Int32Array.from(x, (_, index) => index);
    // Equal infinities would subtract to NaN, hence the comparison first.
    indices.sort((i, j) => (key(i) === key(j) ? i - j : sign * (key(i) - key(j))));
    for (let i = 0; i < count; i++) out.setInt(i, i1, i2, i3, indices[i]!);
  });
}

function mapRows(
  out: Operand,
  a: Operand,
  apply: (x: Float32Array, result: Float32Array, i1: number, i2: number, i3: number) => void,
): void {
  const scratch = new Float32Array(a.rowLength);
  const result = new Float32Array(out.rowLength);
  forEachRow(a.shape, (i1, i2, i3) => {
    apply(a.row(i1, i2, i3, scratch), result, i1, i2, i3);
    out.setRow(i1, i2, i3, result);
  });
}

function sumOf(x: Float32Array, term: (value: number) => number): number {
  let sum = 0;
  for (const value of x) sum += term(value);
  return sum;
}
