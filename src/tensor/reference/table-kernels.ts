// The operations on row tables as graph.ts defines them. Over i8_rows the indexer's arithmetic is part
// of the definition, rounding by rounding, so that the native kernels choose exactly the same rows;
// over float rows sums run in double precision, as in the other kernels here.

import { quantizeRow } from '../i8-rows.js';
import type { Operand } from './operand.js';
import type { TableRows } from './table-rows.js';

const { fround } = Math;

/** Row positions[t] of the layer = values[:, t]. */
export function writeTableRows(
  rows: TableRows,
  layer: number,
  values: Operand,
  positions: Operand,
): void {
  const scratch = new Float32Array(rows.table.width);
  for (let token = 0; token < rows.table.numTokens; token++) {
    const row = rows.checkPosition(token, positions.int(token, 0, 0, 0));
    rows.write(layer, token, row, values.row(token, 0, 0, scratch));
  }
}

export interface IndexTopKInputs {
  queries: Operand;
  headWeights: Operand;
  positions: Operand;
  k: number;
}

/** The k best rows per token, in ascending order, then -1. */
export function indexTopK(
  out: Operand,
  rows: TableRows,
  layer: number,
  { queries, headWeights, positions, k }: IndexTopKInputs,
): void {
  const weightScratch = new Float32Array(queries.shape[1]);
  for (let token = 0; token < rows.table.numTokens; token++) {
    const visible = rows.checkPosition(token, positions.int(token, 0, 0, 0)) + 1;
    const weights = headWeights.row(token, 0, 0, weightScratch);
    const scorer = rows.table.dtype === 'i8_rows' ? i8Scorer : floatScorer;
    const scoreOf = scorer(rows, layer, token, queries, weights);
    const scores = Float32Array.from({ length: visible }, (_, row) => ordered(scoreOf(row)));
    const best = Array.from(scores, (_, row) => row);
    // Equal infinities would subtract to NaN, hence the comparison first.
    best.sort((a, b) => (scores[a] === scores[b] ? a - b : scores[b]! - scores[a]!));
    const chosen = best.slice(0, k).toSorted((a, b) => a - b);
    for (let i = 0; i < k; i++) out.setInt(i, token, 0, 0, chosen[i] ?? -1);
  }
}

/** NaN ranks last. */
function ordered(score: number): number {
  return Number.isNaN(score) ? -Infinity : score;
}

type Scorer = (row: number) => number;

function floatScorer(
  rows: TableRows,
  layer: number,
  token: number,
  queries: Operand,
  weights: Float32Array,
): Scorer {
  const key = new Float32Array(rows.table.width);
  const scratch = Array.from(weights, () => new Float32Array(rows.table.width));
  const heads = scratch.map((buffer, head) => queries.row(head, token, 0, buffer));
  return (row) => {
    rows.read(layer, token, row, key);
    let score = 0;
    heads.forEach((query, head) => (score += weights[head]! * relu(dot(query, key))));
    return score;
  };
}

/** Each head's query is rounded to int8 as rows are; the dot products are exact. */
function i8Scorer(
  rows: TableRows,
  layer: number,
  token: number,
  queries: Operand,
  weights: Float32Array,
): Scorer {
  const scratch = new Float32Array(rows.table.width);
  const heads = Array.from(weights, (weight, head) => {
    const { integers, scale } = quantizeRow(queries.row(head, token, 0, scratch));
    return { integers, factor: fround(weight * scale) };
  });
  return (row) => {
    const key = rows.readQuantized(layer, token, row);
    let sum = 0;
    for (const { integers, factor } of heads) {
      sum = fround(sum + fround(fround(relu(dot(integers, key.integers))) * factor));
    }
    return fround(sum * key.scale);
  };
}

export interface AttendInputs {
  queries: Operand;
  positions: Operand;
  chosen: Operand | undefined;
  valueWidth: number;
  scale: number;
}

/** out[:, h, t] = sum_s softmax_s(scale * q[h, t] . row s) * row s; zeros over no rows at all. */
export function attendRows(
  out: Operand,
  rows: TableRows,
  layer: number,
  { queries, positions, chosen, valueWidth, scale }: AttendInputs,
): void {
  const factor = fround(scale);
  const scratch = new Float32Array(rows.table.width);
  for (let token = 0; token < rows.table.numTokens; token++) {
    const position = rows.checkPosition(token, positions.int(token, 0, 0, 0));
    const latents = visibleRows(token, position, chosen, rows.table.name).map((row) =>
      rows.read(layer, token, row, new Float32Array(rows.table.width)),
    );
    for (let head = 0; head < queries.shape[1]; head++) {
      const query = queries.row(head, token, 0, scratch);
      const scores = latents.map((latent) => factor * dot(query, latent));
      const largest = scores.reduce((most, score) => Math.max(most, score), -Infinity);
      const sums = new Float64Array(valueWidth);
      let total = 0;
      latents.forEach((latent, index) => {
        const weight = Math.exp(scores[index]! - largest);
        total += weight;
        for (let i = 0; i < valueWidth; i++) sums[i]! += weight * latent[i]!;
      });
      const divisor = latents.length === 0 ? 1 : total;
      out.setRow(
        head,
        token,
        0,
        Float32Array.from(sums, (sum) => sum / divisor),
      );
    }
  }
}

/** @throws RangeError for a chosen row that the token does not see. */
function visibleRows(
  token: number,
  position: number,
  chosen: Operand | undefined,
  table: string,
): number[] {
  if (!chosen) return Array.from({ length: position + 1 }, (_, row) => row);
  const rows: number[] = [];
  for (let i = 0; i < chosen.shape[0]; i++) {
    const row = chosen.int(i, token, 0, 0);
    if (row === -1) break;
    if (row < 0 || row > position) {
      throw new RangeError(`row table ${table}: token ${token} chose row ${row} of 0..${position}`);
    }
    rows.push(row);
  }
  return rows;
}

function relu(x: number): number {
  return x > 0 || Number.isNaN(x) ? x : 0;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
