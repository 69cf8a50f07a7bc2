import assert from 'node:assert/strict';
import test from 'node:test';

import { configFromGguf, configToGguf } from './config-gguf.js';
import { configFromHf } from './config-hf.js';
import { softmaxScale, type ModelConfig } from './config.js';
import { ModelError } from './model-error.js';
import { presetConfig } from './presets.js';

/** config.json of the 671B model, model reference §1. */
const V32 = {
  architectures: ['DeepseekV32ForCausalLM'],
  model_type: 'deepseek_v32',
  vocab_size: 129280,
  hidden_size: 7168,
  num_hidden_layers: 61,
  first_k_dense_replace: 3,
  moe_layer_freq: 1,
  intermediate_size: 18432,
  moe_intermediate_size: 2048,
  num_attention_heads: 128,
  num_key_value_heads: 128,
  q_lora_rank: 1536,
  kv_lora_rank: 512,
  qk_nope_head_dim: 128,
  qk_rope_head_dim: 64,
  v_head_dim: 128,
  n_routed_experts: 256,
  n_shared_experts: 1,
  num_experts_per_tok: 8,
  n_group: 8,
  topk_group: 4,
  scoring_func: 'sigmoid',
  topk_method: 'noaux_tc',
  norm_topk_prob: true,
  routed_scaling_factor: 2.5,
  index_n_heads: 64,
  index_head_dim: 128,
  index_topk: 2048,
  rms_norm_eps: 1e-6,
  rope_theta: 10000,
  rope_scaling: {
    type: 'yarn',
    factor: 40,
    original_max_position_embeddings: 4096,
    beta_fast: 32,
    beta_slow: 1,
    mscale: 1,
    mscale_all_dim: 1,
  },
  max_position_embeddings: 163840,
  num_nextn_predict_layers: 1,
  hidden_act: 'silu',
  attention_bias: false,
  bos_token_id: 0,
  eos_token_id: 1,
};

const { index_n_heads: _h, index_head_dim: _d, index_topk: _k, ...WITHOUT_INDEXER } = V32;

const near = (actual: number, expected: number): void => {
  assert.ok(Math.abs(actual - expected) <= 1e-8 * Math.abs(expected), `${actual}, not ${expected}`);
};

test('the softmax scale carries m^2 under YaRN and not without', () => {
  const config = configFromHf(V32, 'config.json');
  near(softmaxScale(config), 0.135233779);
  near(softmaxScale({ ...config, yarn: null }), 0.0721687836);
});

const SIBLINGS: { name: string; json: Record<string, unknown>; expected: Partial<ModelConfig> }[] =
  [
    {
      name: 'V3.2',
      json: V32,
      expected: {
        architecture: 'deepseek32',
        numLayers: 61,
        numNextnLayers: 1,
        indexer: { numHeads: 64, headDim: 128, topk: 2048, interleavedRope: false },
      },
    },
    {
      name: 'V3',
      json: { ...WITHOUT_INDEXER, model_type: 'deepseek_v3' },
      expected: { architecture: 'deepseek2', indexer: null, qLoraRank: 1536 },
    },
    {
      name: 'Kimi-K2',
      json: {
        ...WITHOUT_INDEXER,
        model_type: 'kimi_k2',
        n_routed_experts: 384,
        n_group: 1,
        topk_group: 1,
        routed_scaling_factor: 2.827,
        eos_token_id: [163585 % 129280, 7],
      },
      expected: { architecture: 'deepseek2', eosToken: 163585 % 129280 },
    },
    {
      name: 'Moonlight',
      json: {
        ...WITHOUT_INDEXER,
        model_type: 'deepseek_v3',
        q_lora_rank: null,
        rope_scaling: null,
      },
      expected: { architecture: 'deepseek2', qLoraRank: null, yarn: null },
    },
    {
      name: 'V2-Lite',
      json: {
        ...WITHOUT_INDEXER,
        model_type: 'deepseek_v2',
        q_lora_rank: null,
        scoring_func: 'softmax',
        topk_method: 'greedy',
        norm_topk_prob: false,
        rope_scaling: { ...V32.rope_scaling, mscale: 0.75, mscale_all_dim: 0.75 },
      },
      expected: { architecture: 'deepseek2', qLoraRank: null },
    },
    {
      name: 'GLM-5',
      json: {
        ...V32,
        model_type: 'glm_moe_dsa',
        qk_nope_head_dim: 192,
        v_head_dim: 256,
        indexer_rope_interleave: true,
        rope_parameters: { rope_theta: 1_000_000, rope_type: 'default' },
        rope_scaling: null,
      },
      expected: { architecture: 'glm-dsa', ropeTheta: 1_000_000, yarn: null },
    },
  ];

