// The lightning indexer: a small scorer with its own key cache that chooses which keys each query
// attends to. Source: V3.2 report §2.1; model reference §7 and §8. For query t and cached key s:
//   I[t, s] = sum_j w[t, j] * relu(q[t, j] . k[s])
// with q = rope(W_q c_q) per head j, k = rope(LayerNorm(W_k x)) shared by the heads, and
// w = W_w x / sqrt(D J), constants that equation 1 leaves implicit and that do not matter for a choice.
// The Hadamard rotation of the released kernels is left out: it does not change dot products and
// only serves FP8 scoring. Shapes fastest first; N tokens, C cached keys, D head dim, J heads.

import type { GraphBuilder } from '../tensor/graph.js';
import type { Tensor } from '../tensor/types.js';
import { INDEXER_NORM_EPS, type IndexerConfig, type ModelConfig } from './config.js';
import { ropeOptions } from './rope.js';
import type { IndexerWeights } from './weights.js';

/** Scores of all heads for one tile of queries may take this much scratch memory. */
const MAX_TILE_BYTES = 32 << 20;

function indexerRope(g: GraphBuilder, x: Tensor, positions: Tensor, config: ModelConfig): Tensor {
  // V3.2 rotates half-split pairs here, unlike everywhere else in the model; GLM-5 does not.
  const mode = config.indexer?.interleavedRope === true ? 'interleaved' : 'half';
  return g.rope(x, positions, ropeOptions(config, mode));
}

/** Keys of new tokens, to be cached: LayerNorm(W_k x) with its first dims rotated. -> [D, N] */
export function indexerKeys(
  g: GraphBuilder,
  x: Tensor,
  positions: Tensor,
  weights: IndexerWeights,
  config: ModelConfig,
): Tensor {
  const raw = g.norm(g.mulMat(g.use(weights.keys), x), INDEXER_NORM_EPS); // [D, N]
  const keys = g.add(g.mul(raw, g.use(weights.keyNormWeight)), g.use(weights.keyNormBias));
  const [headDim, numTokens] = keys.shape;
  const rotated = indexerRope(g, g.reshape(keys, [headDim, 1, numTokens]), positions, config);
  return g.reshape(rotated, [headDim, numTokens]);
}

/** What tokens are scored with, before any key is known. */
export interface IndexerQuery {
  /** [D, J, N], rotated */
  queries: Tensor;
  /** w: [J, N] */
  headWeights: Tensor;
}

export interface IndexerInputs {
  /** Input of the attention block after its norm, [hidden, N]. */
  x: Tensor;
  /** Low-rank queries after their norm, [q_lora, N]. */
  qLatent: Tensor;
  positions: Tensor;
}

/** Queries of new tokens. The constants of w are left out: they are positive and only order counts. */
export function indexerQuery(
  g: GraphBuilder,
  { x, qLatent, positions }: IndexerInputs,
  weights: IndexerWeights,
  config: ModelConfig,
): IndexerQuery {
  const headDim = weights.keys.shape[1];
  const numHeads = weights.headWeights.shape[1];
  const projected = g.mulMat(g.use(weights.queries), qLatent); // [D * J, N]
  const heads = g.reshape(projected, [headDim, numHeads, x.shape[1]]);
  return {
    queries: indexerRope(g, heads, positions, config),
    headWeights: g.mulMat(g.use(weights.headWeights), x),
  };
}

export interface ChooseOptions extends IndexerQuery {
  /** Cached keys, [D, C]. */
  keys: Tensor;
  /** 0 where visible, -Infinity elsewhere, f32 [C, N]. */
  mask: Tensor;
  topk: number;
}

/** Indices i32 [topk, N] of the best-scored visible keys of each token, in no particular order. */
export function chooseKeys(
  g: GraphBuilder,
  { queries, headWeights, keys, mask, topk }: ChooseOptions,
): Tensor {
  const [, numHeads, numTokens] = queries.shape;
  const numKeys = keys.shape[1];
  const perHead = g.reshape(headWeights, [1, numHeads, numTokens]);
  const tile = Math.max(1, Math.floor(MAX_TILE_BYTES / (numKeys * numHeads * 4)));
  let indices: Tensor | null = null;
  for (let start = 0; start < numTokens; start += tile) {
    const length = Math.min(tile, numTokens - start);
    const scores = indexScores(g, {
      keys,
      queries: g.slice(queries, 2, start, length),
      headWeights: g.slice(perHead, 2, start, length),
    });
    const masked = g.add(scores, g.slice(mask, 1, start, length)); // [C, n]
    const best = g.topK(masked, Math.min(topk, numKeys));
    indices = indices === null ? best : g.concat(indices, best, 1);
  }
  return indices!;
}

/** I with its constants, of every key, for looking at selection: f32 [C, N], masked. */
export function indexerScores(
  g: GraphBuilder,
  { keys, mask, ...inputs }: IndexerInputs & Pick<ChooseOptions, 'keys' | 'mask'>,
  weights: IndexerWeights,
  { numHeads, headDim }: IndexerConfig,
  config: ModelConfig,
): Tensor {
  const { queries, headWeights } = indexerQuery(g, inputs, weights, config);
  const perHead = g.reshape(headWeights, [1, numHeads, inputs.x.shape[1]]);
  const scores = indexScores(g, { keys, queries, headWeights: perHead });
  return g.add(g.scale(scores, 1 / Math.sqrt(headDim * numHeads)), mask);
}

/** I for one tile: keys [D, C], queries [D, J, n], headWeights [1, J, n] -> [C, n]. */
function indexScores(
  g: GraphBuilder,
  { keys, queries, headWeights }: { keys: Tensor; queries: Tensor; headWeights: Tensor },
): Tensor {
  const [headDim, numHeads, numTokens] = queries.shape;
  const numKeys = keys.shape[1];
  const flat = g.reshape(queries, [headDim, numHeads * numTokens]);
  const dots = g.relu(g.mulMat(keys, flat)); // [C, J * n]
  let sum = g.mul(g.reshape(dots, [numKeys, numHeads, numTokens]), headWeights);
  // Sums heads by halving: long contiguous additions instead of many short ones.
  let width = numHeads;
  while (width > 1) {
    const half = width >> 1;
    const paired = g.add(g.slice(sum, 1, 0, half), g.slice(sum, 1, half, half));
    const isOdd = width % 2 === 1;
    sum = isOdd ? g.concat(paired, g.slice(sum, 1, width - 1, 1), 1) : paired;
    width = half + (isOdd ? 1 : 0);
  }
  return g.reshape(sum, [numKeys, numTokens]);
}
