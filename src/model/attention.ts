// Multi-head latent attention (MLA, V2 report §2.1) with sparse selection (DSA, V3.2 report §2.1).
// One cached row per token, the latent [c | k_rope], serves all heads:
//   c_q = norm(W_DQ x)     q = W_UQ c_q = [q_nope | q_rope], q_rope rotated
//   c   = norm(W_DKV x)    k = [W_UK c | k_rope], k_rope = rope(W_KR x)    v = W_UV c
//   out = W_O softmax(scale q . k) v
// Two algebraically equal forms, chosen by cost:
//   plain (MHA):    keys and values of every head are expanded from the cached rows
//   absorbed (MQA): q . W_UK c = (W_UK^T q) . c: queries go to the latents, W_UV comes after the sum
// Three ways to select, all exact:
//   dense:  every visible key (no indexer, or no more keys than the indexer would choose)
//   masked: every key is scored and all but the chosen ones are masked out
//   gather: only the chosen rows are read
// Shapes fastest dimension first; N tokens, C cached keys, K chosen keys, H heads. The plain names
// (kv_lora, nope, rope, v) are widths. Details: model reference §4, §8 and §12.

import type { GraphBuilder } from '../tensor/graph.js';
import type { Tensor } from '../tensor/types.js';
import { latentWidth, softmaxScale, type ModelConfig } from './config.js';
import { indexerKeys, topkIndices } from './indexer.js';
import { ropeOptions } from './rope.js';
import type { LayerWeights } from './weights.js';

export type Selection = 'dense' | 'masked' | 'gather';

/** Gathered rows of one tile of queries may take this much scratch memory. */
const MAX_GATHER_BYTES = 32 << 20;

/** Values shared by all layers of one graph. */
export interface AttentionInputs {
  /** i32 [N]: position of each token, which is also its row in the cache. */
  positions: Tensor;
  /** f32 [C, N]: 0 where a token may look, -Infinity elsewhere. */
  mask: Tensor;
  /** C: leading rows of the cache that this graph reads. */
  numKeys: number;
  selection: Selection;
}

/** Cached rows of one layer. */
export interface LayerCache {
  /** [kv_lora + rope, rows] */
  latent: Tensor;
  /** [index head dim, rows]; null without an indexer. */
  indexerKeys: Tensor | null;
}

interface Query {
  /** [nope, N, H], a view */
  nope: Tensor;
  /** [rope, N, H], a view, rotated */
  rope: Tensor;
  /** Low-rank queries, [q_lora, N]; null where queries are projected directly. */
  latent: Tensor | null;
}

/**
 * Attention of one layer over its cache, which gets the new tokens first.
 * @param x input after the norm, [hidden, N]
 * @returns [hidden, N]
 */
export function attention(
  g: GraphBuilder,
  x: Tensor,
  weights: LayerWeights,
  cache: LayerCache,
  inputs: AttentionInputs,
  config: ModelConfig,
): Tensor {
  const written = writeCache(g, x, weights, cache, inputs, config);
  const query = projectQuery(g, x, weights, inputs.positions, config);
  const rows = g.slice(written.latent, 1, 0, inputs.numKeys); // [kv_lora + rope, C]
  const perHead = attend(g, query, rows, written.indexerKeys, x, weights, inputs, config);
  // [v, N, H] -> [H * v, N]
  const numTokens = x.shape[1];
  const joined = g.reshape(g.cont(g.permute(perHead, [0, 2, 1, 3])), [
    config.numHeads * config.vHeadDim,
    numTokens,
  ]);
  return g.mulMat(g.use(weights.output), joined);
}

