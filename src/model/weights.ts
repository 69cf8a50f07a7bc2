// The weights of a model on a device: every tensor of the table checked against the file, allocated
// together and uploaded in pieces. Quantised matrices stay as they are; what must be exact (norms,
// biases, router, indexer head weights) is widened to f32 whatever the file holds.

import type { Allocation, Device, DeviceTensor, DType, TensorSpec } from '../tensor/types.js';
import { dequantize, quantize } from '../tensor/quantize.js';
import type { ModelConfig } from './config.js';
import type { GgufFile, GgufTensor } from './gguf-reader.js';
import { ModelError } from './model-error.js';
import { isSupportedStorage, OUTPUT_TYPES } from './output-type.js';
import { modelTensors, type ModelTensor } from './tensor-names.js';

const UPLOAD_BYTES = 16 << 20;

/** SwiGLU: down(silu(gate x) * up x). */
export interface FeedForwardWeights {
  gate: DeviceTensor;
  up: DeviceTensor;
  down: DeviceTensor;
}

export interface MoeWeights {
  /** f32 [hidden, experts] */
  router: DeviceTensor;
  /** e_score_correction_bias, f32 [experts]: used only to choose. */
  bias: DeviceTensor | null;
  /** Stacked: gate and up [hidden, ff, experts], down [ff, hidden, experts]. */
  experts: FeedForwardWeights;
  shared: FeedForwardWeights | null;
}

export interface IndexerWeights {
  /** [q_lora, heads * dim] */
  queries: DeviceTensor;
  /** [hidden, dim] */
  keys: DeviceTensor;
  keyNormWeight: DeviceTensor;
  keyNormBias: DeviceTensor;
  /** f32 [hidden, heads] */
  headWeights: DeviceTensor;
}

export interface LayerWeights {
  attentionNorm: DeviceTensor;
  /** Low-rank queries, or one projection. */
  queries:
    | { kind: 'lowRank'; down: DeviceTensor; norm: DeviceTensor; up: DeviceTensor }
    | { kind: 'direct'; projection: DeviceTensor };
  /** [hidden, kv_lora + rope] */
  latent: DeviceTensor;
  latentNorm: DeviceTensor;
  /** W_UK transposed per head: [nope, kv_lora, heads] */
  keyUp: DeviceTensor;
  /** W_UV per head: [kv_lora, v, heads] */
  valueUp: DeviceTensor;
  /** [heads * v, hidden] */
  output: DeviceTensor;
  indexer: IndexerWeights | null;
  feedForwardNorm: DeviceTensor;
  feedForward:
    { kind: 'dense'; weights: FeedForwardWeights } | { kind: 'moe'; weights: MoeWeights };
}

/** The multi-token-prediction block (model reference §10): from the hidden state of the main model and
 *  the token that follows, the token after that. */
export interface NextnWeights {
  /** enorm and hnorm, f32 [hidden]: norms of the token's embedding and of the hidden state. */
  embeddingNorm: DeviceTensor;
  hiddenNorm: DeviceTensor;
  /** eh_proj, [2 * hidden, hidden]: over the embedding first, then the hidden state. */
  projection: DeviceTensor;
  layer: LayerWeights;
  /** The main model's own where the block brings none. */
  embedding: DeviceTensor;
  headNorm: DeviceTensor;
  head: DeviceTensor;
}

export interface ModelWeights {
  allocation: Allocation;
  /** [hidden, vocab] */
  embedding: DeviceTensor;
  layers: LayerWeights[];
  outputNorm: DeviceTensor;
  /** [hidden, vocab]; the embedding itself when the file has no head of its own. */
  head: DeviceTensor;
  /** The first MTP block, when it was asked for and the file has one. */
  nextn: NextnWeights | null;
}

export interface LoadWeightsOptions {
  /** Load the first MTP block too, where the file has one. Default false: it stays in the file. */
  withDraft?: boolean;
}

/**
 * Loads the main layers of a model file.
 * @throws {ModelError} for a missing tensor, a wrong shape or a storage type that is not supported
 */
export function loadWeights(
  device: Device,
  file: GgufFile,
  config: ModelConfig,
  { withDraft = false }: LoadWeightsOptions = {},
): ModelWeights {
  const hasNextn = withDraft && hasNextnBlock(file, config);
  const wanted = modelTensors({ ...config, numNextnLayers: hasNextn ? 1 : 0 });
  const present: { tensor: ModelTensor; source: GgufTensor; spec: TensorSpec }[] = [];
  for (const tensor of wanted) {
    const source = file.tensors.get(tensor.name);
    if (source === undefined) {
      if (tensor.optional) continue;
      throw new ModelError(`${file.path}: tensor ${tensor.name} is missing`);
    }
    present.push({ tensor, source, spec: tensorSpec(tensor, source, file.path) });
  }
  const allocation = device.allocate(present.map(({ spec }) => spec));
  try {
    for (const { source, spec } of present)
      upload(file, source, allocation.get(spec.name), spec.dtype);
    return nameWeights(allocation, config, hasNextn);
  } catch (error) {
    allocation.dispose();
    throw error;
  }
}

