// Every tensor of the architecture in one table: its GGUF name, its shape, where it comes from in a
// Hugging Face checkpoint, and whether it must stay in f32. The loader, the converter and the
// random-model generator all read this table, so adding a tensor is one row.
// Source: model reference §11 (Hugging Face) and §14 (GGUF). Shapes fastest dimension first.

import { latentWidth, type ModelConfig } from './config.js';

/** How a GGUF tensor is made from Hugging Face tensors. */
export type HfSource =
  | { kind: 'plain'; name: string }
  /** Rows 0..nope of each head of kv_b_proj, transposed. */
  | { kind: 'kvbKeys'; name: string }
  /** Rows nope.. of each head of kv_b_proj. */
  | { kind: 'kvbValues'; name: string }
  /** One tensor per expert, stacked in index order; the expert's number replaces the `*`. */
  | { kind: 'experts'; name: string; numExperts: number };

/** All Hugging Face names behind a source. Only converters need them: a loader that listed them would
 *  believe a file's expert count before it has seen a tensor. */
export function sourceNames(source: HfSource): string[] {
  if (source.kind !== 'experts') return [source.name];
  const { name, numExperts } = source;
  return Array.from({ length: numExperts }, (_, expert) => name.replace('*', String(expert)));
}

export interface ModelTensor {
  /** GGUF name. */
  readonly name: string;
  /** Fastest dimension first. */
  readonly shape: readonly number[];
  /** 'f32' is never quantised: norms, biases, the router and the indexer's head weights. */
  readonly precision: 'f32' | 'matrix';
  /** `product`: the forward pass only multiplies by it, so a device may rearrange it. */
  readonly use: 'any' | 'product';
  readonly source: HfSource;
  /** May be absent in a file. */
  readonly optional: boolean;
}

/** One row: GGUF suffix, Hugging Face suffix, shape. Precision follows from `keepF32`. */
interface Row {
  gguf: string;
  hf: string;
  shape: readonly number[];
  /** Rows of it are looked up. */
  isLookup?: boolean;
  keepF32?: boolean;
  optional?: boolean;
  kind?: 'kvbKeys' | 'kvbValues' | 'experts';
}

/** All tensors of a model, in the order in which we write them. */
export function modelTensors(config: ModelConfig): ModelTensor[] {
  const { hiddenSize, vocabSize } = config;
  const table = [hiddenSize, vocabSize];
  const tensors: ModelTensor[] = [
    { ...plain('token_embd.weight', 'model.embed_tokens.weight', table), use: 'any' },
    norm('output_norm.weight', 'model.norm.weight', hiddenSize),
    // Absent when the head is tied to the embedding.
    { ...plain('output.weight', 'lm_head.weight', table), optional: true },
  ];
  for (let layer = 0; layer < config.numLayers + config.numNextnLayers; layer++) {
    for (const row of layerRows(config, layer)) tensors.push(layerTensor(config, layer, row));
  }
  return tensors;
}

function layerRows(config: ModelConfig, layer: number): Row[] {
  const isMtp = layer >= config.numLayers;
  const isDense = layer < config.numDenseLayers && !isMtp;
  return [
    ...attentionRows(config),
    ...indexerRows(config),
    ...(isDense || config.moe === null ? denseRows(config) : moeRows(config)),
    ...(isMtp ? mtpRows(config) : []),
  ];
}

function attentionRows(config: ModelConfig): Row[] {
  const { hiddenSize, numHeads, qLoraRank, kvLoraRank, qkNopeHeadDim, vHeadDim } = config;
  const queryWidth = numHeads * (qkNopeHeadDim + config.qkRopeHeadDim);
  const kvb = 'self_attn.kv_b_proj.weight';
  const queries: Row[] =
    qLoraRank === null
      ? [{ gguf: 'attn_q.weight', hf: 'self_attn.q_proj.weight', shape: [hiddenSize, queryWidth] }]
      : [
          {
            gguf: 'attn_q_a.weight',
            hf: 'self_attn.q_a_proj.weight',
            shape: [hiddenSize, qLoraRank],
          },
          {
            gguf: 'attn_q_a_norm.weight',
            hf: 'self_attn.q_a_layernorm.weight',
            shape: [qLoraRank],
          },
          {
            gguf: 'attn_q_b.weight',
            hf: 'self_attn.q_b_proj.weight',
            shape: [qLoraRank, queryWidth],
          },
        ];
  return [
    { gguf: 'attn_norm.weight', hf: 'input_layernorm.weight', shape: [hiddenSize] },
    ...queries,
    {
      gguf: 'attn_kv_a_mqa.weight',
      hf: 'self_attn.kv_a_proj_with_mqa.weight',
      shape: [hiddenSize, latentWidth(config)],
    },
    { gguf: 'attn_kv_a_norm.weight', hf: 'self_attn.kv_a_layernorm.weight', shape: [kvLoraRank] },
    {
      gguf: 'attn_k_b.weight',
      hf: kvb,
      shape: [qkNopeHeadDim, kvLoraRank, numHeads],
      kind: 'kvbKeys',
    },
    {
      gguf: 'attn_v_b.weight',
      hf: kvb,
      shape: [kvLoraRank, vHeadDim, numHeads],
      kind: 'kvbValues',
    },
    {
      gguf: 'attn_output.weight',
      hf: 'self_attn.o_proj.weight',
      shape: [numHeads * vHeadDim, hiddenSize],
    },
    { gguf: 'ffn_norm.weight', hf: 'post_attention_layernorm.weight', shape: [hiddenSize] },
  ];
}

