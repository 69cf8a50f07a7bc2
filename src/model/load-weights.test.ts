// The weights of a model file on a device: which blocks are loaded, what stands in for what a file
// leaves out, where tensors are kept, and what is told meanwhile.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { openDevice } from '../tensor/open-device.js';
import { configFromGguf } from './config-gguf.js';
import { openGguf } from './gguf-reader.js';
import { GgufWriter } from './gguf-writer.js';
import { LoadProgress } from './load-progress.js';
import { loadWeights, type LoadWeightsOptions } from './load-weights.js';
import { randomModelFile, temporaryFolder } from './model-fixtures.js';
import { parseOutputType } from './output-type.js';
import type { ModelWeights } from './weights.js';

function withWeights(
  path: string,
  options: LoadWeightsOptions,
  check: (weights: ModelWeights) => void,
): void {
  const device = openDevice({ numThreads: 1 });
  const file = openGguf(path);
  try {
    const config = configFromGguf(file.metadata, path);
    const weights = loadWeights(device, file, config, options);
    try {
      check(weights);
    } finally {
      weights.allocation.dispose();
    }
  } finally {
    file.close();
    device.dispose();
  }
}

/** A copy of a model file that leaves out the tensors whose names contain one of `parts`. */
function copyWithout(t: TestContext, path: string, parts: readonly string[]): string {
  const file = openGguf(path);
  const kept = [...file.tensors.values()].filter(
    ({ name }) => !parts.some((part) => name.includes(part)),
  );
  const copy = join(temporaryFolder(t), 'copy.gguf');
  const writer = new GgufWriter(
    copy,
    file.metadata,
    kept.map(({ name, shape, type }) => ({ name, shape, type: parseOutputType(type) })),
  );
  for (const tensor of kept) writer.write(tensor.name, file.readTensor(tensor));
  writer.finish();
  file.close();
  return copy;
}

test('the MTP block is loaded when asked for, with its own embedding, norm and head', async (t) => {
  const path = await randomModelFile(t, ['mtp-layers=1']);
  withWeights(path, { withDraft: true }, ({ nextn, embedding, head, outputNorm }) => {
    assert.ok(nextn);
    assert.deepEqual(nextn.projection.shape, [192, 96, 1, 1]);
    assert.equal(nextn.embeddingNorm.name, 'blk.3.nextn.enorm.weight');
    assert.equal(nextn.hiddenNorm.name, 'blk.3.nextn.hnorm.weight');
    assert.equal(nextn.layer.feedForward.kind, 'moe');
    assert.equal(nextn.layer.latent.name, 'blk.3.attn_kv_a_mqa.weight');
    assert.notEqual(nextn.embedding, embedding);
    assert.notEqual(nextn.head, head);
    assert.notEqual(nextn.headNorm, outputNorm);
  });
});

test('what an MTP block leaves out is taken from the main model', async (t) => {
  const whole = await randomModelFile(t, ['mtp-layers=1']);
  const path = copyWithout(t, whole, ['nextn.embed_tokens', 'shared_head']);
  withWeights(path, { withDraft: true }, ({ nextn, embedding, head, outputNorm }) => {
    assert.equal(nextn?.embedding, embedding);
    assert.equal(nextn?.head, head);
    assert.equal(nextn?.headNorm, outputNorm);
  });
});

test('the MTP block stays in the file unless asked for', async (t) => {
  const path = await randomModelFile(t, ['mtp-layers=1']);
  withWeights(path, {}, ({ nextn, allocation }) => {
    assert.equal(nextn, null);
    assert.equal(allocation.has('blk.3.attn_norm.weight'), false);
  });
});

test('an MTP block that is announced but absent is none', async (t) => {
  const whole = await randomModelFile(t, ['mtp-layers=1']);
  const path = copyWithout(t, whole, ['blk.3.']);
  withWeights(path, { withDraft: true }, ({ nextn }) => assert.equal(nextn, null));
});

const canMap = process.platform !== 'win32';

function formsOf({ allocation }: ModelWeights): Record<string, string> {
  return Object.fromEntries([...allocation.tensors()].map(({ name, form }) => [name, form]));
}

