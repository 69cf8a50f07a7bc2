import assert from 'node:assert/strict';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { dequantize, quantize } from '../tensor/quantize.js';
import type { ModelConfig } from './config.js';
import { convertCheckpoint } from './convert.js';
import { E4M3_TABLE, FP8_BLOCK } from './e4m3.js';
import { openGguf } from './gguf-reader.js';
import { ModelError } from './model-error.js';
import {
  encodeSafetensors,
  maxDifference,
  temporaryFolder,
  writeJson,
  type SafetensorsEntry,
} from './model-fixtures.js';
import type { OutputType } from './output-type.js';
import { presetConfig } from './presets.js';
import { randomTokenizerJson } from './random-tokenizer.js';
import { modelTensors, sourceNames } from './tensor-names.js';

type Encode = (
  values: Float32Array,
  shape: number[],
  name: string,
) => Record<string, SafetensorsEntry>;

const asBf16: Encode = (values, shape, name) => ({
  [name]: { dtype: 'BF16', shape, bytes: quantize('bf16', values) },
});

/** e4m3 codes with one power-of-two scale per block, as V3 checkpoints store their matrices. */
const asFp8: Encode = (values, shape, name) => {
  const [rows = 0, columns = 0] = shape;
  if (shape.length !== 2 || /norm|gate\.weight|weights_proj|embed|lm_head/.test(name)) {
    return asBf16(values, shape, name);
  }
  const scaleShape = [Math.ceil(rows / FP8_BLOCK), Math.ceil(columns / FP8_BLOCK)];
  const scales = Float32Array.from(
    { length: scaleShape[0]! * scaleShape[1]! },
    (_, i) => 2 ** ((i % 3) - 9),
  );
  const codes = Uint8Array.from(values, (_, i) => (i * 7919) % 127);
  return {
    [name]: { dtype: 'F8_E4M3', shape, bytes: codes },
    [`${name}_scale_inv`]: {
      dtype: 'F32',
      shape: scaleShape,
      bytes: new Uint8Array(scales.buffer),
    },
  };
};

/** Values that bf16 holds exactly, different for every tensor. */
function sampleValues(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => (((i * 37 + seed * 101) % 255) - 127) / 64);
}

/** All Hugging Face tensors of a configuration: name -> shape (slowest first) and values. */
function hfTensors(config: ModelConfig): Map<string, { shape: number[]; values: Float32Array }> {
  const tensors = new Map<string, { shape: number[]; values: Float32Array }>();
  const add = (name: string, shape: number[]): void => {
    if (tensors.has(name)) return;
    const count = shape.reduce((a, b) => a * b, 1);
    tensors.set(name, { shape, values: sampleValues(count, tensors.size) });
  };
  for (const { source, shape } of modelTensors(config)) {
    if (source.kind === 'plain') add(source.name, shape.toReversed());
    else if (source.kind === 'experts') {
      for (const name of sourceNames(source)) add(name, [shape[1]!, shape[0]!]);
    } else {
      const perHead = config.qkNopeHeadDim + config.vHeadDim;
      add(source.name, [config.numHeads * perHead, config.kvLoraRank]);
    }
  }
  return tensors;
}

function hfConfig(config: ModelConfig): Record<string, unknown> {
  const { moe, indexer } = config;
  return {
    model_type: indexer === null ? 'deepseek_v3' : 'deepseek_v32',
    vocab_size: config.vocabSize,
    hidden_size: config.hiddenSize,
    num_hidden_layers: config.numLayers,
    num_nextn_predict_layers: config.numNextnLayers,
    num_attention_heads: config.numHeads,
    q_lora_rank: config.qLoraRank,
    kv_lora_rank: config.kvLoraRank,
    qk_nope_head_dim: config.qkNopeHeadDim,
    qk_rope_head_dim: config.qkRopeHeadDim,
    v_head_dim: config.vHeadDim,
    intermediate_size: config.intermediateSize,
    first_k_dense_replace: config.numDenseLayers,
    n_routed_experts: moe?.numExperts,
    num_experts_per_tok: moe?.numExpertsPerToken,
    n_shared_experts: moe?.numSharedExperts,
    moe_intermediate_size: moe?.intermediateSize,
    n_group: moe?.numGroups,
    topk_group: moe?.numGroupsUsed,
    routed_scaling_factor: moe?.routedScalingFactor,
    norm_topk_prob: moe?.normTopkProb,
    scoring_func: moe?.scoring,
    index_n_heads: indexer?.numHeads,
    index_head_dim: indexer?.headDim,
    index_topk: indexer?.topk,
    rms_norm_eps: config.rmsNormEps,
    rope_theta: config.ropeTheta,
    max_position_embeddings: config.contextLength,
    bos_token_id: config.bosToken,
    eos_token_id: config.eosToken,
    hidden_act: 'silu',
    attention_bias: false,
    tie_word_embeddings: false,
  };
}

