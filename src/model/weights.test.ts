// The weights of a model file on a device: which blocks are loaded, and what stands in for what a
// file leaves out.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { openDevice } from '../tensor/open-device.js';
import { configFromGguf } from './config-gguf.js';
import { openGguf } from './gguf-reader.js';
import { GgufWriter } from './gguf-writer.js';
import { randomModelFile, temporaryFolder } from './model-fixtures.js';
import { parseOutputType } from './output-type.js';
import { loadWeights, type LoadWeightsOptions, type ModelWeights } from './weights.js';

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
