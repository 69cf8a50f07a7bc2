// ModelConfig to and from GGUF metadata, with the keys that llama.cpp reads and writes for these
// architectures, so files travel both ways. Source: model reference §14.

import {
  ARCHITECTURES,
  latentWidth,
  validateConfig,
  yarnMagnitude,
  type Architecture,
  type ModelConfig,
  type MoeConfig,
  type YarnConfig,
} from './config.js';
import { MetadataReader } from './gguf-metadata.js';
import type { GgufValue } from './gguf-types.js';
import { ModelError, showValue } from './model-error.js';

/** Values of `expert_gating_func`. */
const GATING_SOFTMAX = 1;
const GATING_SIGMOID = 2;

/** llama.cpp fixes the indexer's rotation by architecture: neighbouring pairs in GLM-5 only. */
function indexerRopeInterleaved(architecture: Architecture): boolean {
  return architecture === 'glm-dsa';
}

/**
 * @param metadata of a GGUF file, @param path its name for messages
 * @throws {ModelError} for another architecture, a missing key or an impossible value
 */
export function configFromGguf(
  metadata: ReadonlyMap<string, GgufValue>,
  path: string,
): ModelConfig {
  const meta = new MetadataReader(metadata, path);
  const named = meta.string('general.architecture');
  const architecture = ARCHITECTURES.find((known) => known === named);
  if (architecture === undefined) {
    throw new ModelError(
      `${path}: general.architecture is ${showValue(named)}; supported: ${ARCHITECTURES.join(', ')}`,
    );
  }
  const key = (name: string): string => `${architecture}.${name}`;
  const numNextnLayers = meta.number(key('nextn_predict_layers'), 0);
  const numLayers = meta.number(key('block_count')) - numNextnLayers;
  const qkRopeHeadDim = meta.number(key('rope.dimension_count'));
  const moe = moeFromGguf(meta, architecture);
  const indexerTopk = meta.optionalNumber(key('attention.indexer.top_k'));
  if (architecture !== 'deepseek2' && indexerTopk === undefined) {
    throw new ModelError(`${path}: metadata key ${key('attention.indexer.top_k')} is missing`);
  }
  refuseSharedIndexers(meta, architecture, meta.number(key('context_length')));
  return validateConfig(
    {
      architecture,
      name: meta.string('general.name', architecture),
      vocabSize: vocabSize(meta, architecture),
      hiddenSize: meta.number(key('embedding_length')),
      numLayers,
      numNextnLayers,
      numHeads: meta.uniformNumber(key('attention.head_count')),
      qLoraRank: meta.optionalNumber(key('attention.q_lora_rank')) || null,
      kvLoraRank: meta.number(key('attention.kv_lora_rank')),
      qkNopeHeadDim: meta.number(key('attention.key_length_mla')) - qkRopeHeadDim,
      qkRopeHeadDim,
      vHeadDim: meta.number(key('attention.value_length_mla')),
      intermediateSize: meta.uniformNumber(key('feed_forward_length')),
      numDenseLayers: moe === null ? numLayers : meta.number(key('leading_dense_block_count'), 0),
      moe,
      indexer:
        indexerTopk === undefined
          ? null
          : {
              numHeads: meta.number(key('attention.indexer.head_count')),
              headDim: meta.number(key('attention.indexer.key_length')),
              topk: indexerTopk,
              interleavedRope: indexerRopeInterleaved(architecture),
            },
      rmsNormEps: meta.number(key('attention.layer_norm_rms_epsilon')),
      ropeTheta: meta.number(key('rope.freq_base'), 10000),
      yarn: yarnFromGguf(meta, architecture),
      contextLength: meta.number(key('context_length')),
      bosToken: meta.optionalNumber('tokenizer.ggml.bos_token_id') ?? null,
      eosToken: meta.optionalNumber('tokenizer.ggml.eos_token_id') ?? null,
    },
    path,
  );
}

function vocabSize(meta: MetadataReader, architecture: Architecture): number {
  const fromTokens = meta.strings('tokenizer.ggml.tokens')?.length;
  return meta.number(`${architecture}.vocab_size`, fromTokens);
}

