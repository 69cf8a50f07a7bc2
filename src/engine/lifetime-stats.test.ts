// Counters over several lives of the child.

import assert from 'node:assert/strict';
import test from 'node:test';
import { NO_STATS } from './engine-stats.js';
import { StatsOverLives } from './lifetime-stats.js';

const cache = { ramBlocks: 0, ramBytes: 0, ramEvictions: 0, diskEvictions: 0 };

test('counters never go backwards, gauges are those of the present child', () => {
  const stats = new StatsOverLives();
  const prefixCache = { ...cache, promptTokens: 70, ramHitTokens: 64, diskHitTokens: 0 };
  stats.update({
    ...NO_STATS,
    running: 3,
    cacheBytes: 99,
    cacheBudgetBytes: 1000,
    steps: 10,
    decodeSeconds: 1.5,
    prefixCache: { ...prefixCache, ramBlocks: 5, ramBytes: 500 },
  });
  stats.endLife();
  const between = stats.total();
  assert.deepEqual([between.running, between.cacheBytes, between.steps], [0, 0, 10]);
  assert.equal(between.cacheBudgetBytes, 1000);
  assert.deepEqual(between.prefixCache, prefixCache);
  stats.startAgain();
  stats.update({ ...NO_STATS, running: 1, steps: 2, decodeSeconds: 0.25, prefixCache });
  const after = stats.total();
  assert.deepEqual(
    [after.running, after.steps, after.decodeSeconds, after.restarts],
    [1, 12, 1.75, 1],
  );
  assert.deepEqual(after.prefixCache, {
    ...cache,
    promptTokens: 140,
    ramHitTokens: 128,
    diskHitTokens: 0,
  });
  stats.endLife();
  stats.endLife(); // a child that died while starting
  assert.equal(stats.total().steps, 12);
});
