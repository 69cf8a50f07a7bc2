// The engine's figures in the text that Prometheus reads: one report per scrape, the last one when
// the engine is away, and nothing invented.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { createObserver } from './observer.js';
import type { EngineReport } from './types.js';

const REPORT: EngineReport = {
  waiting: 3,
  running: 8,
  batchSize: 7,
  cacheBytes: 1000,
  cacheBudgetBytes: 4000,
  steps: 100,
  batchedSequences: 650,
  prefillTokens: 5120,
  decodeTokens: 600,
  prefillSeconds: 1.5,
  decodeSeconds: 1,
  preemptions: 2,
  denseTokens: 4000,
  sparseTokens: 1720,
  draftedTokens: 200,
  acceptedTokens: 150,
  restarts: 1,
  residentBytes: 500_000,
  prefixCache: {
    promptTokens: 9000,
    ramHitTokens: 3200,
    diskHitTokens: 640,
    ramBytes: 70_000,
    ramEvictions: 5,
    diskBytes: 90_000,
    diskEvictions: 4,
  },
};

function scraper(t: TestContext, engine: () => Promise<EngineReport>) {
  const observer = createObserver({
    gauges: {
      activeRequests: () => 0,
      queuedRequests: () => 0,
      journalDepth: () => 0,
      components: () => [],
      engine,
    },
    serviceVersion: '1',
  });
  t.after(() => observer.close());
  return async (): Promise<Record<string, number>> => {
    const { body } = await observer.metrics();
    const lines = body.matchAll(/^(hadal_(?:engine|context_cache)_\S+) (\S+)$/gm);
    return Object.fromEntries([...lines].map(([, series, value]) => [series, Number(value)]));
  };
}

test('every figure of the report is served under its name', async (t) => {
  const scrape = scraper(t, () => Promise.resolve(REPORT));
  const expected = {
    hadal_engine_waiting_sequences: 3,
    hadal_engine_running_sequences: 8,
    hadal_engine_batch_size: 7,
    hadal_engine_kv_bytes: 1000,
    hadal_engine_kv_budget_bytes: 4000,
    hadal_engine_resident_memory_bytes: 500_000,
    'hadal_context_cache_bytes{tier="ram"}': 70_000,
    'hadal_context_cache_bytes{tier="disk"}': 90_000,
    hadal_engine_steps_total: 100,
    hadal_engine_batched_sequences_total: 650,
    'hadal_engine_tokens_total{phase="prefill"}': 5120,
    'hadal_engine_tokens_total{phase="decode"}': 600,
    'hadal_engine_compute_seconds_total{phase="prefill"}': 1.5,
    'hadal_engine_compute_seconds_total{phase="decode"}': 1,
    'hadal_engine_attention_tokens_total{kind="dense"}': 4000,
    'hadal_engine_attention_tokens_total{kind="sparse"}': 1720,
    hadal_engine_drafted_tokens_total: 200,
    hadal_engine_accepted_tokens_total: 150,
    hadal_engine_preemptions_total: 2,
    hadal_engine_restarts_total: 1,
    hadal_context_cache_prompt_tokens_total: 9000,
    'hadal_context_cache_hit_tokens_total{tier="ram"}': 3200,
    'hadal_context_cache_hit_tokens_total{tier="disk"}': 640,
    'hadal_context_cache_evicted_blocks_total{tier="ram"}': 5,
    'hadal_context_cache_evicted_blocks_total{tier="disk"}': 4,
  };
  assert.deepEqual(await scrape(), expected);
  // Read, not added up: a second scrape says the same.
  assert.deepEqual(await scrape(), expected);
});

test('a tier that is not there is left out', async (t) => {
  const { prefixCache, ...withoutCache } = REPORT;
  const { diskBytes: _, ...inMemory } = prefixCache!;
  let report: EngineReport = { ...REPORT, prefixCache: inMemory };
  const scrape = scraper(t, () => Promise.resolve(report));
  const tiers = (series: Record<string, number>) =>
    Object.keys(series).filter((name) => name.startsWith('hadal_context_cache_bytes'));
  assert.deepEqual(tiers(await scrape()), ['hadal_context_cache_bytes{tier="ram"}']);
  report = withoutCache;
  assert.deepEqual(tiers(await scrape()), []);
});

test('an engine that is away leaves what it said last, and the scrape whole', async (t) => {
  let isAway = false;
  const scrape = scraper(t, async () => {
    if (isAway) throw new Error('gone');
    return REPORT;
  });
  const before = await scrape();
  isAway = true;
  assert.deepEqual(await scrape(), before);
});

test('before the engine has said anything nothing is claimed', async (t) => {
  const scrape = scraper(t, () => Promise.reject(new Error('starting')));
  const series = await scrape();
  assert.ok(Object.values(series).every((value) => value === 0));
});

test('a figure that is no number is left out and spoils nothing else', async (t) => {
  const scrape = scraper(t, () =>
    Promise.resolve({ ...REPORT, denseTokens: NaN, sparseTokens: -1, steps: 12 }),
  );
  const series = await scrape();
  assert.equal(series['hadal_engine_steps_total'], 12);
  assert.ok(!Object.keys(series).some((name) => name.includes('attention')));
});
