// The second half of a layer: dense SwiGLU, or a mixture of experts with the V3 gate.
// Source: model reference §3 and §9. Shapes fastest dimension first; N tokens, E experts, K chosen.

import type { GraphBuilder } from '../tensor/graph.js';
import type { Tensor } from '../tensor/types.js';
import type { MoeConfig } from './config.js';
import type { FeedForwardWeights, LayerWeights, MoeWeights } from './weights.js';

/** Added to the sum of scores, as the reference does: vanishing ones would divide by zero. */
const MIN_WEIGHT_SUM = 1e-20;

/** x [hidden, N] -> [hidden, N] */
export function feedForward(
  g: GraphBuilder,
  x: Tensor,
  { kind, weights }: LayerWeights['feedForward'],
  config: MoeConfig | null,
): Tensor {
  if (kind === 'dense') return swiglu(g, x, weights);
  if (config === null) throw new Error('a layer has experts and the configuration has none');
  const routed = mixture(g, x, weights, config);
  return weights.shared === null ? routed : g.add(routed, swiglu(g, x, weights.shared));
}

/** down(silu(gate x) * up x) */
function swiglu(g: GraphBuilder, x: Tensor, { gate, up, down }: FeedForwardWeights): Tensor {
  const product = g.swiglu(g.mulMat(g.use(gate), x), g.mulMat(g.use(up), x));
  return g.mulMat(g.use(down), product);
}

/** sum over the chosen experts of weight * expert(x) */
function mixture(g: GraphBuilder, x: Tensor, weights: MoeWeights, config: MoeConfig): Tensor {
  const [hidden, numTokens] = x.shape;
  const { chosen, shares } = gate(g, x, weights, config);
  const { gate: gateWeights, up, down } = weights.experts;
  const input = g.reshape(x, [hidden, 1, numTokens]);
  const product = g.swiglu(
    g.mulMatId(g.use(gateWeights), input, chosen),
    g.mulMatId(g.use(up), input, chosen),
  ); // [ff, K, N]
  // Shares go in before the last product, which is linear: rows are shorter there.
  const outputs = g.mulMatId(g.use(down), g.mul(product, shares), chosen); // [hidden, K, N]
  return g.reshape(sumExperts(g, outputs), [hidden, numTokens]);
}

/** [hidden, K, N] -> [hidden, 1, N], by halving: few long additions instead of many short ones. */
function sumExperts(g: GraphBuilder, outputs: Tensor): Tensor {
  const width = outputs.shape[1];
  if (width === 1) return outputs;
  const half = width >> 1;
  let sum = g.add(g.slice(outputs, 1, 0, half), g.slice(outputs, 1, half, half));
  sum = sumExperts(g, sum);
  return width % 2 === 1 ? g.add(sum, g.slice(outputs, 1, width - 1, 1)) : sum;
}

/**
 * Chooses experts by score plus bias and weighs them by the score alone (auxiliary-loss-free
 * balancing). Only these small tensors are in f32 throughout; they decide the route.
 * @returns chosen i32 [K, N] and their shares [1, K, N]
 */
export function gate(
  g: GraphBuilder,
  x: Tensor,
  weights: Pick<MoeWeights, 'router' | 'bias'>,
  config: MoeConfig,
): { chosen: Tensor; shares: Tensor } {
  const numTokens = x.shape[1];
  const { numExperts, numExpertsPerToken: numChosen } = config;
  const logits = g.mulMat(g.use(weights.router), x); // [E, N]
  const scores = config.scoring === 'sigmoid' ? g.sigmoid(logits) : g.softMax(logits);
  const biased = weights.bias === null ? scores : g.add(scores, g.use(weights.bias));
  const eligible =
    config.numGroups > 1 && config.numGroupsUsed < config.numGroups
      ? limitToGroups(g, biased, config, weights.bias !== null)
      : biased;
  const chosen = g.topK(eligible, numChosen); // [K, N]
  const rows = g.reshape(scores, [1, numExperts, numTokens]);
  const shares = g.getRows(rows, chosen); // [1, K, N]
  const factor = config.routedScalingFactor;
  if (config.normTopkProb) {
    const perToken = g.reshape(shares, [numChosen, numTokens]);
    // s / sum * factor, the factor taken into the divisor.
    const divisor = g.scale(g.sumRows(perToken), 1 / factor, MIN_WEIGHT_SUM / factor); // [1, N]
    return { chosen, shares: g.reshape(g.div(perToken, divisor), [1, numChosen, numTokens]) };
  }
  return { chosen, shares: factor === 1 ? shares : g.scale(shares, factor) };
}

/**
 * Group-limited routing: experts of all but the best groups get -Infinity. A group's score is the
 * sum of its two best biased scores where a bias exists (V3), else its best score (V2).
 * @param biased [E, N]
 */
function limitToGroups(
  g: GraphBuilder,
  biased: Tensor,
  { numExperts, numGroups, numGroupsUsed }: MoeConfig,
  hasBias: boolean,
): Tensor {
  const numTokens = biased.shape[1];
  const groupSize = numExperts / numGroups;
  const numBest = Math.min(hasBias ? 2 : 1, groupSize);
  const grouped = g.reshape(biased, [groupSize, numGroups, numTokens]);
  const best = g.topK(grouped, numBest); // [best, G, N]
  const values = g.getRows(g.reshape(biased, [1, groupSize, numGroups, numTokens]), best);
  const groupScores = g.sumRows(g.reshape(values, [numBest, numGroups, numTokens])); // [1, G, N]
  const kept = g.topK(g.reshape(groupScores, [numGroups, numTokens]), numGroupsUsed);
  const closed = g.fill(groupScores, Number.NEGATIVE_INFINITY); // [1, G, N]
  const open = g.fill(g.cont(g.slice(groupScores, 1, 0, numGroupsUsed)), 0);
  const mask = g.setRows(closed, open, kept);
  return g.reshape(g.add(grouped, mask), [numExperts, numTokens]);
}
