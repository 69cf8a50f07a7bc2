// Multi-head latent attention (MLA, V2 report §2.1) with sparse selection (DSA, V3.2 report §2.1), the
// part that the tokens of a step share whatever sequence they belong to: projections in and out.
// One cached row per token, the latent [c | k_rope], serves all heads:
//   c_q = norm(W_DQ x)     q = W_UQ c_q = [q_nope | q_rope], q_rope rotated
//   c   = norm(W_DKV x)    k = [W_UK c | k_rope], k_rope = rope(W_KR x)    v = W_UV c
//   out = W_O softmax(scale q . k) v
// Which rows a token sees, and how they are read, is a CachedAttention's business: row-attention.ts
// (fused operations over row tables) and composed-attention.ts (single operations, per sequence).
// Shapes fastest dimension first; N tokens, H heads. The plain names (kv_lora, nope, rope, v) are
// widths. Details: model reference §4 and §8.

import type { GraphBuilder } from '../tensor/graph.js';
import type { Tensor } from '../tensor/types.js';
import { latentWidth, type ModelConfig } from './config.js';
import { indexerKeys, indexerQuery, type IndexerQuery } from './indexer.js';
import { ropeOptions } from './rope.js';
import type { LayerWeights } from './weights.js';

/** What a layer adds to the caches: one row per token. */
export interface NewRows {
  /** f32 [kv_lora + rope, N] */
  latent: Tensor;
  /** f32 [index head dim, N]; null without an indexer. */
  keys: Tensor | null;
}

export interface HeadQuery {
  /** [nope, H, N], a view */
  nope: Tensor;
  /** [rope, H, N], rotated */
  rope: Tensor;
}

/** What a layer asks of the caches. */
export interface AttentionQuery extends HeadQuery {
  /** What the indexer scores with; null where nothing is to be chosen. */
  indexer: IndexerQuery | null;
}

/** The caches of a step's sequences, as one graph sees them. */
export interface CachedAttention {
  /** Whether `attend` wants the indexer's query. */
  readonly isSparse: boolean;
  /** Puts the new rows into the caches of a layer; what is built later sees them. */
  write(layer: number, rows: NewRows): void;
  /** Attention over the caches of a layer. -> [v, N, H] */
  attend(layer: number, query: AttentionQuery, weights: LayerWeights): Tensor;
}

/**
 * Attention of one layer over the caches, which get the new tokens first.
 * @param x input after the norm, [hidden, N]
 * @param positions i32 [N]
 * @returns [hidden, N]
 */
export function attention(
  g: GraphBuilder,
  x: Tensor,
  positions: Tensor,
  layer: number,
  weights: LayerWeights,
  caches: CachedAttention,
  config: ModelConfig,
): Tensor {
  caches.write(layer, projectRows(g, x, positions, weights, config));
  const query = projectQuery(g, x, positions, weights, config);
  const indexer =
    caches.isSparse && weights.indexer !== null && query.latent !== null
      ? indexerQuery(g, { x, qLatent: query.latent, positions }, weights.indexer, config)
      : null;
  const perHead = caches.attend(layer, { ...query, indexer }, weights); // [v, N, H]
  const numTokens = x.shape[1];
  const ordered = g.permute(perHead, [0, 2, 1, 3]); // [v, H, N]
  const joined = g.reshape(numTokens === 1 ? ordered : g.cont(ordered), [
    config.numHeads * config.vHeadDim,
    numTokens,
  ]);
  return g.mulMat(g.use(weights.output), joined);
}

/** The cache rows of new tokens. */
export function projectRows(
  g: GraphBuilder,
  x: Tensor,
  positions: Tensor,
  weights: LayerWeights,
  config: ModelConfig,
): NewRows {
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
  return {
    latent: g.concat(compressed, g.reshape(rotated, [qkRopeHeadDim, numTokens]), 0),
    keys: weights.indexer === null ? null : indexerKeys(g, x, positions, weights.indexer, config),
  };
}

interface ProjectedQuery extends HeadQuery {
  /** c_q, [q_lora, N]; null where queries are projected directly. */
  latent: Tensor | null;
}

/** q = W_UQ c_q per head, its last dimensions rotated (model reference §4: nope first, rope last). */
function projectQuery(
  g: GraphBuilder,
  x: Tensor,
  positions: Tensor,
  { queries }: LayerWeights,
  config: ModelConfig,
): ProjectedQuery {
  const { numHeads, qkNopeHeadDim, qkRopeHeadDim } = config;
  let latent: Tensor | null = null;
  let flat: Tensor;
  if (queries.kind === 'direct') {
    flat = g.mulMat(g.use(queries.projection), x);
  } else {
    const normed = g.rmsNorm(g.mulMat(g.use(queries.down), x), config.rmsNormEps);
    latent = g.mul(normed, g.use(queries.norm));
    flat = g.mulMat(g.use(queries.up), latent);
  }
  const heads = g.reshape(flat, [qkNopeHeadDim + qkRopeHeadDim, numHeads, x.shape[1]]);
  const rope = g.slice(heads, 0, qkNopeHeadDim, qkRopeHeadDim);
  return {
    nope: g.slice(heads, 0, 0, qkNopeHeadDim),
    rope: g.rope(rope, positions, ropeOptions(config, 'interleaved')),
    latent,
  };
}

/** Queries in the latent space, W_UK^T q_nope beside q_rope, where one cached row serves all heads.
 *  -> [kv_lora + rope, H, N] */
export function absorbQuery(
  g: GraphBuilder,
  { nope, rope }: HeadQuery,
  weights: Pick<LayerWeights, 'keyUp'>,
): Tensor {
  const absorbed = g.mulMat(g.use(weights.keyUp), g.permute(nope, [0, 2, 1, 3])); // [kv_lora, N, H]
  return g.concat(g.permute(absorbed, [0, 2, 1, 3]), rope, 0);
}

/** For looking at selection: absorbed queries per head, [kv_lora + rope, N, H], and c_q. */
export function absorbedQueries(
  g: GraphBuilder,
  x: Tensor,
  weights: LayerWeights,
  positions: Tensor,
  config: ModelConfig,
): { absorbed: Tensor; latent: Tensor | null } {
  const query = projectQuery(g, x, positions, weights, config);
  return {
    absorbed: g.permute(absorbQuery(g, query, weights), [0, 2, 1, 3]),
    latent: query.latent,
  };
}
