// The forward pass of one chunk of one sequence, from token ids to logits, as a graph. Read it top to
// bottom: embedding, layers (attention, then feed-forward, each on a normed copy and added back),
// final norm, head. Source: model reference §3. It owns no memory; sequence-cache.ts compiles and
// keeps graphs. A batch of sequences would share everything here but attention, which sees one cache.

import type { GraphBuilder } from '../tensor/graph.js';
import type { DeviceTensor, Tensor } from '../tensor/types.js';
import { attention, writeCache, type AttentionInputs, type Selection } from './attention.js';
import type { ModelConfig } from './config.js';
import { feedForward } from './feed-forward.js';
import type { ModelWeights } from './weights.js';

/** What a compiled graph depends on. */
export interface GraphShape {
  /** Tokens in the chunk. */
  numTokens: number;
  /** Leading cache rows that are read. */
  numKeys: number;
  /** Tokens whose logits are wanted: 0, some of the chunk, or all. */
  numOutputs: number;
  selection: Selection;
  /** Also return the hidden states after the embedding and every layer; needs all outputs. */
  isTraced: boolean;
}

/** Cache memory of one layer. */
export interface LayerSlab {
  latent: DeviceTensor;
  indexerKeys: DeviceTensor | null;
}

/**
 * Inputs: `tokens` i32 [N], `positions` i32 [N], `mask` f32 [C, N], and `outputs` i32 [M] (which
 * tokens) unless all or none are wanted. Outputs: `logits` f32 [vocab, M], `hidden.0` and on when
 * traced.
 */
export function buildForward(
  g: GraphBuilder,
  shape: GraphShape,
  weights: ModelWeights,
  slabs: readonly LayerSlab[],
  config: ModelConfig,
): Record<string, Tensor> {
  const { numTokens, numKeys, numOutputs } = shape;
  const tokens = g.input('tokens', 'i32', [numTokens]);
  const inputs: AttentionInputs = {
    positions: g.input('positions', 'i32', [numTokens]),
    mask: g.input('mask', 'f32', [numKeys, numTokens]),
    numKeys,
    selection: shape.selection,
  };
  const isPartial = numOutputs > 0 && numOutputs < numTokens;
  const outputRows = isPartial ? g.input('outputs', 'i32', [numOutputs]) : null;
  const results: Record<string, Tensor> = {};
  let hidden = g.getRows(g.use(weights.embedding), tokens); // [hidden, N]
  if (shape.isTraced) results['hidden.0'] = hidden;
  for (const [i, layer] of weights.layers.entries()) {
    const slab = slabs[i]!;
    const cache = {
      latent: g.use(slab.latent),
      indexerKeys: slab.indexerKeys === null ? null : g.use(slab.indexerKeys),
    };
    const isLast = i === weights.layers.length - 1;
    const attentionInput = norm(g, hidden, layer.attentionNorm, config);
    if (isLast && numOutputs === 0) {
      // Nobody reads the last layer's output; only its cache rows are needed.
      writeCache(g, attentionInput, layer, cache, inputs, config);
      return results;
    }
    let attended = attention(g, attentionInput, layer, cache, inputs, config); // [hidden, N]
    if (isLast && outputRows !== null) {
      // Past the last attention tokens no longer meet: go on with those that are wanted, [hidden, M].
      attended = g.getRows(attended, outputRows);
      hidden = g.getRows(hidden, outputRows);
    }
    hidden = g.add(attended, hidden);
    const feedForwardInput = norm(g, hidden, layer.feedForwardNorm, config);
    hidden = g.add(feedForward(g, feedForwardInput, layer.feedForward, config.moe), hidden);
    if (shape.isTraced) results[`hidden.${i + 1}`] = hidden;
  }
  // [vocab, M]
  results['logits'] = g.mulMat(g.use(weights.head), norm(g, hidden, weights.outputNorm, config));
  return results;
}

/** RMSNorm with its weight. */
function norm(g: GraphBuilder, x: Tensor, weight: DeviceTensor, config: ModelConfig): Tensor {
  return g.mul(g.rmsNorm(x, config.rmsNormEps), g.use(weight));
}