function moeFromGguf(meta: MetadataReader, architecture: Architecture): MoeConfig | null {
  const key = (name: string): string => `${architecture}.${name}`;
  const numExperts = meta.number(key('expert_count'), 0);
  if (numExperts === 0) return null;
  // Files made before the key existed hold V2 models, which score by softmax; GLM has one way only.
  const implied = architecture === 'deepseek2' ? GATING_SOFTMAX : GATING_SIGMOID;
  const gating = meta.number(key('expert_gating_func'), implied) || implied;
  if (gating !== GATING_SOFTMAX && gating !== GATING_SIGMOID) {
    throw new ModelError(
      `${meta.path}: ${key('expert_gating_func')} is ${gating}; supported: 1 (softmax), 2 (sigmoid)`,
    );
  }
  const scale = meta.number(key('expert_weights_scale'), 0);
  return {
    numExperts,
    numExpertsPerToken: meta.number(key('expert_used_count')),
    numSharedExperts: meta.number(key('expert_shared_count'), 0),
    intermediateSize: meta.uniformNumber(key('expert_feed_forward_length')),
    numGroups: Math.max(1, meta.number(key('expert_group_count'), 1)),
    numGroupsUsed: Math.max(1, meta.number(key('expert_group_used_count'), 1)),
    scoring: gating === GATING_SIGMOID ? 'sigmoid' : 'softmax',
    normTopkProb: meta.boolean(key('expert_weights_norm'), false),
    // 0 and absent both mean "not scaled" in the format.
    routedScalingFactor: scale === 0 ? 1 : scale,
  };
}

function yarnFromGguf(meta: MetadataReader, architecture: Architecture): YarnConfig | null {
  const key = (name: string): string => `${architecture}.rope.scaling.${name}`;
  const type = meta.string(key('type'), 'none');
  if (type === 'none') return null;
  if (type !== 'yarn') {
    throw new ModelError(
      `${meta.path}: ${key('type')} is ${showValue(type)}; supported: none, yarn`,
    );
  }
  for (const name of ['attn_factor', 'yarn_attn_factor', 'yarn_ext_factor']) {
    const value = meta.number(key(name), 1);
    if (value !== 1) throw new ModelError(`${meta.path}: ${key(name)} is ${value}; supported: 1`);
  }
  const factor = meta.number(key('factor'));
  // The format stores 0.1 * mscale_all_dim (model reference §6.2); f32 digits beyond 6 are noise.
  const stored = meta.number(key('yarn_log_multiplier'), 0);
  const mscaleAllDim = Number((10 * stored).toPrecision(6));
  return {
    factor,
    originalContextLength: meta.number(key('original_context_length')),
    betaFast: meta.number(key('yarn_beta_fast'), 32),
    betaSlow: meta.number(key('yarn_beta_slow'), 1),
    mscaleAllDim,
    ...ggufMagnitudes(architecture, factor, mscaleAllDim),
  };
}

/**
 * What a GGUF file means by its one stored number, which leaves mscale open: llama.cpp takes it as
 * equal to mscale_all_dim in deepseek2 and as 1 elsewhere, and reads an absent number as plain YaRN.
 * All agree for mscale_all_dim 1.
 */
export function ggufMagnitudes(
  architecture: Architecture,
  factor: number,
  mscaleAllDim: number,
): Pick<YarnConfig, 'ropeMagnitude' | 'softmaxMagnitude'> {
  const mscale = architecture === 'deepseek2' && mscaleAllDim !== 0 ? mscaleAllDim : 1;
  const magnitude = yarnMagnitude(factor, mscale);
  return {
    ropeMagnitude: magnitude / yarnMagnitude(factor, mscaleAllDim),
    softmaxMagnitude: magnitude,
  };
}

/** Files of GLM-5.2 made before the key existed are known by their context length. */
const GLM_52_CONTEXT_LENGTH = 1 << 20;

/** GLM-5.2 lets layers reuse another layer's top-k; its marker is 0 = shared, 1 = full. */
function refuseSharedIndexers(
  meta: MetadataReader,
  architecture: Architecture,
  contextLength: number,
): void {
  const key = `${architecture}.attention.indexer.types`;
  const types = meta.integers(key);
  const isOld52 = architecture === 'glm-dsa' && contextLength >= GLM_52_CONTEXT_LENGTH;
  if (types === undefined && isOld52) {
    throw new ModelError(
      `${meta.path}: looks like GLM-5.2 (context of ${contextLength} tokens, no ${key}), whose layers share another layer's top-k; only full indexers are supported`,
    );
  }
  if (types?.includes(0)) {
    throw new ModelError(
      `${meta.path}: ${key} has layers that share another layer's top-k; only full indexers are supported`,
    );
  }
}

