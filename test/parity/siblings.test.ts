// The siblings of the skeleton, by both ways in: a random model of each family's preset, and the same
// weights as a Hugging Face checkpoint with the keys that family writes into its config.json, converted.
// Both files must hold the same bytes; the model must give the logits of llama.cpp, before and after
// attention becomes sparse where it does. Where llama.cpp does not know what a family says, it is given
// the same weights without that, and rope.test.ts holds the rest.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';

import { configFromGguf } from '../../src/model/config-gguf.js';
import type { ModelConfig } from '../../src/model/config.js';
import { convertCheckpoint } from '../../src/model/convert.js';
import { openGguf } from '../../src/model/gguf-reader.js';
import {
  logitsInChunks,
  maxDifference,
  scaleOf,
  someTokens,
  temporaryFolder,
  testDevice,
  withModel,
} from '../../src/model/model-fixtures.js';
import { presetConfig } from '../../src/model/presets.js';
import { writeRandomModel } from '../../src/model/random.js';
import { V2_LITE_MSCALE } from '../../src/model/sibling-presets.js';
import { writeHfCheckpoint } from './hf-checkpoint.js';
import { LlamaOracle } from './model-llama-oracle.js';

const NUM_TOKENS = 96;
const TOLERANCE = 1e-3;

/** What every config.json of the skeleton says (model reference §1). */
function commonJson(config: ModelConfig): Record<string, unknown> {
  return {
    attention_bias: false,
    bos_token_id: config.bosToken,
    eos_token_id: config.eosToken,
    first_k_dense_replace: config.numDenseLayers,
    hidden_act: 'silu',
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    kv_lora_rank: config.kvLoraRank,
    max_position_embeddings: config.contextLength,
    moe_intermediate_size: config.moe!.intermediateSize,
    moe_layer_freq: 1,
    n_group: config.moe!.numGroups,
    n_routed_experts: config.moe!.numExperts,
    n_shared_experts: config.moe!.numSharedExperts,
    norm_topk_prob: config.moe!.normTopkProb,
    num_attention_heads: config.numHeads,
    num_experts_per_tok: config.moe!.numExpertsPerToken,
    num_hidden_layers: config.numLayers,
    num_key_value_heads: config.numHeads,
    num_nextn_predict_layers: 0,
    q_lora_rank: config.qLoraRank,
    qk_nope_head_dim: config.qkNopeHeadDim,
    qk_rope_head_dim: config.qkRopeHeadDim,
    rms_norm_eps: config.rmsNormEps,
    rope_scaling: null,
    rope_theta: config.ropeTheta,
    routed_scaling_factor: config.moe!.routedScalingFactor,
    scoring_func: 'sigmoid',
    tie_word_embeddings: false,
    topk_group: config.moe!.numGroupsUsed,
    topk_method: 'noaux_tc',
    v_head_dim: config.vHeadDim,
    vocab_size: config.vocabSize,
  };
}

interface Sibling {
  preset: string;
  json: Record<string, unknown>;
  /** What llama.cpp takes this model for. Default: what it is. */
  known?: (config: ModelConfig) => ModelConfig;
}