interface Checkpoint {
  folder: string;
  config: ModelConfig;
  tensors: ReturnType<typeof hfTensors>;
}

function writeCheckpoint(t: TestContext, config: ModelConfig, encode: Encode = asBf16): Checkpoint {
  const folder = temporaryFolder(t);
  const tensors = hfTensors(config);
  const entries: Record<string, SafetensorsEntry> = {};
  for (const [name, { shape, values }] of tensors)
    Object.assign(entries, encode(values, shape, name));
  writeFileSync(join(folder, 'model.safetensors'), encodeSafetensors(entries));
  writeJson(join(folder, 'config.json'), hfConfig(config));
  writeFileSync(join(folder, 'tokenizer.json'), randomTokenizerJson(config.vocabSize));
  return { folder, config, tensors };
}

async function convert(
  checkpoint: Checkpoint,
  type: OutputType = 'f32',
): Promise<{
  read: (name: string) => Float32Array;
  types: Map<string, string>;
  notices: string[];
}> {
  const outPath = join(checkpoint.folder, 'out.gguf');
  const notices: string[] = [];
  const onNotice = (text: string): void => void notices.push(text);
  await convertCheckpoint({ folder: checkpoint.folder, outPath, type, onNotice });
  const file = openGguf(outPath);
  const read = (name: string): Float32Array => {
    const tensor = file.tensors.get(name);
    assert.ok(tensor, `${name} is in the file`);
    return dequantize(tensor.type as OutputType, file.readTensor(tensor));
  };
  const contents = new Map([...file.tensors.keys()].map((name) => [name, read(name)]));
  const types = new Map([...file.tensors.values()].map(({ name, type }) => [name, type]));
  file.close();
  return { read: (name) => contents.get(name)!, types, notices };
}

const SMALL = presetConfig('test', ['layers=2', 'experts=4', 'vocab=300']);

test('every tensor of a BF16 checkpoint lands where it belongs', async (t) => {
  const checkpoint = writeCheckpoint(t, SMALL);
  const { read, notices } = await convert(checkpoint);
  assert.deepEqual(notices, []);
  const hf = (name: string): Float32Array => checkpoint.tensors.get(name)!.values;
  assert.deepEqual(read('token_embd.weight'), hf('model.embed_tokens.weight'));
  assert.deepEqual(read('output.weight'), hf('lm_head.weight'));
  assert.deepEqual(
    read('blk.1.ffn_norm.weight'),
    hf('model.layers.1.post_attention_layernorm.weight'),
  );
  assert.deepEqual(
    read('blk.1.exp_probs_b.bias'),
    hf('model.layers.1.mlp.gate.e_score_correction_bias'),
  );
  assert.deepEqual(
    read('blk.0.indexer.k_norm.bias'),
    hf('model.layers.0.self_attn.indexer.k_norm.bias'),
  );
  const experts = [0, 1, 2, 3].map((e) => hf(`model.layers.1.mlp.experts.${e}.down_proj.weight`));
  assert.deepEqual(
    [...read('blk.1.ffn_down_exps.weight')],
    experts.flatMap((e) => [...e]),
  );
});

test('kv_b splits into transposed keys and plain values per head', async (t) => {
  const checkpoint = writeCheckpoint(t, SMALL);
  const { read } = await convert(checkpoint);
  const { numHeads, qkNopeHeadDim: nope, vHeadDim, kvLoraRank } = SMALL;
  const kvb = checkpoint.tensors.get('model.layers.1.self_attn.kv_b_proj.weight')!.values;
  const keys = read('blk.1.attn_k_b.weight');
  const values = read('blk.1.attn_v_b.weight');
  for (let head = 0; head < numHeads; head++) {
    for (const [i, c] of [
      [0, 0],
      [3, kvLoraRank - 1],
      [nope - 1, 5],
    ] as const) {
      const row = head * (nope + vHeadDim);
      assert.equal(keys[(head * kvLoraRank + c) * nope + i], kvb[(row + i) * kvLoraRank + c]);
      assert.equal(
        values[(head * vHeadDim + i) * kvLoraRank + c],
        kvb[(row + nope + i) * kvLoraRank + c],
      );
    }
  }
});

test('FP8 matrices are expanded with their block scales, partial blocks included', async (t) => {
  const config = presetConfig('test', ['layers=1', 'hidden=160', 'kv-lora=160', 'vocab=300']);
  const { read } = await convert(writeCheckpoint(t, config, asFp8));
  const columns = 160;
  const values = read('blk.0.attn_kv_a_mqa.weight'); // 192 rows: one whole and one partial block
  for (const [row, column] of [
    [0, 0],
    [130, 3],
    [191, 159],
  ] as const) {
    const scale = 2 ** ((((row >> 7) * 2 + (column >> 7)) % 3) - 9);
    const code = ((row * columns + column) * 7919) % 127;
    assert.equal(values[row * columns + column], E4M3_TABLE[code]! * scale);
  }
});

