// The multi-token-prediction block of the shipped checkpoint against an independent forward pass: the
// golden file holds its first choice after every token of the conversation in hadal-mini-logits.json,
// computed in float64 by train/reference_logits.py from the f32 export (sparse). The GGUF holds f16
// weights, so that a near tie may turn.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { loadModel } from '../../src/model/load-model.js';
import { requireEmbeddedModel } from '../../src/model-location.js';
import { packageFile } from '../../src/package-root.js';
import { openDevice } from '../../src/tensor/open-device.js';

function golden<T>(name: string): T {
  return JSON.parse(readFileSync(packageFile(`test/golden/${name}`), 'utf8')) as T;
}

test('hadal-mini drafts what the reference drafts', async (t) => {
  const { tokens: ids } = golden<{ tokens: number[] }>('hadal-mini-logits.json');
  const { argmax } = golden<{ argmax: number[] }>('hadal-mini-drafts.json');
  const device = openDevice({ prefer: 'ggml', numThreads: 1 });
  const model = loadModel(requireEmbeddedModel().modelPath, {
    device,
    cacheTypes: { latent: 'f32', indexer: 'f32' },
    withDraft: true,
  });
  const cache = model.createCache(ids.length);
  t.after(() => {
    cache.dispose();
    model.dispose();
    device.dispose();
  });
  assert.ok(model.canDraft);
  const tokens = Int32Array.from(ids);
  const { hiddenSize } = model.config;
  const [output] = await model.forwardBatch([
    { cache, tokens, startPos: 0, wantLogits: 'none', wantHidden: true },
  ]);
  let same = 0;
  for (const [row, expected] of argmax.entries()) {
    const [draft] = await model.draft([
      {
        cache,
        startPos: row,
        tokens: tokens.subarray(row + 1, row + 2),
        hidden: output!.hidden!.subarray(row * hiddenSize, (row + 1) * hiddenSize),
        wantToken: true,
      },
    ]);
    if (draft === expected) same++;
  }
  assert.equal(argmax.length, ids.length - 1);
  assert.ok(same / argmax.length >= 0.99, `equal at ${same} of ${argmax.length}`);
});
