// Ready-made shapes for random models and the names by which single values are changed. Shapes keep
// llama.cpp's limits so that it can serve as oracle: indexer key length 128, and a latent width that
// is not 128 (it tells its two caches apart by width). Source: small-model reference §7, engine
// reference §4.2.

import { ggufMagnitudes } from './config-gguf.js';
import { validateConfig, type ModelConfig, type MoeConfig } from './config.js';
import { ModelError, showValue } from './model-error.js';
import { siblingPresets } from './sibling-presets.js';
import { RANDOM_BOS_TOKEN, RANDOM_EOS_TOKEN } from './random-tokenizer.js';

const COMMON = {
  architecture: 'deepseek32',
  numNextnLayers: 0,
  rmsNormEps: 1e-6,
  ropeTheta: 10000,
  yarn: null,
  bosToken: RANDOM_BOS_TOKEN,
  eosToken: RANDOM_EOS_TOKEN,
} as const satisfies Partial<ModelConfig>;

const ROUTING = {
  numSharedExperts: 1,
  numGroups: 1,
  numGroupsUsed: 1,
  scoring: 'sigmoid',
  normTopkProb: true,
} as const satisfies Partial<MoeConfig>;

/** Under a million parameters: milliseconds per token on any device. */
const TEST = {
  ...COMMON,
  name: 'hadal-random-test',
  vocabSize: 512,
  hiddenSize: 96,
  numLayers: 3,
  numHeads: 4,
  qLoraRank: 64,
  kvLoraRank: 64,
  qkNopeHeadDim: 32,
  qkRopeHeadDim: 32,
  vHeadDim: 32,
  intermediateSize: 192,
  numDenseLayers: 1,
  moe: {
    ...ROUTING,
    numExperts: 8,
    numExpertsPerToken: 2,
    intermediateSize: 64,
    routedScalingFactor: 1.5,
  },
  indexer: { numHeads: 4, headDim: 128, topk: 64, interleavedRope: false },
  contextLength: 4096,
} satisfies ModelConfig;

const PRESETS = {
  test: TEST,
  /** 90M parameters, the shape of the measurements in the engine reference, with 4 indexer heads. */
  bench: {
    ...COMMON,
    name: 'hadal-random-bench',
    vocabSize: 4096,
    hiddenSize: 512,
    numLayers: 12,
    numHeads: 8,
    qLoraRank: 256,
    kvLoraRank: 128,
    qkNopeHeadDim: 64,
    qkRopeHeadDim: 32,
    vHeadDim: 64,
    intermediateSize: 1536,
    numDenseLayers: 1,
    moe: {
      ...ROUTING,
      numExperts: 32,
      numExpertsPerToken: 4,
      intermediateSize: 128,
      routedScalingFactor: 2.5,
    },
    indexer: { numHeads: 4, headDim: 128, topk: 256, interleavedRope: false },
    contextLength: 131072,
  },
  ...siblingPresets(TEST),
} satisfies Record<string, ModelConfig>;

export type PresetName = keyof typeof PRESETS;
export const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];

type Setter = (config: ModelConfig, value: number) => ModelConfig;

const moe = (set: (moe: MoeConfig, value: number) => Partial<MoeConfig>): Setter => {
  return (config, value) => {
    if (config.moe === null) throw new ModelError('the model has no experts to change');
    return { ...config, moe: { ...config.moe, ...set(config.moe, value) } };
  };
};

const indexer = (name: 'numHeads' | 'headDim' | 'topk'): Setter => {
  return (config, value) => {
    if (config.indexer === null) throw new ModelError('the model has no indexer to change');
    return { ...config, indexer: { ...config.indexer, [name]: value } };
  };
};

