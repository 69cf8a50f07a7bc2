// The operations a graph can be built from. Every call checks shapes and dtypes in TypeScript and
// throws ShapeError, because a wrong call into the native library aborts the process.
//
// What cannot be checked here is data. Contract: row indices (getRows, setRows, mulMatId) must be
// in range when the graph runs; an index out of range aborts the process on ggml.
// Notation: [n0, n1, n2, n3] in ggml order; "f32 rows" means dtype f32 with consecutive elements
// along n0 (true for everything except a permuted or transposed view: use cont to fix one).

import type { DeviceTensor, DType, RowTable, Shape, Tensor } from './types.js';

/** Rotary embedding as in YaRN; the defaults are plain RoPE. */
export interface RopeOptions {
  /** How the pairs lie: neighbours (2i, 2i+1) or halves (i, i + numDims/2). */
  mode: 'interleaved' | 'half';
  /** Leading elements of each row that rotate (even); the rest is copied. */
  numDims: number;
  freqBase: number;
  /** 1 / context extension factor. Default 1. */
  freqScale?: number;
  /** Weight of extrapolation in YaRN: 1 = YaRN, 0 = plain scaling. Default 0. */
  extFactor?: number;
  /** Factor on the rotated values. ggml multiplies it by 1 + 0.1 ln(1 / freqScale) when extFactor is
   *  not 0; divide that out for a plain factor. Default 1. */
  attnFactor?: number;
  /** Default 32. */
  betaFast?: number;
  /** Default 1. */
  betaSlow?: number;
  /** Context length before extension, in tokens. Default 0; needed when extFactor is not 0. */
  origContextLength?: number;
}

export interface SoftMaxOptions {
  /** Added after scaling: f32 or f16, [n0, n1, m2, m3] with n2 % m2 = 0 and n3 % m3 = 0. */
  mask?: Tensor;
  /** Default 1. */
  scale?: number;
}

export interface ViewOptions {
  /** Distance in elements between neighbours along n1, n2, n3. Default: packed. */
  strides?: readonly number[];
  /** First element, counted from the start of the viewed tensor. Default 0. */
  offset?: number;
}

export interface RowTableSpec {
  /** Latent rows: f32 or f16. Indexer keys: f32, f16 or i8_rows. */
  dtype: 'f32' | 'f16' | 'i8_rows';
  /** n0 of the bound tensors. */
  width: number;
  /** n2 of the bound tensors: one slice of rows per layer. */
  numLayers: number;
  /** Tokens of the graph; the table has one entry for each. */
  numTokens: number;
}

export interface IndexTopKOptions {
  /** f32 [width, J, N], J index heads. */
  queries: Tensor;
  /** f32 [J, N] */
  headWeights: Tensor;
  /** i32 [N]: token t sees rows 0 .. positions[t]. */
  positions: Tensor;
  k: number;
}

export interface AttendRowsOptions {
  /** f32 [width, H, N] */
  queries: Tensor;
  /** i32 [N]: token t sees rows 0 .. positions[t]. */
  positions: Tensor;
  /** i32 [k, N] from indexTopK; absent = every visible row. */
  chosen?: Tensor;
  /** Leading elements of a row that are its value. */
  valueWidth: number;
  /** Factor on the scores. */
  scale: number;
}

/** Builds one graph. Values of one builder cannot be used in another. */
export interface GraphBuilder {
  /** A value written by the caller before a run; keeps it between runs. Names are unique. */
  input(name: string, dtype: 'f32' | 'f16' | 'bf16' | 'i32', shape: Shape): Tensor;
  /** A weight or cache of this device. */
  use(tensor: DeviceTensor): Tensor;

  // --- matrix products -----------------------------------------------------------------------
  /** weights [k, n, a2, a3] x activations f32 [k, m, b2, b3] -> f32 [n, m, b2, b3]; weights repeat
   *  over b2 and b3 (b2 % a2 = 0, b3 % a3 = 0). With quantised or half weights ggml rounds the
   *  activations to the matching format too. */
  mulMat(weights: Tensor, activations: Tensor): Tensor;
  /** Per-token choice among experts: weights [k, n, experts], activations f32 [k, u, tokens] with
   *  used % u = 0, ids i32 [used, tokens] -> f32 [n, used, tokens]. */
  mulMatId(weights: Tensor, activations: Tensor, ids: Tensor): Tensor;

  // --- element by element (f32) ----------------------------------------------------------------
  /** a + b; b repeats along every dimension that divides a's. Likewise sub, mul, div. */
  add(a: Tensor, b: Tensor): Tensor;
  sub(a: Tensor, b: Tensor): Tensor;
  mul(a: Tensor, b: Tensor): Tensor;
  div(a: Tensor, b: Tensor): Tensor;
  /** factor * a + bias. */
  scale(a: Tensor, factor: number, bias?: number): Tensor;
  clamp(a: Tensor, min: number, max: number): Tensor;
  sqr(a: Tensor): Tensor;
  sqrt(a: Tensor): Tensor;
  exp(a: Tensor): Tensor;
  neg(a: Tensor): Tensor;
  sigmoid(a: Tensor): Tensor;
  silu(a: Tensor): Tensor;
  relu(a: Tensor): Tensor;
  /** 1 where a > 0, else 0. */
  step(a: Tensor): Tensor;
  /** silu(gate) * up, same shapes. */
  swiglu(gate: Tensor, up: Tensor): Tensor;
  /** A tensor of a's shape and dtype (f32 or f16) holding `value` everywhere. */
  fill(a: Tensor, value: number): Tensor;