test('siblings of the skeleton are read, and survive GGUF metadata', async (t) => {
  for (const { name, json, expected } of SIBLINGS) {
    await t.test(name, () => {
      const config = configFromHf(json, 'config.json');
      for (const [key, value] of Object.entries(expected)) {
        assert.deepEqual(config[key as keyof ModelConfig], value, key);
      }
      const metadata = configToGguf(config, 'config.json');
      const { bosToken, eosToken } = config;
      if (bosToken !== null)
        metadata.set('tokenizer.ggml.bos_token_id', { type: 'u32', value: bosToken });
      if (eosToken !== null)
        metadata.set('tokenizer.ggml.eos_token_id', { type: 'u32', value: eosToken });
      assert.deepEqual(configFromGguf(metadata, 'm.gguf'), config);
    });
  }
});

test('routing of V2 has no groups under greedy choice', () => {
  const config = configFromHf(SIBLINGS[4]!.json, 'config.json');
  assert.deepEqual(
    [config.moe?.numGroups, config.moe?.scoring, config.moe?.normTopkProb],
    [1, 'softmax', false],
  );
});

test('configurations that cannot be run are refused by name', async (t) => {
  for (const [change, expected] of [
    [{ model_type: 'llama' }, /model_type is "llama"; supported: deepseek_v32/],
    [{ model_type: undefined }, /model_type is undefined/],
    [{ hidden_size: undefined }, /hidden_size is missing/],
    [{ hidden_size: '7168' }, /hidden_size is "7168"; expected a number/],
    [{ hidden_size: 1.5 }, /hidden size is 1.5; expected a whole number/],
    [{ hidden_act: 'gelu' }, /hidden_act is "gelu"; supported: silu/],
    [{ attention_bias: true }, /attention_bias is true; supported: false/],
    [{ scoring_func: 'tanh' }, /scoring_func is "tanh"/],
    [{ index_topk: null }, /index_topk is missing, which model_type deepseek_v32 needs/],
    [{ q_lora_rank: null }, /q_lora_rank is "absent".*the indexer projects/],
    [{ n_group: 7 }, /number of expert groups is 7; expected a divisor of 256/],
    [{ topk_group: 9 }, /number of expert groups used is 9/],
    [{ num_experts_per_tok: 129 }, /experts per token is 129; expected at most the 128/],
    [{ rope_scaling: { type: 'linear', factor: 2 } }, /type is "linear"; supported: yarn/],
    [
      { rope_scaling: { ...V32.rope_scaling, mscale: 0.5 } },
      /mscale 0.5 differs from mscale_all_dim 1/,
    ],
    [{ rope_scaling: { ...V32.rope_scaling, factor: 0.5 } }, /YaRN factor is 0.5; expected a n/],
    [
      { rope_scaling: { ...V32.rope_scaling, original_max_position_embeddings: 4096.5 } },
      /YaRN original context length is 4096.5; expected a whole number/,
    ],
    [{ index_head_dim: 127 }, /indexer head dim is 127; expected an even number/],
    [{ indexer_types: ['full', 'shared'] }, /indexer_types has layers that share/],
    [{ indexer_types: 'full' }, /indexer_types is "full"; expected a list/],
    [{ index_topk_freq: 4 }, /index_topk_freq has layers that share another layer's top-k \(4\)/],
    [{ index_topk_pattern: 'FS' }, /index_topk_pattern has layers that share.*"FS"/],
    [{ mlp_layer_types: ['dense', 'sparse', 'dense'] }, /has "dense" after the dense layers/],
    [{ mlp_layer_types: ['dense', 'sparse'] }, /first_k_dense_replace is 3, but .* with 1 dense/],
    [{ bos_token_id: 129280 }, /BOS token is 129280/],
  ] as const) {
    await t.test(JSON.stringify(change), () => {
      assert.throws(
        () => configFromHf({ ...V32, ...change }, 'config.json'),
        (error) => {
          assert.ok(error instanceof ModelError, String(error));
          assert.match(error.message, expected);
          assert.match(error.message, /^config.json/);
          return true;
        },
      );
    });
  }
});

test('GLM-5.2 files are refused, with and without the key that tells the shared layers', () => {
  const config = presetConfig('glm-5-tiny');
  const metadata = configToGguf(config, 'preset');
  const itemType = 'bool';
  const types = (...values: number[]): void =>
    void metadata.set('glm-dsa.attention.indexer.types', {
      type: 'array',
      itemType,
      value: Uint8Array.from(values),
    });
  types(1, 1, 1);
  assert.equal(configFromGguf(metadata, 'm.gguf').architecture, 'glm-dsa');
  types(1, 0, 0);
  assert.throws(() => configFromGguf(metadata, 'm.gguf'), /indexer.types has layers that share/);
  const old = configToGguf({ ...config, contextLength: 1 << 20 }, 'preset');
  assert.throws(() => configFromGguf(old, 'm.gguf'), /m.gguf: looks like GLM-5.2/);
});

test('GGUF metadata of another kind is refused by key', () => {
  const metadata = configToGguf(presetConfig('test'), 'preset');
  const without = (key: string): (() => ModelConfig) => {
    const changed = new Map(metadata);
    changed.delete(key);
    return () => configFromGguf(changed, 'm.gguf');
  };
  assert.throws(
    without('general.architecture'),
    /m.gguf: metadata key general.architecture is missing/,
  );
  assert.throws(without('deepseek32.block_count'), /deepseek32.block_count is missing/);
  assert.throws(without('deepseek32.attention.indexer.top_k'), /indexer.top_k is missing/);
  const changed = new Map(metadata);
  changed.set('deepseek32.block_count', { type: 'string', value: 'three' });
  assert.throws(
    () => configFromGguf(changed, 'm.gguf'),
    /m.gguf: metadata key deepseek32.block_count is a string "three"; expected a number/,
  );
  changed.set('general.architecture', { type: 'string', value: 'llama' });
  assert.throws(
    () => configFromGguf(changed, 'm.gguf'),
    /general.architecture is "llama"; supported: deepseek32/,
  );
});

test('presets change single values and refuse what they do not know', () => {
  const config = presetConfig('test', ['layers=4', 'groups=4', 'groups-used=2', 'yarn=8']);
  assert.deepEqual([config.numLayers, config.moe?.numGroups, config.yarn?.factor], [4, 4, 8]);
  assert.equal(presetConfig('test', ['q-lora=0']).indexer, null);
  assert.throws(() => presetConfig('huge'), /preset is "huge"; possible: test, bench/);
  for (const setting of ['layers', 'layers=', 'layers=x', 'depth=3', 'layers=1=2']) {
    assert.throws(
      () => presetConfig('test', [setting]),
      /expected name=number with a name of vocab/,
    );
  }
  assert.throws(() => presetConfig('test', ['groups=3']), /a divisor of 8 experts/);
});
