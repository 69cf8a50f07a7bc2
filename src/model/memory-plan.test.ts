// What is said before a model is loaded that does not fit, or fits only just.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';

import { openDevice } from '../tensor/open-device.js';
import { configFromGguf } from './config-gguf.js';
import { openGguf } from './gguf-reader.js';
import {
  memoryNeed,
  planMemory,
  requireFits,
  type MemoryNeed,
  type MemoryPlan,
} from './memory-plan.js';
import { randomModelFile } from './model-fixtures.js';
import { loadModel } from './load-model.js';

const GiB = 2 ** 30;
const MiB = 2 ** 20;

test('the message says what is needed, for what, what is there, and what to do', () => {
  const need = {
    weightBytes: 13 * GiB,
    mappedBytes: 0,
    cacheBytes: 0.4 * GiB,
    scratchBytes: 20 * MiB,
  };
  assert.throws(() => requireFits(need, 9.8 * GiB, '/m/big.gguf'), {
    name: 'ModelError',
    message:
      '/m/big.gguf: needs 13.4 GiB of memory (weights 13.0 GiB, the cache of a conversation 0.4 GiB, ' +
      'computing 20 MiB), but 9.8 GiB are available; use a file of a smaller type (hadal convert --type q4_K), ' +
      'use a machine with more memory, or let another engine compute (hadal serve --upstream)',
  });
  requireFits(need, 13.5 * GiB, '/m/big.gguf');
});

test('where the cache is the largest part, the advice is about the context', () => {
  const need = { weightBytes: GiB, mappedBytes: 0, cacheBytes: 3 * GiB, scratchBytes: 20 * MiB };
  assert.throws(() => requireFits(need, 2 * GiB, '/m/wide.gguf'), {
    message:
      '/m/wide.gguf: needs 4.0 GiB of memory (weights 1.0 GiB, the cache of a conversation 3.0 GiB, ' +
      'computing 20 MiB), but 2.0 GiB are available; give the cache less, which shortens the context ' +
      '(hadal serve --kv-memory), use a machine with more memory, or let another engine compute ' +
      '(hadal serve --upstream)',
  });
});

/** The plan for a q4_K model, given what it would need with and without rearranged weights. */
async function planFor(
  t: TestContext,
  availableOf: (rearranged: MemoryNeed, plain: MemoryNeed) => number,
): Promise<MemoryPlan> {
  const path = await randomModelFile(t, ['hidden=256', 'ff=1024'], { type: 'q4_K' });
  const device = openDevice({ prefer: 'ggml', numThreads: 1 });
  const file = openGguf(path);
  try {
    const config = configFromGguf(file.metadata, path);
    const cacheTypes = { latent: 'f16', indexer: 'f16' } as const;
    const options = { device, slab: { config, cacheTypes, numLayers: config.numLayers } };
    const availableBytes = availableOf(
      memoryNeed(file, config, options),
      memoryNeed(file, config, { ...options, repack: 'off' }),
    );
    return planMemory(file, config, { ...options, availableBytes });
  } finally {
    file.close();
    device.dispose();
  }
}

function total({ weightBytes, cacheBytes, scratchBytes }: MemoryNeed): number {
  return weightBytes + cacheBytes + scratchBytes;
}

test('with memory to spare, weights are rearranged and read ahead', async (t) => {
  const plan = await planFor(t, (rearranged) => total(rearranged) + rearranged.mappedBytes);
  assert.deepEqual(plan, { repack: 'auto', prefetch: true, note: undefined });
});

test('rearranged copies are given up before loading is', async (t) => {
  const plan = await planFor(t, (rearranged, plain) => {
    if (total(rearranged) === total(plain)) t.skip('nothing can be rearranged here');
    return total(plain);
  });
  if (process.platform === 'win32') return; // nothing is mapped there
  assert.equal(plan.repack, 'off');
  assert.equal(plan.prefetch, false);
  assert.match(
    plan.note!,
    /weights of \d+ MiB stay in the file, but only 0 MiB of memory are left/,
  );
});

test('no memory at all is an error', async (t) => {
  await assert.rejects(
    planFor(t, () => MiB),
    /needs \d+ MiB of memory.*but 1 MiB are available/,
  );
});

test('a limit on caches is what counts where it is below a conversation', async (t) => {
  const path = await randomModelFile(t);
  const device = openDevice({ prefer: 'reference' });
  const needs: string[] = [];
  for (const cacheLimitBytes of [MiB, 2 * MiB]) {
    try {
      loadModel(path, { device, availableBytes: 1000, cacheLimitBytes });
    } catch (error) {
      needs.push(/the cache of a conversation (\d+ MiB)/.exec((error as Error).message)![1]!);
    }
  }
  assert.deepEqual(needs, ['1 MiB', '2 MiB']);
  device.dispose();
});

test('loadModel refuses before it allocates', async (t) => {
  const path = await randomModelFile(t);
  const device = openDevice({ prefer: 'reference' });
  assert.throws(
    () => loadModel(path, { device, availableBytes: 1000 }),
    /model\.gguf: needs \d+ MiB of memory/,
  );
  assert.equal(device.allocatedBytes, 0);
  device.dispose();
});
