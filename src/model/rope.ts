// Rotary embedding options of a model, in the words of the tensor layer. The same YaRN frequencies
// serve queries, keys and the indexer; only the pairing differs (model reference §5).

import type { RopeOptions } from '../tensor/graph.js';
import type { ModelConfig } from './config.js';

export function ropeOptions(config: ModelConfig, mode: RopeOptions['mode']): RopeOptions {
  const plain: RopeOptions = { mode, numDims: config.qkRopeHeadDim, freqBase: config.ropeTheta };
  const { yarn } = config;
  if (yarn === null) return plain;
  return {
    ...plain,
    freqScale: 1 / yarn.factor,
    extFactor: 1,
    // The kernel multiplies rotated values by 1 + 0.1 ln(factor) on its own; that is divided out.
    attnFactor: yarn.ropeMagnitude / (1 + 0.1 * Math.log(yarn.factor)),
    betaFast: yarn.betaFast,
    betaSlow: yarn.betaSlow,
    origContextLength: yarn.originalContextLength,
  };
}
