// The weights of a model as the forward pass uses them, found by name among the tensors of an
// allocation. It does not know files (load-weights.ts) or shapes (tensor-names.ts).

import type { Allocation, DeviceTensor } from '../tensor/types.js';
import type { ModelConfig } from './config.js';

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

/**
 * Finds the weights of a model among its loaded tensors.
 * Contract: those that are not optional (tensor-names.ts) are there.
 */
export function nameWeights(allocation: Allocation, config: ModelConfig): ModelWeights {
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
  const hasNextn = allocation.has(nextnName(config, 'eh_proj'));
  return { ...main, nextn: hasNextn ? nameNextn(main, config) : null };
}

function nextnName({ numLayers }: ModelConfig, suffix: string): string {
  return `blk.${numLayers}.nextn.${suffix}.weight`;
}

function nameNextn(main: Omit<ModelWeights, 'nextn'>, config: ModelConfig): NextnWeights {
  const { allocation } = main;
  const get = (suffix: string): DeviceTensor => allocation.get(nextnName(config, suffix));
  const own = (suffix: string, fallback: DeviceTensor): DeviceTensor =>
    allocation.has(nextnName(config, suffix)) ? get(suffix) : fallback;
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