/** Some files announce a block that their makers left out. */
function hasNextnBlock(file: GgufFile, { numLayers, numNextnLayers }: ModelConfig): boolean {
  return numNextnLayers > 0 && file.tensors.has(`blk.${numLayers}.nextn.eh_proj.weight`);
}

function tensorSpec(tensor: ModelTensor, source: GgufTensor, path: string): TensorSpec {
  const { name, shape } = tensor;
  if (trimmed(source.shape) !== trimmed(shape)) {
    throw new ModelError(
      `${path}: tensor ${name} has shape [${source.shape.join(', ')}]; the metadata implies [${shape.join(', ')}]`,
    );
  }
  if (!isSupportedStorage(source.type)) {
    throw new ModelError(
      `${path}: tensor ${name} is stored as ${source.type}; supported: ${OUTPUT_TYPES.join(', ')}, q4_0`,
    );
  }
  return { name, shape, dtype: tensor.precision === 'f32' ? 'f32' : source.type };
}

/** Trailing dimensions of 1 mean nothing in the format. */
function trimmed(shape: readonly number[]): string {
  let length = shape.length;
  while (length > 1 && shape[length - 1] === 1) length--;
  return shape.slice(0, length).join();
}

function upload(file: GgufFile, source: GgufTensor, target: DeviceTensor, dtype: DType): void {
  if (dtype !== source.type) {
    // Only small tensors are widened.
    const values = dequantize(source.type as DType, file.readTensor(source));
    target.upload(quantize(dtype, values));
    return;
  }
  for (let at = 0; at < source.byteLength; at += UPLOAD_BYTES) {
    const length = Math.min(UPLOAD_BYTES, source.byteLength - at);
    target.upload(file.readTensor(source, at, length), at);
  }
}

function nameWeights(allocation: Allocation, config: ModelConfig, hasNextn: boolean): ModelWeights {
  const embedding = allocation.get('token_embd.weight');
  const main = {
    allocation,
    embedding,
    layers: Array.from({ length: config.numLayers }, (_, layer) =>
      nameLayer(allocation, config, layer),
    ),
    outputNorm: allocation.get('output_norm.weight'),
    head: allocation.has('output.weight') ? allocation.get('output.weight') : embedding,
  };
  return { ...main, nextn: hasNextn ? nameNextn(main, config) : null };
}

function nameNextn(main: Omit<ModelWeights, 'nextn'>, config: ModelConfig): NextnWeights {
  const { allocation } = main;
  const name = (suffix: string): string => `blk.${config.numLayers}.nextn.${suffix}.weight`;
  const get = (suffix: string): DeviceTensor => allocation.get(name(suffix));
  const own = (suffix: string, fallback: DeviceTensor): DeviceTensor =>
    allocation.has(name(suffix)) ? get(suffix) : fallback;
  return {
    embeddingNorm: get('enorm'),
    hiddenNorm: get('hnorm'),
    projection: get('eh_proj'),
    layer: nameLayer(allocation, config, config.numLayers),
    embedding: own('embed_tokens', main.embedding),
    headNorm: own('shared_head_norm', main.outputNorm),
    head: own('shared_head_head', main.head),
  };
}

function nameLayer(allocation: Allocation, config: ModelConfig, layer: number): LayerWeights {
  const get = (name: string): DeviceTensor => allocation.get(`blk.${layer}.${name}`);
  const swiglu = (suffix: string): FeedForwardWeights => ({
    gate: get(`ffn_gate${suffix}.weight`),
    up: get(`ffn_up${suffix}.weight`),
    down: get(`ffn_down${suffix}.weight`),
  });
  const { moe, indexer } = config;
  return {
    attentionNorm: get('attn_norm.weight'),
    queries:
      config.qLoraRank === null
        ? { kind: 'direct', projection: get('attn_q.weight') }
        : {
            kind: 'lowRank',
            down: get('attn_q_a.weight'),
            norm: get('attn_q_a_norm.weight'),
            up: get('attn_q_b.weight'),
          },
    latent: get('attn_kv_a_mqa.weight'),
    latentNorm: get('attn_kv_a_norm.weight'),
    keyUp: get('attn_k_b.weight'),
    valueUp: get('attn_v_b.weight'),
    output: get('attn_output.weight'),
    indexer:
      indexer === null
        ? null
        : {
            queries: get('indexer.attn_q_b.weight'),
            keys: get('indexer.attn_k.weight'),
            keyNormWeight: get('indexer.k_norm.weight'),
            keyNormBias: get('indexer.k_norm.bias'),
            headWeights: get('indexer.proj.weight'),
          },
    feedForwardNorm: get('ffn_norm.weight'),
    feedForward:
      moe === null || layer < config.numDenseLayers
        ? { kind: 'dense', weights: swiglu('') }
        : {
            kind: 'moe',
            weights: {
              router: get('ffn_gate_inp.weight'),
              bias: allocation.has(`blk.${layer}.exp_probs_b.bias`)
                ? get('exp_probs_b.bias')
                : null,
              experts: swiglu('_exps'),
              shared: moe.numSharedExperts > 0 ? swiglu('_shexp') : null,
            },
          },
  };
}