/** Puts the new tokens' rows into the cache; the returned tensors are the caches afterwards. */
export function writeCache(
  g: GraphBuilder,
  x: Tensor,
  weights: LayerWeights,
  cache: LayerCache,
  { positions }: AttentionInputs,
  config: ModelConfig,
): LayerCache {
  const { kvLoraRank, qkRopeHeadDim } = config;
  const numTokens = x.shape[1];
  // W_DKV and W_KR are one matrix; only the compressed part is normed, only the other is rotated.
  const projected = g.mulMat(g.use(weights.latent), x); // [kv_lora + rope, N]
  const normed = g.rmsNorm(g.slice(projected, 0, 0, kvLoraRank), config.rmsNormEps);
  const compressed = g.mul(normed, g.use(weights.latentNorm)); // c: [kv_lora, N]
  const key = g.view(projected, [qkRopeHeadDim, 1, numTokens], {
    strides: [latentWidth(config), latentWidth(config)],
    offset: kvLoraRank,
  });
  const rotated = g.rope(key, positions, ropeOptions(config, 'interleaved')); // k_rope: [rope, 1, N]
  const row = g.concat(compressed, g.reshape(rotated, [qkRopeHeadDim, numTokens]), 0);
  const latent = g.setRows(cache.latent, row, positions);
  if (weights.indexer === null || cache.indexerKeys === null) return { latent, indexerKeys: null };
  const keys = indexerKeys(g, x, positions, weights.indexer, config);
  return { latent, indexerKeys: g.setRows(cache.indexerKeys, keys, positions) };
}

/** q = W_UQ c_q per head, its last dimensions rotated (model reference §4: nope first, rope last). */
function projectQuery(
  g: GraphBuilder,
  x: Tensor,
  weights: LayerWeights,
  positions: Tensor,
  config: ModelConfig,
): Query {
  const { numHeads, qkNopeHeadDim, qkRopeHeadDim } = config;
  const numTokens = x.shape[1];
  const { queries } = weights;
  let latent: Tensor | null = null;
  let flat: Tensor;
  if (queries.kind === 'direct') {
    flat = g.mulMat(g.use(queries.projection), x);
  } else {
    const normed = g.rmsNorm(g.mulMat(g.use(queries.down), x), config.rmsNormEps);
    latent = g.mul(normed, g.use(queries.norm));
    flat = g.mulMat(g.use(queries.up), latent);
  }
  // The kernel rotates per token, so heads are n1 until here and n2 afterwards: one matrix per head.
  const heads = g.reshape(flat, [qkNopeHeadDim + qkRopeHeadDim, numHeads, numTokens]);
  const rope = g.rope(
    g.slice(heads, 0, qkNopeHeadDim, qkRopeHeadDim),
    positions,
    ropeOptions(config, 'interleaved'),
  );
  return {
    nope: g.permute(g.slice(heads, 0, 0, qkNopeHeadDim), [0, 2, 1, 3]),
    rope: g.permute(rope, [0, 2, 1, 3]),
    latent,
  };
}

/**
 * Chooses keys where the model does, and the form that is cheaper for them.
 * @param rows cached rows, [kv_lora + rope, C]
 * @returns [v, N, H]
 */
function attend(
  g: GraphBuilder,
  query: Query,
  rows: Tensor,
  allIndexerKeys: Tensor | null,
  x: Tensor,
  weights: LayerWeights,
  inputs: AttentionInputs,
  config: ModelConfig,
): Tensor {
  if (inputs.selection === 'dense') return attendAll(g, query, rows, inputs.mask, weights, config);
  const { indexer } = config;
  if (
    indexer === null ||
    weights.indexer === null ||
    query.latent === null ||
    allIndexerKeys === null
  ) {
    throw new Error(`${inputs.selection} attention in a model without indexer`);
  }
  const keys = g.slice(allIndexerKeys, 1, 0, inputs.numKeys);
  const { positions, mask } = inputs;
  const chosen = topkIndices(
    g,
    { x, qLatent: query.latent, positions, keys, mask },
    weights.indexer,
    indexer,
    config,
  );
  if (inputs.selection === 'gather') return attendGathered(g, query, rows, chosen, weights, config);
  return attendAll(g, query, rows, maskAllBut(g, chosen, mask), weights, config);
}

