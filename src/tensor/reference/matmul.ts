// Matrix products. Each weight row is unpacked once and multiplied with all activations that need
// it. Sums run in double precision and are rounded to f32 when stored.

import type { Operand } from './operand.js';

/** out[n, m] = sum_k w[k, n] x[k, m], per (i2, i3); weights repeat over the outer dimensions. */
export function mulMat(out: Operand, weights: Operand, activations: Operand): void {
  const [k, numRows] = weights.shape;
  const [, numColumns, n2, n3] = activations.shape;
  const wScratch = new Float32Array(k);
  const xScratch = new Float32Array(k);
  const result = new Float32Array(numRows * numColumns);
  for (let i3 = 0; i3 < n3; i3++) {
    for (let i2 = 0; i2 < n2; i2++) {
      const w2 = Math.floor(i2 / (n2 / weights.shape[2]));
      const w3 = Math.floor(i3 / (n3 / weights.shape[3]));
      for (let n = 0; n < numRows; n++) {
        const w = weights.row(n, w2, w3, wScratch);
        for (let m = 0; m < numColumns; m++) {
          result[m * numRows + n] = dot(w, activations.row(m, i2, i3, xScratch));
        }
      }
      for (let m = 0; m < numColumns; m++) {
        out.setRow(m, i2, i3, result.subarray(m * numRows, (m + 1) * numRows));
      }
    }
  }
}

/** out[n, u, t] = sum_k w[k, n, ids[u, t]] x[k, u mod n1 of x, t]. */
export function mulMatId(out: Operand, weights: Operand, activations: Operand, ids: Operand): void {
  const [k, numRows, numExperts] = weights.shape;
  const [used, numTokens] = ids.shape;
  const wScratch = new Float32Array(k);
  const xScratch = new Float32Array(k);
  const result = new Float32Array(numRows);
  for (let t = 0; t < numTokens; t++) {
    for (let u = 0; u < used; u++) {
      const expert = ids.int(u, t, 0, 0);
      if (expert < 0 || expert >= numExperts) {
        throw new RangeError(`mulMatId: expert ${expert} of ${numExperts}`);
      }
      const x = activations.row(u % activations.shape[1], t, 0, xScratch);
      for (let n = 0; n < numRows; n++) result[n] = dot(weights.row(n, expert, 0, wScratch), x);
      out.setRow(u, t, 0, result);
    }
  }
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
