// The shape of one model, in one form for all siblings of this skeleton (model reference §15):
// V3.2, V3/V3.1/R1, Kimi-K2, Moonlight, V2-Lite, GLM-5. It is read from a Hugging Face config.json
// (config-hf.ts) or from GGUF metadata (config-gguf.ts) and checked here once, so nothing below
// has to ask again. It does not know files or tensors.

import { ModelError, showValue } from './model-error.js';

/** GGUF architecture names of the skeleton. */
export const ARCHITECTURES = ['deepseek32', 'deepseek2', 'glm-dsa'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

/** YaRN context extension. */
export interface YarnConfig {
  factor: number;
  /** Context length before extension, in tokens. */
  originalContextLength: number;
  betaFast: number;
  betaSlow: number;
  /** As the file announces it; what follows from it is in the two magnitudes. */
  mscaleAllDim: number;
  /** Factor on rotated values; 1 in every released model. */
  ropeMagnitude: number;
  /** m: attention scores are multiplied by m^2. */
  softmaxMagnitude: number;
}

export interface MoeConfig {
  numExperts: number;
  numExpertsPerToken: number;
  /** Shared experts are stored as one FFN of numSharedExperts times the expert width. */
  numSharedExperts: number;
  intermediateSize: number;
  /** Group-limited routing when above 1: experts come from the numGroupsUsed best groups. */
  numGroups: number;
  numGroupsUsed: number;
  scoring: 'sigmoid' | 'softmax';
  normTopkProb: boolean;
  routedScalingFactor: number;
}

/** The lightning indexer of sparse attention (DSA). */
export interface IndexerConfig {
  numHeads: number;
  headDim: number;
  /** Keys each query attends to. */
  topk: number;
  /** GLM-5 rotates neighbouring pairs; V3.2 rotates half-split pairs (reference §6.3). */
  interleavedRope: boolean;
}

export interface ModelConfig {
  architecture: Architecture;
  name: string;
  vocabSize: number;
  hiddenSize: number;
  /** Main layers, without MTP blocks. */
  numLayers: number;
  /** MTP blocks stored after the main layers; kept in files, unused by the main forward pass. */
  numNextnLayers: number;
  numHeads: number;
  /** null: queries are projected directly (Moonlight, V2-Lite). */
  qLoraRank: number | null;
  kvLoraRank: number;
  qkNopeHeadDim: number;
  qkRopeHeadDim: number;
  vHeadDim: number;
  /** Width of the dense FFN of the first numDenseLayers layers. */
  intermediateSize: number;
  numDenseLayers: number;
  /** null: every layer is dense. */
  moe: MoeConfig | null;
  /** null: dense attention only. */
  indexer: IndexerConfig | null;
  rmsNormEps: number;
  ropeTheta: number;
  yarn: YarnConfig | null;
  /** Longest sequence the weights were made for, in tokens. */
  contextLength: number;
  bosToken: number | null;
  eosToken: number | null;
}

/** LayerNorm epsilon of the indexer keys; fixed in every implementation (reference §1). */
export const INDEXER_NORM_EPS = 1e-6;

/** Width of a cached latent row: the compressed key/value and the shared rotary key. */
export function latentWidth(config: ModelConfig): number {
  return config.kvLoraRank + config.qkRopeHeadDim;
}

/** 0.1 mscale ln(factor) + 1, YaRN's growth of attention with the extension (reference §6.2). */
export function yarnMagnitude(factor: number, mscale: number): number {
  return factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1;
}

/** Factor on attention scores: (d_nope + d_rope)^-1/2, times m^2 under YaRN (reference §6.2). */
export function softmaxScale(config: ModelConfig): number {
  const magnitude = config.yarn?.softmaxMagnitude ?? 1;
  return magnitude ** 2 / Math.sqrt(config.qkNopeHeadDim + config.qkRopeHeadDim);
}

/**
 * Checks a configuration read from untrusted input.
 * @param source file name for messages
 * @throws {ModelError} naming the field, the value and what is possible
 */
export function validateConfig(config: ModelConfig, source: string): ModelConfig {
  const fail = (field: string, value: unknown, expected: string): never => {
    throw new ModelError(`${source}: ${field} is ${showValue(value)}; expected ${expected}`);
  };
  const integer = (field: string, value: number, min: number, max: number): void => {
    if (!Number.isInteger(value) || value < min || value > max) {
      fail(field, value, `a whole number from ${min} to ${max}`);
    }
  };
  const positive = (field: string, value: number): void => {
    if (!Number.isFinite(value) || value <= 0) fail(field, value, 'a number above 0');
  };
  integer('vocab size', config.vocabSize, 1, 1 << 22);
  integer('hidden size', config.hiddenSize, 1, 1 << 17);
  integer('number of layers', config.numLayers, 1, 1024);
  integer('number of MTP layers', config.numNextnLayers, 0, 16);
  integer('number of attention heads', config.numHeads, 1, 1024);
  if (config.qLoraRank !== null) integer('q_lora_rank', config.qLoraRank, 1, 1 << 16);
  integer('kv_lora_rank', config.kvLoraRank, 1, 1 << 16);
  integer('qk_nope_head_dim', config.qkNopeHeadDim, 1, 1 << 12);
  integer('qk_rope_head_dim', config.qkRopeHeadDim, 2, 1 << 12);
  if (config.qkRopeHeadDim % 2 !== 0)
    fail('qk_rope_head_dim', config.qkRopeHeadDim, 'an even number');
  integer('v_head_dim', config.vHeadDim, 1, 1 << 12);
  integer('dense intermediate size', config.intermediateSize, 1, 1 << 20);
  integer('number of dense layers', config.numDenseLayers, 0, config.numLayers);
  integer('context length', config.contextLength, 1, 1 << 27);
  positive('rms_norm_eps', config.rmsNormEps);
  positive('rope_theta', config.ropeTheta);
  if (config.bosToken !== null) integer('BOS token', config.bosToken, 0, config.vocabSize - 1);
  if (config.eosToken !== null) integer('EOS token', config.eosToken, 0, config.vocabSize - 1);
  if (config.yarn !== null) {
    if (!(config.yarn.factor >= 1 && Number.isFinite(config.yarn.factor))) {
      fail('YaRN factor', config.yarn.factor, 'a number of at least 1');
    }
    integer('YaRN original context length', config.yarn.originalContextLength, 1, 1 << 27);
    positive('YaRN beta_fast', config.yarn.betaFast);
    positive('YaRN beta_slow', config.yarn.betaSlow);
    positive('YaRN magnitude on rotated values', config.yarn.ropeMagnitude);
    positive('YaRN magnitude on scores', config.yarn.softmaxMagnitude);
  }
  const { moe, indexer } = config;
  if (moe === null && config.numDenseLayers < config.numLayers) {
    fail(
      'number of dense layers',
      config.numDenseLayers,
      `${config.numLayers}: there are no experts`,
    );
  }
  if (moe !== null) {
    integer('number of experts', moe.numExperts, 1, 4096);
    integer('experts per token', moe.numExpertsPerToken, 1, moe.numExperts);
    integer('number of shared experts', moe.numSharedExperts, 0, 64);
    integer('expert intermediate size', moe.intermediateSize, 1, 1 << 20);
    positive('routed scaling factor', moe.routedScalingFactor);
    integer('number of expert groups', moe.numGroups, 1, moe.numExperts);
    integer('number of expert groups used', moe.numGroupsUsed, 1, moe.numGroups);
    if (moe.numExperts % moe.numGroups !== 0) {
      fail('number of expert groups', moe.numGroups, `a divisor of ${moe.numExperts} experts`);
    }
    const reachable = (moe.numExperts / moe.numGroups) * moe.numGroupsUsed;
    if (moe.numExpertsPerToken > reachable) {
      fail(
        'experts per token',
        moe.numExpertsPerToken,
        `at most the ${reachable} in the used groups`,
      );
    }
  }
  if (indexer !== null) {
    integer('indexer heads', indexer.numHeads, 1, 1024);
    integer('indexer head dim', indexer.headDim, config.qkRopeHeadDim, 1 << 12);
    if (indexer.headDim % 2 !== 0) fail('indexer head dim', indexer.headDim, 'an even number');
    integer('indexer top-k', indexer.topk, 1, 1 << 24);
    if (config.qLoraRank === null) {
      fail('q_lora_rank', 'absent', 'a value: the indexer projects its queries from it');
    }
  }
  return config;
}