/** Values that `--set name=value` can change. */
const SETTERS: Readonly<Record<string, Setter>> = {
  vocab: (config, vocabSize) => ({ ...config, vocabSize }),
  hidden: (config, hiddenSize) => ({ ...config, hiddenSize }),
  layers: (config, numLayers) => ({
    ...config,
    numLayers,
    numDenseLayers: config.moe === null ? numLayers : Math.min(config.numDenseLayers, numLayers),
  }),
  'mtp-layers': (config, numNextnLayers) => ({ ...config, numNextnLayers }),
  heads: (config, numHeads) => ({ ...config, numHeads }),
  /** 0 = queries without a low-rank step, which leaves no indexer. */
  'q-lora': (config, rank) =>
    rank > 0
      ? { ...config, qLoraRank: rank }
      : { ...config, qLoraRank: null, indexer: null, architecture: 'deepseek2' },
  'kv-lora': (config, kvLoraRank) => ({ ...config, kvLoraRank }),
  nope: (config, qkNopeHeadDim) => ({ ...config, qkNopeHeadDim }),
  rope: (config, qkRopeHeadDim) => ({ ...config, qkRopeHeadDim }),
  'v-dim': (config, vHeadDim) => ({ ...config, vHeadDim }),
  ff: (config, intermediateSize) => ({ ...config, intermediateSize }),
  'dense-layers': (config, numDenseLayers) => ({ ...config, numDenseLayers }),
  /** 0 = every layer dense. */
  experts: (config, numExperts) =>
    numExperts > 0
      ? moe(() => ({ numExperts }))(config, numExperts)
      : { ...config, moe: null, numDenseLayers: config.numLayers },
  'experts-used': moe((_, numExpertsPerToken) => ({ numExpertsPerToken })),
  'shared-experts': moe((_, numSharedExperts) => ({ numSharedExperts })),
  'expert-ff': moe((_, intermediateSize) => ({ intermediateSize })),
  groups: moe((_, numGroups) => ({ numGroups })),
  'groups-used': moe((_, numGroupsUsed) => ({ numGroupsUsed })),
  'routed-scale': moe((_, routedScalingFactor) => ({ routedScalingFactor })),
  /** 1 = experts scored by softmax, 0 = by sigmoid. */
  'softmax-gate': moe((_, on) => ({ scoring: on === 1 ? 'softmax' : 'sigmoid' })),
  'norm-topk': moe((_, on) => ({ normTopkProb: on === 1 })),
  /** 0 = no indexer: dense attention, as in V3. */
  'indexer-heads': (config, numHeads) =>
    numHeads > 0
      ? indexer('numHeads')(config, numHeads)
      : { ...config, indexer: null, architecture: 'deepseek2' },
  /** 1 = neighbouring pairs rotate in the indexer, as in GLM-5. */
  'indexer-interleaved': (config, on) => {
    if (config.indexer === null) throw new ModelError('the model has no indexer to change');
    return {
      ...config,
      architecture: on === 1 ? 'glm-dsa' : 'deepseek32',
      indexer: { ...config.indexer, interleavedRope: on === 1 },
    };
  },
  'indexer-dim': indexer('headDim'),
  topk: indexer('topk'),
  'rope-theta': (config, ropeTheta) => ({ ...config, ropeTheta }),
  'rms-eps': (config, rmsNormEps) => ({ ...config, rmsNormEps }),
  context: (config, contextLength) => ({ ...config, contextLength }),
  /** YaRN factor; 1 = no YaRN. The original context is the context length divided by it. */
  yarn: (config, factor) => ({
    ...config,
    yarn:
      factor === 1
        ? null
        : {
            factor,
            originalContextLength: Math.max(1, Math.round(config.contextLength / factor)),
            betaFast: 32,
            betaSlow: 1,
            mscaleAllDim: 1,
            ...ggufMagnitudes(config.architecture, factor, 1),
          },
  }),
};

export const SETTING_NAMES = Object.keys(SETTERS);

/**
 * The configuration of a preset with single values changed, in the order given.
 * @param settings texts of the form `name=value`
 * @throws {ModelError} for an unknown preset, name or value, or a shape that cannot be
 */
export function presetConfig(preset: string, settings: readonly string[] = []): ModelConfig {
  if (!Object.hasOwn(PRESETS, preset)) {
    throw new ModelError(`preset is ${showValue(preset)}; possible: ${PRESET_NAMES.join(', ')}`);
  }
  let config: ModelConfig = PRESETS[preset as PresetName];
  for (const setting of settings) {
    const [name = '', text = '', extra] = setting.split('=');
    const value = text === '' ? Number.NaN : Number(text);
    if (!Object.hasOwn(SETTERS, name) || extra !== undefined || !Number.isFinite(value)) {
      throw new ModelError(
        `setting is ${showValue(setting)}; expected name=number with a name of ${SETTING_NAMES.join(', ')}`,
      );
    }
    config = SETTERS[name]!(config, value);
  }
  return validateConfig(config, `preset ${preset}`);
}
