// The siblings of this skeleton in small: each has what sets its family apart (projections, routing,
// rotation, scales), with widths of a toy. Source: model reference §15. Layer counts of the two
// without low-rank queries are the real ones, by which llama.cpp knows them.

import { ggufMagnitudes } from './config-gguf.js';
import type { ModelConfig, MoeConfig, YarnConfig } from './config.js';

/** What `test` of presets.ts is to V3.2: the base that siblings change. */
export function siblingPresets(
  base: ModelConfig & { moe: MoeConfig },
): Record<(typeof SIBLING_NAMES)[number], ModelConfig> {
  const { moe } = base;
  const dense = { ...base, architecture: 'deepseek2', indexer: null } as const;
  return {
    /** DeepSeek-V3, V3.1, R1: no indexer; experts from the best groups. */
    'v3-tiny': {
      ...dense,
      name: 'hadal-random-v3',
      moe: {
        ...moe,
        numExperts: 16,
        numExpertsPerToken: 4,
        numGroups: 4,
        numGroupsUsed: 2,
        routedScalingFactor: 2.5,
      },
      contextLength: 40 * 128,
      yarn: yarn('deepseek2', { factor: 40, original: 128 }),
    },
    /** One group, one dense layer, a rotation that is extended all at once (beta 1 and 1). */
    'kimi-k2-tiny': {
      ...dense,
      name: 'hadal-random-kimi-k2',
      moe: { ...moe, numExperts: 24, numExpertsPerToken: 4, routedScalingFactor: 2.827 },
      ropeTheta: 50_000,
      contextLength: 32 * 128,
      yarn: yarn('deepseek2', { factor: 32, original: 128, betaFast: 1 }),
    },
    /** An indexer that rotates neighbouring pairs; values wider than keys. */
    'glm-5-tiny': {
      ...base,
      architecture: 'glm-dsa',
      name: 'hadal-random-glm-5',
      qkNopeHeadDim: 48,
      vHeadDim: 64,
      moe: { ...moe, routedScalingFactor: 2.5 },
      // With fewer heads some keys score exactly 0, and which of equals are chosen is open.
      indexer: { numHeads: 16, headDim: 128, topk: 64, interleavedRope: true },
      ropeTheta: 1_000_000,
      rmsNormEps: 1e-5,
    },
    /** Queries without a low-rank step, two shared experts. */
    'moonlight-tiny': {
      ...dense,
      name: 'hadal-random-moonlight',
      numLayers: 27,
      hiddenSize: 64,
      qLoraRank: null,
      moe: { ...moe, numSharedExperts: 2, numExpertsPerToken: 3, routedScalingFactor: 2.446 },
      ropeTheta: 50_000,
      rmsNormEps: 1e-5,
    },
    /** Experts scored by softmax and not renormalised; YaRN with a scale of its own. */
    'v2-lite-tiny': {
      ...dense,
      name: 'hadal-random-v2-lite',
      numLayers: 27,
      hiddenSize: 64,
      qLoraRank: null,
      moe: {
        ...moe,
        numSharedExperts: 2,
        numExpertsPerToken: 3,
        scoring: 'softmax',
        normTopkProb: false,
        routedScalingFactor: 1,
      },
      contextLength: 40 * 128,
      yarn: yarn('deepseek2', { factor: 40, original: 128, mscaleAllDim: V2_LITE_MSCALE }),
    },
  };
}

/** As its config.json writes it; not exactly the square root of a half. */
// oxlint-disable-next-line approx-constant
export const V2_LITE_MSCALE = 0.707;

export const SIBLING_NAMES = [
  'v3-tiny',
  'kimi-k2-tiny',
  'glm-5-tiny',
  'moonlight-tiny',
  'v2-lite-tiny',
] as const;

function yarn(
  architecture: ModelConfig['architecture'],
  {
    factor,
    original,
    betaFast = 32,
    mscaleAllDim = 1,
  }: { factor: number; original: number; betaFast?: number; mscaleAllDim?: number },
): YarnConfig {
  return {
    factor,
    originalContextLength: original,
    betaFast,
    betaSlow: 1,
    mscaleAllDim,
    ...ggufMagnitudes(architecture, factor, mscaleAllDim),
  };
}
