// ModelConfig from the config.json of a Hugging Face checkpoint. It knows the key names and defaults
// of each released sibling; it refuses variants whose mathematics differ from ours instead of
// running them wrongly. Source: model reference §1 and §15.

import {
  validateConfig,
  yarnMagnitude,
  type Architecture,
  type ModelConfig,
  type YarnConfig,
} from './config.js';
import { ModelError, showValue } from './model-error.js';

/** model_type -> GGUF architecture; an indexer in the config decides the rest. */
const MODEL_TYPES: Readonly<Record<string, Architecture>> = {
  deepseek_v32: 'deepseek32',
  deepseek_v3: 'deepseek2',
  deepseek_v2: 'deepseek2',
  kimi_k2: 'deepseek2',
  glm_moe_dsa: 'glm-dsa',
};

type Json = Readonly<Record<string, unknown>>;

/**
 * @param json the parsed config.json
 * @param source its path, for messages
 * @throws {ModelError} for another model type, a missing or wrong field, or an unsupported variant
 */
export function configFromHf(json: unknown, source: string): ModelConfig {
  if (!isObject(json)) throw new ModelError(`${source}: is not a JSON object`);
  const modelType = json['model_type'];
  const known = typeof modelType === 'string' && Object.hasOwn(MODEL_TYPES, modelType);
  if (!known) {
    throw new ModelError(
      `${source}: model_type is ${showValue(modelType)}; supported: ${Object.keys(MODEL_TYPES).join(', ')}`,
    );
  }
  const read = new FieldReader(json, source);
  refuseUnsupported(read);
  const numLayers = read.number('num_hidden_layers');
  const hasExperts = read.optionalNumber('n_routed_experts') !== null;
  const hasIndexer = read.optionalNumber('index_topk') !== null;
  const topkMethod = json['topk_method'] ?? 'noaux_tc';
  const isGlm = modelType === 'glm_moe_dsa';
  const architecture = hasIndexer && !isGlm ? 'deepseek32' : MODEL_TYPES[modelType]!;
  if (architecture !== 'deepseek2' && !hasIndexer) {
    throw new ModelError(`${source}: index_topk is missing, which model_type ${modelType} needs`);
  }
  const scoring = json['scoring_func'] ?? (modelType === 'deepseek_v2' ? 'softmax' : 'sigmoid');
  if (scoring !== 'sigmoid' && scoring !== 'softmax') {
    throw new ModelError(
      `${source}: scoring_func is ${showValue(scoring)}; expected sigmoid or softmax`,
    );
  }
  const eos = json['eos_token_id'];
  return validateConfig(
    {
      architecture,
      name: modelType,
      vocabSize: read.number('vocab_size'),
      hiddenSize: read.number('hidden_size'),
      numLayers,
      numNextnLayers: read.number('num_nextn_predict_layers', 0),
      numHeads: read.number('num_attention_heads'),
      qLoraRank: read.optionalNumber('q_lora_rank'),
      kvLoraRank: read.number('kv_lora_rank'),
      qkNopeHeadDim: read.number('qk_nope_head_dim'),
      qkRopeHeadDim: read.number('qk_rope_head_dim'),
      vHeadDim: read.number('v_head_dim'),
      intermediateSize: read.number('intermediate_size'),
      numDenseLayers: hasExperts ? numDenseLayers(read) : numLayers,
      moe: hasExperts
        ? {
            numExperts: read.number('n_routed_experts'),
            numExpertsPerToken: read.number('num_experts_per_tok'),
            numSharedExperts: read.number('n_shared_experts', 0),
            intermediateSize: read.number('moe_intermediate_size'),
            // "greedy" routing has no groups even where n_group is set.
            numGroups: topkMethod === 'greedy' ? 1 : read.number('n_group', 1),
            numGroupsUsed: topkMethod === 'greedy' ? 1 : read.number('topk_group', 1),
            scoring,
            normTopkProb: read.boolean('norm_topk_prob', modelType !== 'deepseek_v2'),
            routedScalingFactor: read.number('routed_scaling_factor', 1),
          }
        : null,
      indexer: hasIndexer
        ? {
            numHeads: read.number('index_n_heads'),
            headDim: read.number('index_head_dim'),
            topk: read.number('index_topk'),
            interleavedRope: read.boolean('indexer_rope_interleave', isGlm),
          }
        : null,
      rmsNormEps: read.number('rms_norm_eps', 1e-6),
      ropeTheta: ropeTheta(read),
      yarn: yarnFromHf(read),
      contextLength: read.number('max_position_embeddings'),
      bosToken: read.optionalNumber('bos_token_id'),
      eosToken: Array.isArray(eos) ? (eos[0] ?? null) : read.optionalNumber('eos_token_id'),
    },
    source,
  );
}

/** Flags whose other values would need other mathematics. */
function refuseUnsupported(read: FieldReader): void {
  read.only('hidden_act', ['silu']);
  read.only('attention_bias', [false]);
  read.only('moe_layer_freq', [1]);
  read.only('rope_interleave', [true]);
  read.only('topk_method', ['noaux_tc', 'greedy', 'group_limited_greedy']);
  refuseSharedIndexers(read);
}

