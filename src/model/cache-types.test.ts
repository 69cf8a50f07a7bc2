// Models whose shape is beyond what row tables hold are computed all the same, by single operations.

import assert from 'node:assert/strict';
import test from 'node:test';

import { usesRowTables } from './cache-types.js';
import {
  logitsInChunks,
  randomModelFile,
  someTokens,
  testDevice,
  withModel,
} from './model-fixtures.js';
import { presetConfig } from './presets.js';

const DEVICE = { hasRowTables: true } as Parameters<typeof usesRowTables>[0]['device'];

test('row tables are used up to their bounds, and not beyond', () => {
  const config = presetConfig('test');
  const { indexer } = config;
  assert.ok(indexer);
  const widest = 8192 - config.qkRopeHeadDim;
  const uses = (changes: object): boolean =>
    usesRowTables({ device: DEVICE }, { ...config, ...changes });
  assert.equal(uses({ kvLoraRank: widest }), true);
  assert.equal(uses({ kvLoraRank: widest + 1 }), false);
  assert.equal(uses({ numHeads: 1025 }), false);
  assert.equal(uses({ indexer: { ...indexer, topk: 1 << 20 } }), true);
  assert.equal(uses({ indexer: { ...indexer, topk: (1 << 20) + 1 } }), false);
  assert.equal(uses({ indexer: { ...indexer, headDim: 8224 } }), false);
});

test('a model with latents wider than row tables answers', async (t) => {
  const path = await randomModelFile(t, ['kv-lora=8192', 'layers=1'], { type: 'f16' });
  const notes: string[] = [];
  const options = {
    device: testDevice(t, 'reference'),
    onNote: (note: string) => notes.push(note),
  };
  await withModel(path, options, async (model) => {
    const tokens = someTokens(3, model.config.vocabSize);
    const logits = await logitsInChunks(model, tokens, 3);
    assert.ok(logits.every(Number.isFinite));
  });
  assert.match(notes.join('; '), /attention: composed of single operations/);
});