function indexerRows({ indexer, hiddenSize, qLoraRank }: ModelConfig): Row[] {
  if (indexer === null || qLoraRank === null) return [];
  const { numHeads, headDim } = indexer;
  const hf = 'self_attn.indexer';
  return [
    {
      gguf: 'indexer.attn_q_b.weight',
      hf: `${hf}.wq_b.weight`,
      shape: [qLoraRank, numHeads * headDim],
    },
    { gguf: 'indexer.attn_k.weight', hf: `${hf}.wk.weight`, shape: [hiddenSize, headDim] },
    { gguf: 'indexer.k_norm.weight', hf: `${hf}.k_norm.weight`, shape: [headDim] },
    { gguf: 'indexer.k_norm.bias', hf: `${hf}.k_norm.bias`, shape: [headDim] },
    {
      gguf: 'indexer.proj.weight',
      hf: `${hf}.weights_proj.weight`,
      shape: [hiddenSize, numHeads],
      keepF32: true,
    },
  ];
}

function denseRows({ hiddenSize, intermediateSize }: ModelConfig): Row[] {
  return feedForwardRows('ffn_', '', 'mlp', hiddenSize, intermediateSize);
}

/** A SwiGLU of the given width: gate, up and down. */
function feedForwardRows(
  prefix: string,
  suffix: string,
  hf: string,
  hidden: number,
  width: number,
): Row[] {
  return [
    { gguf: `${prefix}gate${suffix}.weight`, hf: `${hf}.gate_proj.weight`, shape: [hidden, width] },
    { gguf: `${prefix}up${suffix}.weight`, hf: `${hf}.up_proj.weight`, shape: [hidden, width] },
    { gguf: `${prefix}down${suffix}.weight`, hf: `${hf}.down_proj.weight`, shape: [width, hidden] },
  ];
}

function moeRows({ hiddenSize, moe }: ModelConfig): Row[] {
  if (moe === null) return [];
  const { numExperts, numSharedExperts, intermediateSize } = moe;
  const experts = feedForwardRows('ffn_', '_exps', 'mlp.experts.*', hiddenSize, intermediateSize);
  const sharedWidth = intermediateSize * numSharedExperts;
  return [
    {
      gguf: 'ffn_gate_inp.weight',
      hf: 'mlp.gate.weight',
      shape: [hiddenSize, numExperts],
      keepF32: true,
    },
    {
      gguf: 'exp_probs_b.bias',
      hf: 'mlp.gate.e_score_correction_bias',
      shape: [numExperts],
      optional: true,
    },
    ...experts.map((row) => ({
      ...row,
      shape: [...row.shape, numExperts],
      kind: 'experts' as const,
    })),
    ...(numSharedExperts > 0
      ? feedForwardRows('ffn_', '_shexp', 'mlp.shared_experts', hiddenSize, sharedWidth)
      : []),
  ];
}

function mtpRows({ hiddenSize, vocabSize }: ModelConfig): Row[] {
  const table = [hiddenSize, vocabSize];
  return [
    { gguf: 'nextn.eh_proj.weight', hf: 'eh_proj.weight', shape: [2 * hiddenSize, hiddenSize] },
    { gguf: 'nextn.enorm.weight', hf: 'enorm.weight', shape: [hiddenSize] },
    { gguf: 'nextn.hnorm.weight', hf: 'hnorm.weight', shape: [hiddenSize] },
    {
      gguf: 'nextn.embed_tokens.weight',
      hf: 'embed_tokens.weight',
      shape: table,
      optional: true,
      isLookup: true,
    },
    {
      gguf: 'nextn.shared_head_head.weight',
      hf: 'shared_head.head.weight',
      shape: table,
      optional: true,
    },
    {
      gguf: 'nextn.shared_head_norm.weight',
      hf: 'shared_head.norm.weight',
      shape: [hiddenSize],
      optional: true,
    },
  ];
}

function layerTensor(config: ModelConfig, layer: number, row: Row): ModelTensor {
  const name = `model.layers.${layer}.${row.hf}`;
  // The halves of kv_b are multiplied head by head, which rearranged weights do not allow.
  const isProduct =
    row.shape.length > 1 && row.isLookup !== true && (row.kind ?? 'experts') === 'experts';
  return {
    name: `blk.${layer}.${row.gguf}`,
    shape: row.shape,
    precision: row.keepF32 === true || row.shape.length === 1 ? 'f32' : 'matrix',
    use: isProduct ? 'product' : 'any',
    source: sourceOf(config, name, row.kind),
    optional: row.optional ?? false,
  };
}

function sourceOf(config: ModelConfig, name: string, kind: Row['kind']): HfSource {
  if (kind !== 'experts') return { kind: kind ?? 'plain', name };
  return { kind, name, numExperts: config.moe?.numExperts ?? 0 };
}

function plain(name: string, hf: string, shape: readonly number[]): ModelTensor {
  const source = { kind: 'plain', name: hf } as const;
  return { name, shape, precision: 'matrix', use: 'product', source, optional: false };
}

function norm(name: string, hf: string, size: number): ModelTensor {
  return { ...plain(name, hf, [size]), precision: 'f32', use: 'any' };
}