/** All keys under a mask [C, N], in the cheaper form. -> [v, N, H] */
function attendAll(
  g: GraphBuilder,
  query: Query,
  rows: Tensor,
  mask: Tensor,
  weights: LayerWeights,
  config: ModelConfig,
): Tensor {
  return isPlainCheaper(query.nope.shape[1], config)
    ? attendPlain(g, query, rows, mask, weights, config)
    : attendAbsorbed(g, query, rows, mask, weights, config);
}

/**
 * Multiply-adds per key and head for N queries: absorbed N (2 kv_lora + rope); plain
 * N (nope + rope + v) plus the expansion kv_lora (nope + v), which N queries share.
 */
export function isPlainCheaper(numTokens: number, config: ModelConfig): boolean {
  const { kvLoraRank, qkNopeHeadDim, qkRopeHeadDim, vHeadDim } = config;
  const absorbed = numTokens * (2 * kvLoraRank + qkRopeHeadDim);
  const expansion = kvLoraRank * (qkNopeHeadDim + vHeadDim);
  return numTokens * (qkNopeHeadDim + qkRopeHeadDim + vHeadDim) + expansion < absorbed;
}

/** Keys and values of every head, expanded from the cached rows. -> [v, N, H] */
function attendPlain(
  g: GraphBuilder,
  query: Query,
  rows: Tensor,
  mask: Tensor,
  weights: LayerWeights,
  config: ModelConfig,
): Tensor {
  const { kvLoraRank, qkNopeHeadDim, qkRopeHeadDim, numHeads } = config;
  const numKeys = rows.shape[1];
  const latent = asF32(g, g.slice(rows, 0, 0, kvLoraRank)); // [kv_lora, C]
  const keyUp = g.cont(g.transpose(asF32(g, g.use(weights.keyUp)))); // [kv_lora, nope, H]
  const flatKeyUp = g.reshape(keyUp, [kvLoraRank, qkNopeHeadDim * numHeads]);
  const expanded = g.reshape(g.mulMat(flatKeyUp, latent), [qkNopeHeadDim, numHeads, numKeys]);
  const ropeKey = g.reshape(g.cont(asF32(g, g.slice(rows, 0, kvLoraRank, qkRopeHeadDim))), [
    qkRopeHeadDim,
    1,
    numKeys,
  ]);
  // k = [W_UK c | k_rope], the rotary part the same for all heads: [nope + rope, H, C]
  const keys = g.concat(expanded, g.repeat(ropeKey, [qkRopeHeadDim, numHeads, numKeys]), 0);
  const queries = g.concat(query.nope, query.rope, 0); // [nope + rope, N, H]
  const scores = g.mulMat(g.permute(keys, [0, 2, 1, 3]), queries); // [C, N, H]
  const shares = g.softMax(scores, { mask, scale: softmaxScale(config) });
  // With the latent as the left operand the product is already transposed: [C, v, H].
  const values = g.mulMat(
    g.reshape(g.cont(latent), [kvLoraRank, numKeys]),
    asF32(g, g.use(weights.valueUp)),
  );
  return g.mulMat(values, shares);
}

/** Queries in the latent space, where one cached row serves all heads. -> [v, N, H] */
function attendAbsorbed(
  g: GraphBuilder,
  query: Query,
  rows: Tensor,
  mask: Tensor,
  weights: LayerWeights,
  config: ModelConfig,
): Tensor {
  const { kvLoraRank } = config;
  const absorbed = absorbQuery(g, query, weights); // [kv_lora + rope, N, H]
  const scores = mulShared(g, rows, absorbed); // [C, N, H]
  const shares = g.softMax(scores, { mask, scale: softmaxScale(config) });
  const values = transposed(g, g.slice(rows, 0, 0, kvLoraRank), rows.dtype); // [C, kv_lora]
  const sums = mulShared(g, values, shares); // sum of p c: [kv_lora, N, H]
  return g.mulMat(g.use(weights.valueUp), sums);
}