/** The metadata of a model file, without the tokenizer's keys. */
export function configToGguf(config: ModelConfig, source: string): Map<string, GgufValue> {
  const { architecture, moe, indexer, yarn } = config;
  if (indexer !== null && indexer.interleavedRope !== indexerRopeInterleaved(architecture)) {
    throw new ModelError(
      `${source}: indexer_rope_interleave is ${indexer.interleavedRope}, which GGUF cannot express for ${architecture}`,
    );
  }
  const metadata = new Map<string, GgufValue>();
  metadata.set('general.architecture', { type: 'string', value: architecture });
  metadata.set('general.name', { type: 'string', value: config.name });
  const set = (name: string, value: GgufValue): void => {
    metadata.set(`${architecture}.${name}`, value);
  };
  const u32 = (name: string, value: number): void => set(name, { type: 'u32', value });
  const f32 = (name: string, value: number): void => set(name, { type: 'f32', value });
  u32('vocab_size', config.vocabSize);
  u32('context_length', config.contextLength);
  u32('embedding_length', config.hiddenSize);
  u32('block_count', config.numLayers + config.numNextnLayers);
  if (config.numNextnLayers > 0) u32('nextn_predict_layers', config.numNextnLayers);
  u32('feed_forward_length', config.intermediateSize);
  u32('leading_dense_block_count', config.numDenseLayers);
  u32('attention.head_count', config.numHeads);
  // MLA is stored as attention with one latent key/value head.
  u32('attention.head_count_kv', 1);
  u32('attention.key_length', latentWidth(config));
  u32('attention.value_length', config.kvLoraRank);
  u32('attention.key_length_mla', config.qkNopeHeadDim + config.qkRopeHeadDim);
  u32('attention.value_length_mla', config.vHeadDim);
  if (config.qLoraRank !== null) u32('attention.q_lora_rank', config.qLoraRank);
  u32('attention.kv_lora_rank', config.kvLoraRank);
  f32('attention.layer_norm_rms_epsilon', config.rmsNormEps);
  u32('rope.dimension_count', config.qkRopeHeadDim);
  f32('rope.freq_base', config.ropeTheta);
  if (yarn !== null) {
    const read = ggufMagnitudes(architecture, yarn.factor, yarn.mscaleAllDim);
    if (
      read.ropeMagnitude !== yarn.ropeMagnitude ||
      read.softmaxMagnitude !== yarn.softmaxMagnitude
    ) {
      throw new ModelError(
        `${source}: YaRN mscale_all_dim ${yarn.mscaleAllDim} cannot be expressed in GGUF for ${architecture}; 1 can`,
      );
    }
    set('rope.scaling.type', { type: 'string', value: 'yarn' });
    f32('rope.scaling.factor', yarn.factor);
    u32('rope.scaling.original_context_length', yarn.originalContextLength);
    f32('rope.scaling.yarn_beta_fast', yarn.betaFast);
    f32('rope.scaling.yarn_beta_slow', yarn.betaSlow);
    f32('rope.scaling.yarn_log_multiplier', 0.1 * yarn.mscaleAllDim);
  }
  // llama.cpp wants the expert width even where no layer has experts.
  u32('expert_feed_forward_length', moe?.intermediateSize ?? config.intermediateSize);
  u32('expert_shared_count', moe?.numSharedExperts ?? 0);
  // Required by llama.cpp for deepseek32, also where no layer has experts.
  u32('expert_gating_func', moe?.scoring === 'softmax' ? GATING_SOFTMAX : GATING_SIGMOID);
  if (moe !== null) {
    u32('expert_count', moe.numExperts);
    u32('expert_used_count', moe.numExpertsPerToken);
    f32('expert_weights_scale', moe.routedScalingFactor);
    set('expert_weights_norm', { type: 'bool', value: moe.normTopkProb });
    if (moe.numGroups > 1 && moe.numGroupsUsed < moe.numGroups) {
      u32('expert_group_count', moe.numGroups);
      u32('expert_group_used_count', moe.numGroupsUsed);
    }
  }
  if (indexer !== null) {
    u32('attention.indexer.head_count', indexer.numHeads);
    u32('attention.indexer.key_length', indexer.headDim);
    u32('attention.indexer.top_k', indexer.topk);
  }
  return metadata;
}
