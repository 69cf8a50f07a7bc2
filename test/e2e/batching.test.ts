// Continuous batching with a real, untrained model, in this process: whatever shares its steps, however
// its prompt is cut and however often it is put back, a sequence gets what it gets alone.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import fc from 'fast-check';
import { tokenTableOf } from '../../src/chat/token-table.js';
import type { TokenTable } from '../../src/backend/token-table.js';
import type { GenerateEvent, GenerateRequest } from '../../src/backend/types.js';
import { Engine, type SchedulingOptions } from '../../src/engine/engine.js';
import { loadModelRunner } from '../../src/engine/model-adapter.js';
import type { ModelRunner } from '../../src/engine/model-runner.js';
import { PrefixCache } from '../../src/engine/prefix-cache/prefix-cache.js';
import { loadTokenizerFor } from '../../src/model-location.js';
import { presetConfig } from '../../src/model/presets.js';
import { writeRandomModel } from '../../src/model/random.js';

let folder: string;
let modelPath: string;
let tokenTable: TokenTable;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hadal-batching-'));
  modelPath = join(folder, 'random.gguf');
  await writeRandomModel(modelPath, { config: presetConfig('test'), seed: 1, type: 'f32' });
  tokenTable = tokenTableOf(loadTokenizerFor(modelPath));
});
after(() => rmSync(folder, { recursive: true }));

function load(changes: { device?: 'reference' | 'ggml'; cacheBytes?: number } = {}): ModelRunner {
  const { device = 'ggml', cacheBytes } = changes;
  return loadModelRunner({
    source: {
      path: modelPath,
      device,
      threads: 1,
      ...(cacheBytes !== undefined && { cacheBytes }),
    },
    tokenTable,
    onWarning: (warning) => assert.fail(warning),
    onNote: () => {},
    onProgress: () => {},
  });
}

interface Outcome {
  tokens: number[];
  finish: Extract<GenerateEvent, { type: 'finish' }>;
}

interface Play {
  runner: ModelRunner;
  requests: readonly GenerateRequest[];
  scheduling?: Partial<SchedulingOptions>;
  prefixCache?: PrefixCache;
}

/** Runs requests at once; the runner stays. */
async function play({ runner, requests, scheduling, prefixCache }: Play) {
  const outcomes = new Map<string, Outcome>();
  const tokens = new Map<string, number[]>(requests.map(({ id }) => [id, []]));
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  const engine = new Engine({
    runner: { ...bound(runner), dispose: () => {} },
    tokenTable,
    scheduling: { targetStepMs: undefined, ...scheduling },
    ...(prefixCache && { prefixCache }),
    onError: (error) => assert.fail(String(error)),
    emit: (events) => {
      for (const { id, event } of events) {
        if (event.type === 'token') tokens.get(id)!.push(event.token);
        if (event.type === 'finish') outcomes.set(id, { tokens: tokens.get(id)!, finish: event });
      }
      if (outcomes.size === requests.length) end();
    },
  });
  for (const request of requests) engine.submit(request);
  await ended;
  await engine.dispose();
  assert.equal(engine.stats().caches, 0);
  return { outcomes: requests.map(({ id }) => outcomes.get(id)!), stats: engine.stats() };
}

/** The methods of a runner as own properties, so that one can be replaced. */
function bound(runner: ModelRunner): ModelRunner {
  return {
    card: runner.card,
    fingerprint: runner.fingerprint,
    rowBytes: runner.rowBytes,
    cacheBudgetBytes: runner.cacheBudgetBytes,
    cacheBytes: (numTokens) => runner.cacheBytes(numTokens),
    createCache: (maxTokens) => runner.createCache(maxTokens),
    forward: (slices, signal) => runner.forward(slices, signal),
    stats: () => runner.stats(),
    dispose: () => runner.dispose(),
  };
}

const ask = fc.record({
  family: fc.integer({ min: 0, max: 2 }),
  promptLength: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 60, max: 150 })),
  maxTokens: fc.integer({ min: 1, max: 12 }),
  temperature: fc.constantFrom(0, 1),
  priority: fc.constantFrom(0, 0, 1),
  tenant: fc.constantFrom('a', 'b'),
});

function requestOf(one: typeof ask extends fc.Arbitrary<infer T> ? T : never, index: number) {
  const { family, promptLength, temperature, maxTokens, priority, tenant } = one;
  const request: GenerateRequest = {
    id: `${index}`,
    promptTokens: Int32Array.from(
      { length: promptLength },
      (_, i) => 10 + ((i * 7 + family * 31) % 400),
    ),
    sampling: { temperature, topP: 1, presencePenalty: 0, frequencyPenalty: 0, seed: index },
    stopTokens: [],
    stopStrings: [],
    maxTokens,
    priority,
    tenant,
  };
  return request;
}

const setting = fc.record({
  maxRunning: fc.integer({ min: 1, max: 8 }),
  stepTokens: fc.constantFrom(16, 32, 64),
  stepTokensAlone: fc.constantFrom(40, 64, 256),
  hasPrefixCache: fc.boolean(),
});

for (const device of ['ggml', 'reference'] as const) {
  const [numRuns, maxAsks] = device === 'ggml' ? [12, 8] : [2, 4];
  test(`${device}: batches, chunks and the context cache change no token`, async (t) => {
    const runner = load({ device });
    t.after(() => runner.dispose());
    await fc.assert(
      fc.asyncProperty(
        fc.array(ask, { minLength: 2, maxLength: maxAsks }),
        setting,
        async (asks, { hasPrefixCache, ...scheduling }) => {
          const requests = asks.map(requestOf);
          const { fingerprint } = runner;
          const onWarning = (text: string) => assert.fail(text);
          const prefixCache = new PrefixCache({ fingerprint, ramBytes: 1 << 26, onWarning });
          const together = await play({
            runner,
            requests,
            scheduling,
            ...(hasPrefixCache && { prefixCache }),
          });
          for (const [index, { tokens }] of together.outcomes.entries()) {
            const { outcomes } = await play({ runner, requests: [requests[index]!] });
            assert.deepEqual(tokens, outcomes[0]!.tokens);
          }
        },
      ),
      { numRuns, seed: 7 },
    );
  });
}

test('sequences that outgrow the memory are computed again and get the same tokens', async (t) => {
  const plenty = load();
  t.after(() => plenty.dispose());
  const requests = Array.from({ length: 4 }, (_, index) => ({
    ...requestOf(
      { family: index, promptLength: 490, maxTokens: 60, temperature: 1, priority: 0, tenant: 'a' },
      index,
    ),
  }));
  // All prompts fit, but not beyond the slab's first 512 rows.
  const tight = load({ cacheBytes: 4 * plenty.cacheBytes(512) + plenty.cacheBytes(256) });
  t.after(() => tight.dispose());
  const scheduling = { headroomTokens: 0 };
  const { outcomes, stats } = await play({ runner: tight, requests, scheduling });
  assert.ok(stats.preemptions > 0);
  assert.ok(stats.prefillTokens > 4 * 490, 'some were computed twice');
  const expected = await play({ runner: plenty, requests });
  assert.equal(expected.stats.preemptions, 0);
  assert.deepEqual(outcomes, expected.outcomes);
});