  // --- along n0 (f32 rows) ---------------------------------------------------------------------
  /** x / sqrt(mean(x^2) + eps), without weight. */
  rmsNorm(a: Tensor, eps: number): Tensor;
  /** (x - mean) / sqrt(variance + eps), LayerNorm without weight and bias. */
  norm(a: Tensor, eps: number): Tensor;
  /** softmax(scale * a + mask). A row whose every entry is masked with -Infinity is NaN. */
  softMax(a: Tensor, options?: SoftMaxOptions): Tensor;
  /** Sum of each row: [n0, n1, n2, n3] -> [1, n1, n2, n3]. */
  sumRows(a: Tensor): Tensor;
  /** Indices i32 [k, n1, n2, n3] of the k largest per row, in no particular order. */
  topK(a: Tensor, k: number): Tensor;
  /** Indices i32 of the k largest per row, largest first (a strided view of a full argsort). */
  argsortTopK(a: Tensor, k: number): Tensor;
  /** Indices i32 that sort each row. */
  argsort(a: Tensor, order: 'ascending' | 'descending'): Tensor;
  /** Rotary position embedding of f32 rows [headDim, heads, tokens, n3] at positions i32 [tokens]. */
  rope(a: Tensor, positions: Tensor, options: RopeOptions): Tensor;

  // --- rows by index -----------------------------------------------------------------------------
  /** Rows of a [n0, rows, n2, n3] by indices i32 [m, n2, n3] -> f32 (i32 if a is) [n0, m, n2, n3].
   *  Any dtype of a. Contract: 0 <= index < rows. */
  getRows(a: Tensor, indices: Tensor): Tensor;
  /** Writes f32 rows [n0, m, n2, n3] into target [n0, rows, n2, n3] at indices i32 [m, i2, i3] with
   *  n2 % i2 = 0 and n3 % i3 = 0, converting to target's dtype. Returns the written target.
   *  Contract: 0 <= index < rows. */
  setRows(target: Tensor, rows: Tensor, indices: Tensor): Tensor;

  // --- shape and memory ----------------------------------------------------------------------------
  /** Same elements, new shape, no copy. Needs packed memory. */
  reshape(a: Tensor, shape: Shape): Tensor;
  /** Window on a's memory, in elements (multiples of the block size for block formats). */
  view(a: Tensor, shape: Shape, options?: ViewOptions): Tensor;
  /** Elements start .. start + length along one dimension: a view with a's strides. */
  slice(a: Tensor, dim: 0 | 1 | 2 | 3, start: number, length: number): Tensor;
  /** Dimension i of a becomes dimension axes[i] of the result (ggml's convention). No copy. */
  permute(a: Tensor, axes: readonly [number, number, number, number]): Tensor;
  /** Swaps n0 and n1. No copy. */
  transpose(a: Tensor): Tensor;
  /** Packed copy of a view. */
  cont(a: Tensor): Tensor;
  /** Joins along `dim`; other dimensions and dtypes (f32, f16, bf16 or i32) equal. */
  concat(a: Tensor, b: Tensor, dim: 0 | 1 | 2 | 3): Tensor;
  /** Packed copy in another dtype (between f32, f16 and bf16, and from f32 to block formats). */
  cast(a: Tensor, dtype: DType): Tensor;
  /** Copies a into target's memory (same number of elements, converting dtype as cast does) and
   *  returns target. */
  copy(a: Tensor, target: Tensor): Tensor;
  /** Repeats a (f32) to `shape`; every size divides. */
  repeat(a: Tensor, shape: Shape): Tensor;

  // --- rows of many sequences (needs Device.hasRowTables) ------------------------------------------
  // A graph over row tables names no cache: it is compiled once per number of tokens and serves any
  // mix of sequences and lengths. Positions beyond the bound tensor make the run fail, not the process.

  /** One entry per token, bound by CompiledGraph.bindRows before a run. Names are unique among inputs. */
  rowTable(name: string, spec: RowTableSpec): RowTable;
  /** Row positions[t] of `layer` becomes values[:, t], f32 [width, N], converted to the table's dtype.
   *  Nodes built later see it. Two tokens of one sequence have different positions. */
  writeTableRows(table: RowTable, layer: number, values: Tensor, positions: Tensor): void;
  /** The lightning indexer: score[t, s] = sum_j headWeights[j, t] * relu(queries[:, j, t] . row s) over
   *  visible rows; the k best per token, i32 [k, N], in no particular order. A token that sees fewer
   *  than k rows gets all of them, then -1. Ties at the border go to the lower row. */
  indexTopK(table: RowTable, layer: number, options: IndexTopKOptions): Tensor;
  /** Attention of N tokens, each over its own rows (all heads share them): f32 [valueWidth, H, N] =
   *  sum_s softmax_s(scale * queries[:, h, t] . row s) * row s[0 .. valueWidth]. Rows are those in
   *  `chosen` (entries of -1 end the list), or all visible ones. */
  attendRows(table: RowTable, layer: number, options: AttendRowsOptions): Tensor;
}