/** Absorbed attention over the chosen rows only; chosen i32 [K, N]. -> [v, N, H] */
function attendGathered(
  g: GraphBuilder,
  query: Query,
  rows: Tensor,
  chosen: Tensor,
  weights: LayerWeights,
  config: ModelConfig,
): Tensor {
  const [numChosen, numTokens] = chosen.shape;
  const width = latentWidth(config);
  const absorbed = g.permute(absorbQuery(g, query, weights), [0, 2, 1, 3]); // [width, H, N]
  // No mask: selection gathers only where every token sees at least K keys.
  const tile = Math.max(1, Math.floor(MAX_GATHER_BYTES / (numChosen * width * 4)));
  let outputs: Tensor | null = null;
  for (let start = 0; start < numTokens; start += tile) {
    const length = Math.min(tile, numTokens - start);
    const indices = g.reshape(g.slice(chosen, 1, start, length), [numChosen * length]);
    const gathered = g.reshape(g.getRows(rows, indices), [width, numChosen, length]);
    const scores = g.mulMat(gathered, g.slice(absorbed, 2, start, length)); // [K, H, n]
    const shares = g.softMax(scores, { scale: softmaxScale(config) });
    const latents = g.slice(gathered, 0, 0, config.kvLoraRank);
    const values = transposed(g, latents, rows.dtype); // [K, kv_lora, n]
    const output = g.mulMat(values, shares); // [kv_lora, H, n]
    outputs = outputs === null ? output : g.concat(outputs, output, 2); // [kv_lora, H, N]
  }
  return g.mulMat(g.use(weights.valueUp), g.permute(outputs!, [0, 2, 1, 3]));
}

/** Queries in the latent space: W_UK^T q_nope beside q_rope. -> [kv_lora + rope, N, H] */
function absorbQuery(g: GraphBuilder, query: Query, weights: LayerWeights): Tensor {
  return g.concat(g.mulMat(g.use(weights.keyUp), query.nope), query.rope, 0);
}

/**
 * -Infinity everywhere but at the chosen keys. The causal mask is added again because a row with
 * fewer visible keys than top-k chooses hidden ones too (model reference §8.1).
 */
function maskAllBut(g: GraphBuilder, chosen: Tensor, causal: Tensor): Tensor {
  const [numKeys, numTokens] = causal.shape;
  const closed = g.reshape(g.fill(causal, Number.NEGATIVE_INFINITY), [1, numKeys, numTokens]);
  const numChosen = chosen.shape[0];
  // Zeros of the right shape: any packed f32 tensor will do as a pattern.
  const pattern = g.cont(g.slice(causal, 0, 0, numChosen));
  const open = g.reshape(g.fill(pattern, 0), [1, numChosen, numTokens]);
  const selected = g.setRows(closed, open, chosen);
  return g.add(g.reshape(selected, [numKeys, numTokens]), causal);
}

/** weights [k, n] x [k, N, H] -> [n, N, H]; the heads of a single token become one product. */
function mulShared(g: GraphBuilder, weights: Tensor, activations: Tensor): Tensor {
  const [k, numTokens, numHeads] = activations.shape;
  if (numTokens > 1) return g.mulMat(weights, activations);
  const product = g.mulMat(weights, g.reshape(activations, [k, numHeads]));
  return g.reshape(product, [weights.shape[1], 1, numHeads]);
}

/**
 * a with n0 and n1 swapped, packed, in f32. What comes from an f16 cache takes the way through f16,
 * which loses nothing: the native kernel that converts while it transposes is three times faster
 * than the one that only transposes (20 against 66 us for 128 x 256).
 */
function transposed(g: GraphBuilder, a: Tensor, cacheDtype: Tensor['dtype']): Tensor {
  if (cacheDtype !== 'f16') return g.cont(g.transpose(a));
  const half = a.dtype === 'f16' ? a : g.cast(a, 'f16');
  return g.cast(g.transpose(half), 'f32');
}

function asF32(g: GraphBuilder, a: Tensor): Tensor {
  return a.dtype === 'f32' ? a : g.cast(a, 'f32');
}