/** GLM-5.2 lets layers reuse another layer's top-k, and has three ways to say so. */
function refuseSharedIndexers(read: FieldReader): void {
  const refuse = (field: string, seen: unknown): never => {
    throw new ModelError(
      `${read.source}: ${field} has layers that share another layer's top-k (${showValue(seen)}); only full indexers are supported`,
    );
  };
  const types = read.list('indexer_types') ?? [];
  const other = types.find((type) => type !== 'full');
  if (other !== undefined) refuse('indexer_types', other);
  // The list, where there is one, says what the other two come to.
  if (types.length > 0) return;
  const frequency = read.number('index_topk_freq', 1);
  if (frequency !== 1) refuse('index_topk_freq', frequency);
  const pattern = read.json['index_topk_pattern'] ?? null;
  if (pattern !== null) refuse('index_topk_pattern', pattern);
}

/** Newer files of GLM list a kind for every layer in place of a count. */
function numDenseLayers(read: FieldReader): number {
  const kinds = read.list('mlp_layer_types');
  if (kinds === null) return read.number('first_k_dense_replace', 0);
  const first = kinds.findIndex((kind) => kind !== 'dense');
  const count = first < 0 ? kinds.length : first;
  const late = kinds.slice(count).find((kind) => kind !== 'sparse');
  if (late !== undefined) {
    throw new ModelError(
      `${read.source}: mlp_layer_types has ${showValue(late)} after the dense layers at the start; expected "sparse"`,
    );
  }
  const stated = read.optionalNumber('first_k_dense_replace');
  if (stated !== null && stated !== count) {
    throw new ModelError(
      `${read.source}: first_k_dense_replace is ${stated}, but mlp_layer_types begins with ${count} dense layers`,
    );
  }
  return count;
}

/** Older files keep `rope_scaling` beside `rope_theta`, newer ones one `rope_parameters` object. */
function ropeParameters(read: FieldReader): FieldReader | null {
  for (const key of ['rope_scaling', 'rope_parameters']) {
    const value = read.json[key];
    if (isObject(value)) return new FieldReader(value, `${read.source}: ${key}`);
  }
  return null;
}

function ropeTheta(read: FieldReader): number {
  const nested = ropeParameters(read)?.optionalNumber('rope_theta') ?? null;
  return nested ?? read.number('rope_theta', 10000);
}

function yarnFromHf(read: FieldReader): YarnConfig | null {
  const rope = ropeParameters(read);
  if (rope === null) return null;
  const type = rope.json['type'] ?? rope.json['rope_type'] ?? 'default';
  if (type === 'default') return null;
  if (type !== 'yarn' && type !== 'deepseek_yarn') {
    throw new ModelError(`${rope.source}: type is ${showValue(type)}; supported: yarn`);
  }
  // The reference implementation's default is 1 for both, and all releases have them equal.
  const mscaleAllDim = rope.number('mscale_all_dim', rope.number('mscale', 1));
  const mscale = rope.number('mscale', mscaleAllDim);
  if (mscale !== mscaleAllDim) {
    throw new ModelError(
      `${rope.source}: mscale ${mscale} differs from mscale_all_dim ${mscaleAllDim}; only equal values are supported`,
    );
  }
  const factor = rope.number('factor');
  return {
    factor,
    originalContextLength: rope.number('original_max_position_embeddings'),
    betaFast: rope.number('beta_fast', 32),
    betaSlow: rope.number('beta_slow', 1),
    mscaleAllDim,
    ropeMagnitude: 1,
    softmaxMagnitude: yarnMagnitude(factor, mscaleAllDim),
  };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Typed access to the fields of one JSON object; absent and null are the same. */
class FieldReader {
  constructor(
    readonly json: Json,
    readonly source: string,
  ) {}

  optionalNumber(key: string): number | null {
    const value = this.json[key] ?? null;
    if (value === null || typeof value === 'number') return value;
    throw new ModelError(`${this.source}: ${key} is ${showValue(value)}; expected a number`);
  }

  number(key: string, fallback?: number): number {
    const value = this.optionalNumber(key) ?? fallback;
    if (value === undefined) throw new ModelError(`${this.source}: ${key} is missing`);
    return value;
  }

  /** null when absent. */
  list(key: string): readonly unknown[] | null {
    const value = this.json[key] ?? null;
    if (value === null || Array.isArray(value)) return value;
    throw new ModelError(`${this.source}: ${key} is ${showValue(value)}; expected a list`);
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.json[key] ?? fallback;
    if (typeof value === 'boolean') return value;
    throw new ModelError(`${this.source}: ${key} is ${showValue(value)}; expected true or false`);
  }

  only(key: string, allowed: readonly unknown[]): void {
    const value = this.json[key] ?? null;
    if (value === null || allowed.includes(value)) return;
    const list = allowed.map(String).join(', ');
    throw new ModelError(`${this.source}: ${key} is ${showValue(value)}; supported: ${list}`);
  }
}
