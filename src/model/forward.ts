// The forward pass of one step, from token ids to logits, as a graph. Read it top to bottom: embedding,
// layers (attention, then feed-forward, each on a normed copy and added back), final norm, head.
// Source: model reference §3. The tokens of all sequences of the step are columns of the same matrices;
// only `caches` knows whose they are. It owns no memory; step-runner.ts compiles and runs graphs.

import type { GraphBuilder } from '../tensor/graph.js';
import type { DeviceTensor, Tensor } from '../tensor/types.js';
import { attention, projectRows, type CachedAttention } from './attention.js';
import type { ModelConfig } from './config.js';
import { feedForward } from './feed-forward.js';
import type { LayerWeights, ModelWeights } from './weights.js';

/** What a compiled graph depends on, besides its caches. */
export interface GraphShape {
  /** Tokens in the step. */
  numTokens: number;
  /** Tokens that go on past the last attention: those whose logits or hidden states are wanted. */
  numKept: number;
  /** Tokens whose logits are wanted, of those kept. */
  numOutputs: number;
  /** Also return the hidden states after the final norm, of all kept tokens. */
  wantsHidden: boolean;
  /** Also return the hidden states after the embedding and every layer; needs all tokens kept. */
  isTraced: boolean;
}

/**
 * Inputs: `tokens` i32 [N], `kept` i32 [K] (which tokens, unless all or none are kept) and `outputs`
 * i32 [M] (which of those kept, unless all or none are wanted), beside those of `caches`.
 * Outputs: `logits` f32 [vocab, M], `hidden` f32 [hidden, K], `hidden.0` and on when traced.
 * @param positions i32 [N]
 */
export function buildForward(
  g: GraphBuilder,
  shape: GraphShape,
  weights: ModelWeights,
  caches: CachedAttention,
  positions: Tensor,
  config: ModelConfig,
): Record<string, Tensor> {
  const { numTokens, numKept, numOutputs, isTraced } = shape;
  const kept = rowsInput(g, 'kept', numKept, numTokens);
  const results: Record<string, Tensor> = {};
  let hidden = g.getRows(g.use(weights.embedding), g.input('tokens', 'i32', [numTokens]));
  if (isTraced) results['hidden.0'] = hidden; // [hidden, N]
  for (const [i, layer] of weights.layers.entries()) {
    const isLast = i === weights.layers.length - 1;
    if (isLast && numKept === 0) {
      // Nobody reads the last layer's output; only its cache rows are needed.
      const x = norm(g, hidden, layer.attentionNorm, config);
      caches.write(i, projectRows(g, x, positions, layer, config));
      return results;
    }
    const goesOn = isLast ? kept : null;
    hidden = decoderLayer(g, hidden, positions, i, layer, caches, config, goesOn);
    if (isTraced) results[`hidden.${i + 1}`] = hidden;
  }
  const normed = norm(g, hidden, weights.outputNorm, config); // [hidden, K]
  if (shape.wantsHidden) results['hidden'] = normed;
  if (numOutputs === 0) return results;
  const outputs = rowsInput(g, 'outputs', numOutputs, numKept);
  const wanted = outputs === null ? normed : g.getRows(normed, outputs); // [hidden, M]
  results['logits'] = g.mulMat(g.use(weights.head), wanted);
  return results;
}

/**
 * One layer: [hidden, N] -> [hidden, N], or only the columns `kept`.
 * @param index the layer's place in the caches
 * @param kept i32 [K]: past the last attention tokens no longer meet, and some are no longer needed
 */
export function decoderLayer(
  g: GraphBuilder,
  input: Tensor,
  positions: Tensor,
  index: number,
  layer: LayerWeights,
  caches: CachedAttention,
  config: ModelConfig,
  kept: Tensor | null = null,
): Tensor {
  const attentionInput = norm(g, input, layer.attentionNorm, config);
  let attended = attention(g, attentionInput, positions, index, layer, caches, config);
  let residual = input;
  if (kept !== null) {
    attended = g.getRows(attended, kept);
    residual = g.getRows(input, kept);
  }
  const hidden = g.add(attended, residual);
  const feedForwardInput = norm(g, hidden, layer.feedForwardNorm, config);
  return g.add(feedForward(g, feedForwardInput, layer.feedForward, config.moe), hidden);
}

/** RMSNorm with its weight. */
export function norm(
  g: GraphBuilder,
  x: Tensor,
  weight: DeviceTensor,
  config: ModelConfig,
): Tensor {
  return g.mul(g.rmsNorm(x, config.rmsNormEps), g.use(weight));
}

/** Input that names some of `numAll` columns; null where all or none are meant. */
function rowsInput(g: GraphBuilder, name: string, count: number, numAll: number): Tensor | null {
  return count > 0 && count < numAll ? g.input(name, 'i32', [count]) : null;
}