test('tensors lie in the file, except what is widened', { skip: !canMap }, async (t) => {
  const path = await randomModelFile(t, [], { type: 'q8_0' });
  withWeights(path, { repack: 'off' }, (weights) => {
    const forms = formsOf(weights);
    assert.equal(forms['token_embd.weight'], 'mapped');
    assert.equal(forms['blk.1.ffn_gate_exps.weight'], 'mapped');
    assert.equal(forms['blk.1.ffn_gate_inp.weight'], 'mapped'); // f32 in the file
    assert.deepEqual(new Set(Object.values(forms)), new Set(['mapped']));
    assert.equal(weights.allocation.byteLength, 0);
  });
  withWeights(path, { mapping: 'off' }, ({ allocation }) => {
    assert.equal(allocation.mappedBytes, 0);
    assert.ok(allocation.byteLength > 0);
  });
});

test('the same bytes arrive, mapped or copied', async (t) => {
  const path = await randomModelFile(t, [], { type: 'f16' });
  const digests = (['auto', 'off'] as const).map((mapping) => {
    const hash = createHash('sha256');
    withWeights(path, { mapping }, ({ allocation }) => {
      for (const tensor of allocation.tensors()) hash.update(tensor.download());
    });
    return hash.digest('hex');
  });
  assert.equal(digests[0], digests[1]);
});

test('4-bit matrices of products are rearranged where the processor can, others are not', async (t) => {
  const settings = [
    'hidden=256',
    'q-lora=256',
    'kv-lora=256',
    'nope=256',
    'ff=256',
    'expert-ff=256',
  ];
  const path = await randomModelFile(t, settings, { type: 'q4_K' });
  withWeights(path, {}, (weights) => {
    const forms = formsOf(weights);
    for (const name of ['token_embd.weight', 'blk.0.attn_k_b.weight', 'blk.1.attn_v_b.weight']) {
      assert.notEqual(forms[name], 'rearranged', name);
    }
    if (forms['output.weight'] !== 'rearranged') {
      t.skip('this processor has no rearranged form');
      return;
    }
    for (const name of ['blk.0.attn_q_a', 'blk.0.ffn_up', 'blk.1.ffn_down_exps']) {
      assert.equal(forms[`${name}.weight`], 'rearranged', name);
    }
  });
  withWeights(path, { repack: 'off' }, (weights) => {
    assert.equal(Object.values(formsOf(weights)).includes('rearranged'), false);
  });
});

test('q8_0 matrices of products are rearranged where kernels of our own multiply them', async (t) => {
  const path = await randomModelFile(t, ['mtp-layers=1'], { type: 'q8_0' });
  withWeights(path, {}, (weights) => {
    const forms = formsOf(weights);
    assert.notEqual(forms['token_embd.weight'], 'rearranged');
    if (forms['output.weight'] !== 'rearranged') {
      t.skip('products are those of ggml here');
      return;
    }
    assert.equal(forms['blk.1.ffn_gate_exps.weight'], 'rearranged');
    assert.ok(weights.allocation.byteLength > 0);
  });
});

test('progress goes up to all bytes that are loaded', async (t) => {
  const path = await randomModelFile(t, ['mtp-layers=1']);
  for (const mapping of ['auto', 'off'] as const) {
    const told: [number, number][] = [];
    const onProgress = (loaded: number, total: number): number => told.push([loaded, total]);
    withWeights(path, { mapping, onProgress }, ({ allocation }) => {
      const [loaded, total] = told.at(-1)!;
      assert.equal(loaded, total);
      const all = [...allocation.tensors()].reduce((sum, { byteLength }) => sum + byteLength, 0);
      assert.equal(total, all);
    });
  }
});

test('progress is told every 50 ms and at the end', () => {
  const told: number[] = [];
  let now = 0;
  const progress = new LoadProgress(
    100,
    (loaded) => told.push(loaded),
    () => now,
  );
  progress.add(10);
  now = 49;
  progress.add(10);
  now = 50;
  progress.add(10);
  progress.add(70);
  assert.deepEqual(told, [10, 30, 100]);
});