test('storage types apply to matrices only and fall back where rows do not fit', async (t) => {
  const config = presetConfig('test', [
    'layers=2',
    'experts=4',
    'vocab=300',
    'hidden=256',
    'q-lora=80',
  ]);
  const checkpoint = writeCheckpoint(t, config);
  const exact = await convert(checkpoint);
  const { types, read, notices } = await convert(checkpoint, 'q4_K');
  assert.equal(types.get('blk.0.attn_q_a.weight'), 'q4_K');
  assert.equal(types.get('blk.0.attn_v_b.weight'), 'q8_0'); // rows of 64
  assert.equal(types.get('blk.0.attn_q_b.weight'), 'f16'); // rows of 80
  for (const name of [
    'output_norm.weight',
    'blk.0.indexer.proj.weight',
    'blk.1.ffn_gate_inp.weight',
    'blk.1.exp_probs_b.bias',
  ]) {
    assert.equal(types.get(name), 'f32', name);
    assert.deepEqual(read(name), exact.read(name), name);
  }
  assert.ok(notices.includes('blk.0.attn_q_b.weight: rows of 80 do not fit q4_K; stored as f16'));
  const q8 = await convert(checkpoint, 'q8_0');
  assert.ok(maxDifference(q8.read('token_embd.weight'), exact.read('token_embd.weight')) < 0.01);
});

test('MTP layers are kept, and forgotten when the checkpoint has none', async (t) => {
  const withMtp = presetConfig('test', ['layers=2', 'experts=4', 'vocab=300', 'mtp-layers=1']);
  const { types } = await convert(writeCheckpoint(t, withMtp));
  assert.ok(types.has('blk.2.nextn.eh_proj.weight'));
  const { folder, ...rest } = writeCheckpoint(t, SMALL);
  writeJson(join(folder, 'config.json'), { ...hfConfig(SMALL), num_nextn_predict_layers: 1 });
  const { notices } = await convert({ folder, ...rest });
  assert.deepEqual(notices, ['config.json announces 1 MTP layer(s); the checkpoint has none']);
});

test('what cannot be converted is refused, and nothing is left behind', async (t) => {
  const cases: { name: string; spoil: (folder: string) => void; expected: RegExp }[] = [
    {
      name: 'no tokenizer',
      spoil: (folder) => rmSync(join(folder, 'tokenizer.json')),
      expected: /tokenizer.json: no such file/,
    },
    {
      name: 'no config',
      spoil: (folder) => rmSync(join(folder, 'config.json')),
      expected: /config.json: no such file/,
    },
    {
      name: 'no weights',
      spoil: (folder) => rmSync(join(folder, 'model.safetensors')),
      expected: /has neither model.safetensors nor/,
    },
    {
      name: 'another shape than the config says',
      spoil: (folder) =>
        writeJson(join(folder, 'config.json'), { ...hfConfig(SMALL), intermediate_size: 64 }),
      expected: /gate_proj.weight" has shape \[192, 96\]; config.json implies \[64, 96\]/,
    },
    {
      name: 'more layers than there are',
      spoil: (folder) =>
        writeJson(join(folder, 'config.json'), { ...hfConfig(SMALL), num_hidden_layers: 3 }),
      expected: /tensor "model.layers.2.input_layernorm.weight" is missing/,
    },
    {
      name: 'another quantisation',
      spoil: (folder) =>
        writeJson(join(folder, 'config.json'), {
          ...hfConfig(SMALL),
          quantization_config: { quant_method: 'gptq', bits: 4 },
        }),
      expected: /quantization_config is .*gptq.*; supported: fp8/,
    },
    {
      name: 'a tokenizer larger than the model',
      spoil: (folder) => writeFileSync(join(folder, 'tokenizer.json'), randomTokenizerJson(400)),
      expected: /has id 300; the model's vocabulary has 300 rows/,
    },
    {
      name: 'a weight that is not a number',
      spoil: (folder) => {
        const tensors = hfTensors(SMALL);
        tensors.get('model.embed_tokens.weight')!.values[5] = Number.NaN;
        const entries: Record<string, SafetensorsEntry> = {};
        for (const [name, { shape, values }] of tensors) {
          Object.assign(entries, asBf16(values, shape, name));
        }
        writeFileSync(join(folder, 'model.safetensors'), encodeSafetensors(entries));
      },
      expected: /token_embd.weight: a weight is NaN; expected finite numbers/,
    },
  ];
  for (const { name, spoil, expected } of cases) {
    await t.test(name, async (t) => {
      const { folder } = writeCheckpoint(t, SMALL);
      spoil(folder);
      const before = readdirSync(folder).toSorted();
      const outPath = join(folder, 'out.gguf');
      await assert.rejects(convertCheckpoint({ folder, outPath, type: 'q8_0' }), (error) => {
        assert.ok(error instanceof ModelError, String(error));
        assert.match(error.message, expected);
        return true;
      });
      assert.deepEqual(readdirSync(folder).toSorted(), before);
    });
  }
});
