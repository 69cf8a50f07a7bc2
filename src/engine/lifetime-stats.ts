// The engine's counters over all lives of its child: a counter of the metrics never goes backwards,
// gauges are those of the present child. Knows no processes.

import { NO_STATS, type EngineStats } from './engine-stats.js';
import type { PrefixCacheStats } from './prefix-cache/prefix-cache.js';

/** What happened in this life, as opposed to what is the case. */
const COUNTERS = [
  'steps',
  'batchedSequences',
  'prefillTokens',
  'decodeTokens',
  'prefillSeconds',
  'decodeSeconds',
  'preemptions',
  'denseTokens',
  'sparseTokens',
  'draftedTokens',
  'acceptedTokens',
] as const satisfies readonly (keyof EngineStats)[];

const CACHE_COUNTERS = [
  'promptTokens',
  'ramHitTokens',
  'diskHitTokens',
  'ramEvictions',
  'diskEvictions',
] as const satisfies readonly (keyof PrefixCacheStats)[];

export interface LifetimeStats extends EngineStats {
  /** How often the child was started again. */
  restarts: number;
}

export class StatsOverLives {
  /** Counters of ended lives; gauges are zero. */
  #before: EngineStats = { ...NO_STATS };
  #present: EngineStats = { ...NO_STATS };
  #restarts = 0;

  /** The newest figures of the present child. */
  update(stats: EngineStats): void {
    this.#present = stats;
  }

  /** The child is gone; what it counted last stays. */
  endLife(): void {
    const ended = this.total();
    this.#before = { ...NO_STATS, cacheBudgetBytes: ended.cacheBudgetBytes };
    for (const name of COUNTERS) this.#before[name] = ended[name];
    if (ended.prefixCache) {
      this.#before.prefixCache = { ...ended.prefixCache, ramBlocks: 0, ramBytes: 0 };
    }
    this.#present = { ...NO_STATS, cacheBudgetBytes: ended.cacheBudgetBytes };
  }

  /** Another child is there. */
  startAgain(): void {
    this.#restarts++;
  }

  total(): LifetimeStats {
    const total = { ...this.#present, restarts: this.#restarts };
    for (const name of COUNTERS) total[name] += this.#before[name];
    const prefixCache = addCache(this.#present.prefixCache, this.#before.prefixCache);
    return { ...total, ...(prefixCache && { prefixCache }) };
  }
}

function addCache(
  present: PrefixCacheStats | undefined,
  before: PrefixCacheStats | undefined,
): PrefixCacheStats | undefined {
  if (!present || !before) return present ?? before;
  const sum = { ...present };
  for (const name of CACHE_COUNTERS) sum[name] += before[name];
  return sum;
}
