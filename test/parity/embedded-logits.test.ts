// The shipped checkpoint against an independent forward pass: the golden file holds, for one
// conversation longer than the index top-k, the argmax after every token and the largest logits
// after some, computed in float64 by train/reference_logits.py from the f32 export (sparse).
// The GGUF holds f16 weights, hence the tolerance.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { loadModel } from '../../src/model/load-model.js';
import { requireEmbeddedModel } from '../../src/model-location.js';
import { packageFile } from '../../src/package-root.js';
import { openDevice } from '../../src/tensor/open-device.js';

interface Golden {
  tokens: number[];
  argmax: number[];
  /** Position -> the five largest logits, [token, logit]. */
  top: Record<string, [number, number][]>;
}

const golden = JSON.parse(
  readFileSync(packageFile('test/golden/hadal-mini-logits.json'), 'utf8'),
) as Golden;

const EXACT = { latent: 'f32', indexer: 'f32' } as const;

// As it is served, over row tables where there are any and composed, and with caches in f32.
const CASES = [
  { cacheTypes: EXACT, rowTables: 'auto' },
  { cacheTypes: EXACT, rowTables: 'off' },
  { cacheTypes: 'auto', rowTables: 'auto' },
  { cacheTypes: 'auto', rowTables: 'off' },
] as const;

for (const { cacheTypes, rowTables } of CASES) {
  test(`hadal-mini computes what the reference computes (caches ${cacheTypes === 'auto' ? 'auto' : 'f32'}, row tables ${rowTables})`, async (t) => {
    const device = openDevice({ prefer: 'ggml', numThreads: 1 });
    const options = { device, cacheTypes, rowTables, gatherFactor: 2 };
    const model = loadModel(requireEmbeddedModel().modelPath, options);
    const { vocabSize, indexer } = model.config;
    assert.ok(indexer && golden.tokens.length > indexer.topk, 'the conversation needs selection');
    const cache = model.createCache(golden.tokens.length);
    t.after(() => {
      cache.dispose();
      model.dispose();
      device.dispose();
    });
    const tokens = Int32Array.from(golden.tokens);
    const logits = await model.forward({ cache, tokens, startPos: 0, wantLogits: 'all' });

    const same = golden.argmax.filter((expected, i) => {
      const row = logits.subarray(i * vocabSize, (i + 1) * vocabSize);
      return row.indexOf(Math.max(...row)) === expected;
    }).length;
    // f16 rounding may turn a near tie.
    assert.ok(
      same / golden.argmax.length >= 0.99,
      `argmax equal at ${same}/${golden.argmax.length}`,
    );
    for (const [position, top] of Object.entries(golden.top)) {
      const scale = Math.max(...top.map(([, value]) => Math.abs(value)));
      for (const [token, expected] of top) {
        const actual = logits[Number(position) * vocabSize + token]!;
        assert.ok(
          Math.abs(actual - expected) <= 0.02 * scale,
          `${position}/${token}: ${actual} ${expected}`,
        );
      }
    }
  });
}
