// What the indexer chose and what dense attention would have looked at, as a graph beside the model's
// own: for tokens whose cache rows are already written it takes the hidden states that entered each
// layer and returns index scores, the choice, and dense attention over every visible row in the
// absorbed form (model reference §4, §7, §8). It shares the model's functions for queries and scores,
// so it explains what the model computes and no copy of it. Attention per head stays on the device;
// only its mean over heads and its sum over kept rows come back.
// Shapes fastest first; N tokens, C cached rows, K kept rows, H heads.

import type { GraphBuilder } from '../tensor/graph.js';
import type { Tensor } from '../tensor/types.js';
import { absorbedQueries } from './attention.js';
import { softmaxScale, type ModelConfig } from './config.js';
import { norm } from './forward.js';
import { indexerScores } from './indexer.js';
import type { LayerWeights } from './weights.js';

/** What a compiled selection graph depends on. */
export interface SelectionShape {
  numTokens: number;
  /** Leading cache rows that are read. */
  numKeys: number;
  /** K; fewer where there are fewer rows. */
  topk: number;
}

/** One layer to be looked at, with its cache as graph values. */
export interface SelectionLayer {
  layer: number;
  weights: LayerWeights;
  /** [kv_lora + rope, rows] */
  latent: Tensor;
  /** [index head dim, rows] */
  indexerKeys: Tensor;
}

/**
 * Inputs: `positions` i32 [N], `mask` f32 [C, N] (0 where visible, else -Infinity), and per layer
 * `hidden.<layer>` f32 [hidden, N]. Outputs per layer: `scores` f32 [C, N]; `chosen` i32 [K, N], which
 * for a token that sees fewer than K rows names hidden ones too; `shares` f32 [C, N], dense attention
 * mean over heads; `recall` f32 [N, H], its part on kept rows per head.
 */
export function buildSelection(
  g: GraphBuilder,
  { numTokens, numKeys, topk }: SelectionShape,
  layers: readonly SelectionLayer[],
  config: ModelConfig,
): Record<string, Tensor> {
  const positions = g.input('positions', 'i32', [numTokens]);
  const mask = g.input('mask', 'f32', [numKeys, numTokens]);
  const results: Record<string, Tensor> = {};
  for (const { layer, weights, latent, indexerKeys } of layers) {
    const hidden = g.input(`hidden.${layer}`, 'f32', [config.hiddenSize, numTokens]);
    const x = norm(g, hidden, weights.attentionNorm, config);
    const query = absorbedQueries(g, x, weights, positions, config);
    if (weights.indexer === null || config.indexer === null || query.latent === null) {
      throw new Error(`layer ${layer} has no indexer`);
    }
    const keys = g.slice(indexerKeys, 1, 0, numKeys); // [D, C]
    const inputs = { x, qLatent: query.latent, positions, keys, mask };
    const scores = indexerScores(g, inputs, weights.indexer, config.indexer, config); // [C, N]
    const chosen = g.topK(scores, Math.min(topk, numKeys)); // [K, N]
    const rows = g.slice(latent, 1, 0, numKeys);
    const absorbed = g.cont(query.absorbed); // [width, N, H]
    const heads = g.mulMat(rows, absorbed); // q . k: [C, N, H]
    const shares = g.softMax(heads, { mask, scale: softmaxScale(config) });
    results[`scores.${layer}`] = scores;
    results[`chosen.${layer}`] = chosen;
    results[`shares.${layer}`] = meanOverHeads(g, shares);
    results[`recall.${layer}`] = g.reshape(g.sumRows(g.mul(shares, flags(g, chosen, mask))), [
      numTokens,
      config.numHeads,
    ]);
  }
  return results;
}

/** [C, N, H] -> [C, N] */
function meanOverHeads(g: GraphBuilder, shares: Tensor): Tensor {
  const [numKeys, numTokens, numHeads] = shares.shape;
  const byHead = g.cont(g.permute(shares, [1, 2, 0, 3])); // [H, C, N]
  return g.reshape(g.scale(g.sumRows(byHead), 1 / numHeads), [numKeys, numTokens]);
}

/** 1 at chosen rows i32 [K, N], else 0: [C, N]. */
function flags(g: GraphBuilder, chosen: Tensor, mask: Tensor): Tensor {
  const [numKeys, numTokens] = mask.shape;
  const numChosen = chosen.shape[0];
  const zeros = g.reshape(g.fill(mask, 0), [1, numKeys, numTokens]);
  // Any packed f32 tensor of the right shape will do as a pattern.
  const pattern = g.cont(g.slice(mask, 0, 0, numChosen));
  const ones = g.reshape(g.fill(pattern, 1), [1, numChosen, numTokens]);
  return g.reshape(g.setRows(zeros, ones, chosen), [numKeys, numTokens]);
}
