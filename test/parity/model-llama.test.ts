// Our forward pass against llama.cpp on random f32 models of many shapes: 256 tokens decoded greedily
// by us, then the same sequence through llama.cpp. Logits agree within 1e-3 of their scale (measured: a
// few 1e-6) and so does every choice, across the border where attention becomes sparse, over row tables
// and composed. The families beside V3.2 are in siblings.test.ts.

import assert from 'node:assert/strict';
import test from 'node:test';

import {
  maxDifference,
  randomModelFile,
  scaleOf,
  someTokens,
  testDevice,
  withModel,
} from '../../src/model/model-fixtures.js';
import type { Model } from '../../src/model/types.js';
import { LlamaOracle } from './model-llama-oracle.js';

const NUM_PROMPT = 20;
const NUM_GREEDY = 256;
const TOLERANCE = 1e-3;

// With few indexer heads some keys get no response from any and score exactly 0 alike; which of equals
// are chosen is open (model reference §8.1), and over row tables others are than in llama.cpp.
const HEADS = 'indexer-heads=16';

const SHAPES: { name: string; settings: string[] }[] = [
  { name: 'V3.2, sparse after 64 tokens', settings: [HEADS] },
  { name: 'V3.2 with YaRN', settings: [HEADS, 'yarn=40', 'topk=32'] },
  {
    name: 'group-limited routing, several shared experts',
    settings: [
      HEADS,
      'experts=16',
      'groups=4',
      'groups-used=2',
      'experts-used=4',
      'shared-experts=2',
    ],
  },
  {
    name: 'no dense layers, odd heads',
    settings: ['dense-layers=0', 'heads=3', 'indexer-heads=17'],
  },
  {
    name: 'other widths, more dense layers',
    settings: [
      'layers=4',
      'dense-layers=2',
      'hidden=128',
      'nope=64',
      'rope=64',
      'v-dim=96',
      'kv-lora=96',
      'q-lora=160',
      'topk=48',
      'indexer-heads=24',
      'rms-eps=0.00001',
      'rope-theta=50000',
      'routed-scale=2.827',
    ],
  },
  { name: 'V3: no indexer', settings: ['indexer-heads=0', 'yarn=8'] },
  { name: 'GLM-5: interleaved indexer', settings: [HEADS, 'indexer-interleaved=1'] },
];

/** Decodes greedily from the prompt; returns the sequence and the logits after each of its tokens. */
async function decodeGreedily(
  model: Model,
  prompt: Int32Array,
): Promise<{ tokens: Int32Array; logits: Float32Array }> {
  const { vocabSize } = model.config;
  const length = prompt.length + NUM_GREEDY;
  const tokens = new Int32Array(length);
  tokens.set(prompt);
  const logits = new Float32Array(length * vocabSize);
  const cache = model.createCache(length);
  try {
    const promptOut = logits.subarray(0, prompt.length * vocabSize);
    await model.forward({ cache, tokens: prompt, startPos: 0, wantLogits: 'all', out: promptOut });
    for (let pos = prompt.length; pos < length; pos++) {
      const last = logits.subarray((pos - 1) * vocabSize, pos * vocabSize);
      tokens[pos] = argmax(last);
      const out = logits.subarray(pos * vocabSize, (pos + 1) * vocabSize);
      await model.forward({ cache, tokens: tokens.slice(pos, pos + 1), startPos: pos, out });
    }
    return { tokens, logits };
  } finally {
    cache.dispose();
  }
}

function argmax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

for (const { name, settings } of SHAPES) {
  test(`logits and greedy choices equal llama.cpp: ${name}`, async (t) => {
    const path = await randomModelFile(t, settings);
    const device = testDevice(t);
    const greedily = (rowTables: 'auto' | 'off'): ReturnType<typeof decodeGreedily> =>
      withModel(path, { device, rowTables, gatherFactor: 2 }, (model) =>
        decodeGreedily(model, someTokens(NUM_PROMPT, model.config.vocabSize)),
      );
    // Fused kernels over row tables where there are any, and single operations.
    const paths = device.hasRowTables ? (['auto', 'off'] as const) : (['off'] as const);
    const runs = [];
    for (const rowTables of paths) runs.push({ rowTables, ...(await greedily(rowTables)) });
    const { tokens } = runs[0]!;
    const vocabSize = runs[0]!.logits.length / tokens.length;
    const oracle = await LlamaOracle.open(path);
    const theirs = await oracle.logits(tokens, vocabSize);
    await oracle.close();
    for (const { rowTables, ...ours } of runs) {
      assert.deepEqual(ours.tokens, tokens, 'both of our paths decode alike');
      const relative = maxDifference(ours.logits, theirs) / scaleOf(theirs);
      assert.ok(relative <= TOLERANCE, `row tables ${rowTables}: relative difference ${relative}`);
    }
    for (let pos = NUM_PROMPT - 1; pos < tokens.length - 1; pos++) {
      const row = theirs.subarray(pos * vocabSize, (pos + 1) * vocabSize);
      assert.equal(tokens[pos + 1], argmax(row), `greedy token at position ${pos + 1}`);
    }
  });
}
