// The engine's counters over all models that this server has loaded: a counter of the metrics never
// goes backwards, gauges are those of the model that is loaded.

import type { ContextCacheReport, EngineReport } from '../observe/types.js';

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
  'restarts',
] as const satisfies readonly (keyof EngineReport)[];

const CACHE_COUNTERS = [
  'promptTokens',
  'ramHitTokens',
  'diskHitTokens',
  'ramEvictions',
  'diskEvictions',
] as const satisfies readonly (keyof ContextCacheReport)[];

type Counts = Record<(typeof COUNTERS)[number], number>;
type CacheCounts = Record<(typeof CACHE_COUNTERS)[number], number>;

export class EngineTotals {
  /** Of models that are gone. */
  readonly #before = Object.fromEntries(COUNTERS.map((name) => [name, 0])) as Counts;
  readonly #cacheBefore = Object.fromEntries(
    CACHE_COUNTERS.map((name) => [name, 0]),
  ) as CacheCounts;

  /** The last figures of a model that is being unloaded. */
  add({ prefixCache, ...report }: EngineReport): void {
    for (const name of COUNTERS) this.#before[name] += report[name];
    for (const name of CACHE_COUNTERS) this.#cacheBefore[name] += prefixCache?.[name] ?? 0;
  }

  /** A model's own report with what was counted before it; undefined = no model is loaded. */
  with(report: EngineReport | undefined): EngineReport {
    const { prefixCache, ...present } = report ?? NOTHING;
    const total = { ...present };
    for (const name of COUNTERS) total[name] += this.#before[name];
    const hadCache = CACHE_COUNTERS.some((name) => this.#cacheBefore[name] > 0);
    if (!prefixCache && !hadCache) return total;
    const cache = { ...(prefixCache ?? NO_CACHE) };
    for (const name of CACHE_COUNTERS) cache[name] += this.#cacheBefore[name];
    return { ...total, prefixCache: cache };
  }
}

const NO_CACHE: ContextCacheReport = {
  promptTokens: 0,
  ramHitTokens: 0,
  diskHitTokens: 0,
  ramBytes: 0,
  ramEvictions: 0,
  diskEvictions: 0,
};

const NOTHING: EngineReport = {
  waiting: 0,
  running: 0,
  batchSize: 0,
  cacheBytes: 0,
  cacheBudgetBytes: 0,
  steps: 0,
  batchedSequences: 0,
  prefillTokens: 0,
  decodeTokens: 0,
  prefillSeconds: 0,
  decodeSeconds: 0,
  preemptions: 0,
  denseTokens: 0,
  sparseTokens: 0,
  draftedTokens: 0,
  acceptedTokens: 0,
  restarts: 0,
};