const SIBLINGS: Sibling[] = [
  {
    preset: 'v3-tiny',
    json: {
      model_type: 'deepseek_v3',
      rope_scaling: {
        beta_fast: 32,
        beta_slow: 1,
        factor: 40,
        mscale: 1.0,
        mscale_all_dim: 1.0,
        original_max_position_embeddings: 128,
        type: 'yarn',
      },
    },
  },
  {
    preset: 'kimi-k2-tiny',
    json: {
      model_type: 'kimi_k2',
      rope_scaling: {
        beta_fast: 1.0,
        beta_slow: 1.0,
        factor: 32.0,
        mscale: 1.0,
        mscale_all_dim: 1.0,
        original_max_position_embeddings: 128,
        type: 'yarn',
      },
    },
    // It writes and forgets yarn_beta_fast for this architecture: always 32.
    known: (config) => ({ ...config, yarn: { ...config.yarn!, betaFast: 32 } }),
  },
  {
    preset: 'glm-5-tiny',
    json: {
      model_type: 'glm_moe_dsa',
      index_head_dim: 128,
      index_n_heads: 16,
      index_topk: 64,
      index_topk_freq: 1,
      indexer_rope_interleave: true,
      indexer_types: ['full', 'full', 'full'],
      mlp_layer_types: ['dense', 'sparse', 'sparse'],
      first_k_dense_replace: null,
      rope_interleave: true,
      rope_parameters: { rope_theta: 1_000_000, rope_type: 'default' },
      rope_theta: null,
    },
  },
  { preset: 'moonlight-tiny', json: { model_type: 'deepseek_v3', num_nextn_predict_layers: 0 } },
  {
    preset: 'v2-lite-tiny',
    json: {
      model_type: 'deepseek_v2',
      scoring_func: 'softmax',
      topk_method: 'greedy',
      rope_scaling: {
        beta_fast: 32,
        beta_slow: 1,
        factor: 40,
        mscale: V2_LITE_MSCALE,
        mscale_all_dim: V2_LITE_MSCALE,
        original_max_position_embeddings: 128,
        type: 'yarn',
      },
    },
  },
];

function contents(path: string): { config: ModelConfig; tensors: Map<string, Uint8Array> } {
  const file = openGguf(path);
  const config = configFromGguf(file.metadata, path);
  const tensors = new Map(
    [...file.tensors.values()].map((tensor) => [tensor.name, file.readTensor(tensor)]),
  );
  file.close();
  return { config, tensors };
}

const same = (config: ModelConfig): ModelConfig => config;

for (const { preset, json, known } of SIBLINGS) {
  test(`${preset}: preset and converted checkpoint are one model`, async (t) => {
    const folder = temporaryFolder(t);
    const presetPath = join(folder, 'preset.gguf');
    const config = presetConfig(preset);
    await writeRandomModel(presetPath, { config, seed: 1, type: 'f32' });

    const checkpoint = join(folder, 'checkpoint');
    writeHfCheckpoint(checkpoint, presetPath, { ...commonJson(config), ...json });
    const path = join(folder, 'converted.gguf');
    await convertCheckpoint({ folder: checkpoint, outPath: path, type: 'f32' });
    const converted = contents(path);
    const { tensors, config: expected } = contents(presetPath);
    assert.deepEqual({ ...converted.config, name: expected.name }, expected);
    assert.deepEqual([...converted.tensors.keys()].toSorted(), [...tensors.keys()].toSorted());
    for (const [name, bytes] of tensors) {
      assert.ok(Buffer.from(bytes).equals(converted.tensors.get(name)!), name);
    }
  });

  test(`${preset}: logits equal llama.cpp`, async (t) => {
    const path = join(temporaryFolder(t), 'model.gguf');
    const config = (known ?? same)(presetConfig(preset));
    await writeRandomModel(path, { config, seed: 1, type: 'f32' });
    const tokens = someTokens(NUM_TOKENS, config.vocabSize);
    const oracle = await LlamaOracle.open(path);
    const theirs = await oracle.logits(tokens, config.vocabSize);
    await oracle.close();
    const device = testDevice(t);
    for (const rowTables of device.hasRowTables ? (['auto', 'off'] as const) : (['off'] as const)) {
      const ours = await withModel(path, { device, rowTables, gatherFactor: 2 }, (model) =>
        logitsInChunks(model, tokens, 29),
      );
      const relative = maxDifference(ours, theirs) / scaleOf(theirs);
      t.diagnostic(`row tables ${rowTables}: relative difference ${relative.toExponential(1)}`);
      assert.ok(relative <= TOLERANCE, `row tables ${rowTables}: relative difference ${relative}`);
    }
  });
}
