// Every storage type against llama.cpp on the same random file, in all the forms in which weights are
// kept here: in the mapped file, copied, and (4-bit) rearranged. Both sides round activations to eight
// bits for block types, in kernels that sum in another order, so agreement is to a tolerance by type.
// Attention stays dense, as a rounding could otherwise choose another key.

import assert from 'node:assert/strict';
import test from 'node:test';

import {
  logitsInChunks,
  maxDifference,
  randomModelFile,
  scaleOf,
  someTokens,
  testDevice,
  withModel,
} from '../../src/model/model-fixtures.js';
import type { OutputType } from '../../src/model/output-type.js';
import { LlamaOracle } from './model-llama-oracle.js';

const NUM_TOKENS = 40;
/** Rows of whole 256-blocks, so that matrices have the type that is asked for; all experts for every
 *  token, as a rounding could otherwise choose another one. */
const SETTINGS = [
  'layers=2',
  'hidden=256',
  'q-lora=256',
  'kv-lora=256',
  'ff=256',
  'expert-ff=256',
  'experts=4',
  'experts-used=4',
];

/** Largest difference relative to the largest logit; measured values are about a third. */
const TOLERANCE: Record<OutputType, number> = {
  f32: 1e-5,
  f16: 3e-3,
  bf16: 1e-2,
  q8_0: 5e-2,
  q4_K: 5e-2,
  q4_0: 5e-2,
};

for (const [type, tolerance] of Object.entries(TOLERANCE) as [OutputType, number][]) {
  test(`logits equal llama.cpp: ${type}`, async (t) => {
    const path = await randomModelFile(t, SETTINGS, { type });
    const tokens = someTokens(NUM_TOKENS, 512);
    const oracle = await LlamaOracle.open(path);
    const theirs = await oracle.logits(tokens, 512);
    await oracle.close();
    const device = testDevice(t);
    for (const form of [
      { mapping: 'auto', repack: 'off' },
      { mapping: 'off', repack: 'off' },
      { mapping: 'auto', repack: 'auto' },
    ] as const) {
      const cacheTypes = { latent: 'f32', indexer: 'f32' } as const;
      const ours = await withModel(path, { device, cacheTypes, ...form }, (model) =>
        logitsInChunks(model, tokens, 17),
      );
      const relative = maxDifference(ours, theirs) / scaleOf(theirs);
      const what = `mapping ${form.mapping}, repack ${form.repack}`;
      t.diagnostic(`${what}: relative difference ${relative.toExponential(1)}`);
      assert.ok(relative <= tolerance, `${what}: relative difference ${relative}`);
    }
  });
}
