// Metrics of this server's own engine: what it does now, and what it has done since the server
// started. Read as one report per scrape, so that figures of one scrape belong together; an engine
// that cannot answer leaves the report of before. Knows no process, and no tenant either.

import { Counter, Gauge, type Registry } from 'prom-client';
import type { ContextCacheReport, EngineReport } from './types.js';

interface Value {
  labels?: Record<string, string>;
  /** undefined = not there: the series is left out. */
  value: number | undefined;
}

interface EngineMetric {
  name: string;
  help: string;
  label?: string;
  values: (report: EngineReport) => Value[];
}

export class EngineMetrics {
  readonly #read: () => Promise<EngineReport>;
  #report: EngineReport | undefined;

  constructor(registry: Registry, read: () => Promise<EngineReport>) {
    this.#read = read;
    const newest = () => this.#report;
    for (const metric of GAUGES) registry.registerMetric(gaugeOf(metric, newest));
    for (const metric of COUNTERS) registry.registerMetric(counterOf(metric, newest));
  }

  /** To be awaited before the registry is read. Never rejects. */
  async refresh(): Promise<void> {
    try {
      this.#report = await this.#read();
    } catch {
      // The report of before stands; that the engine is away is told by its component status.
    }
  }
}

const GAUGES: readonly EngineMetric[] = [
  plain('hadal_engine_waiting_sequences', 'Sequences without a cache now.', (r) => r.waiting),
  plain('hadal_engine_running_sequences', 'Sequences with a cache now.', (r) => r.running),
  plain('hadal_engine_batch_size', 'Sequences in the newest step.', (r) => r.batchSize),
  plain('hadal_engine_kv_bytes', 'Keys and values of running sequences.', (r) => r.cacheBytes),
  plain(
    'hadal_engine_kv_budget_bytes',
    'What keys and values of all sequences may take.',
    (r) => r.cacheBudgetBytes,
  ),
  plain(
    'hadal_engine_resident_memory_bytes',
    'Resident memory of the engine process.',
    (r) => r.residentBytes,
  ),
  {
    name: 'hadal_context_cache_bytes',
    help: 'Size of the context cache; of the disk as far as this process knows.',
    label: 'tier',
    values: inTiers(({ ramBytes, diskBytes }) => [ramBytes, diskBytes]),
  },
];

const COUNTERS: readonly EngineMetric[] = [
  plain('hadal_engine_steps_total', 'Forward passes.', (r) => r.steps),
  plain(
    'hadal_engine_batched_sequences_total',
    'Sum over steps of the sequences in them.',
    (r) => r.batchedSequences,
  ),
  {
    name: 'hadal_engine_tokens_total',
    help: 'Prompt tokens computed (prefill) and tokens generated (decode).',
    label: 'phase',
    values: ({ prefillTokens, decodeTokens }) => [
      { labels: { phase: 'prefill' }, value: prefillTokens },
      { labels: { phase: 'decode' }, value: decodeTokens },
    ],
  },
  {
    name: 'hadal_engine_compute_seconds_total',
    help: 'Time in forward passes; those with prompt tokens in them count as prefill.',
    label: 'phase',
    values: ({ prefillSeconds, decodeSeconds }) => [
      { labels: { phase: 'prefill' }, value: prefillSeconds },
      { labels: { phase: 'decode' }, value: decodeSeconds },
    ],
  },
  {
    name: 'hadal_engine_attention_tokens_total',
    help: 'Tokens whose attention saw every earlier token (dense) or the choice of the indexer (sparse).',
    label: 'kind',
    values: ({ denseTokens, sparseTokens }) => [
      { labels: { kind: 'dense' }, value: denseTokens },
      { labels: { kind: 'sparse' }, value: sparseTokens },
    ],
  },
  plain('hadal_engine_drafted_tokens_total', 'Tokens drafted ahead.', (r) => r.draftedTokens),
  plain(
    'hadal_engine_accepted_tokens_total',
    'Drafted tokens that were what the model said.',
    (r) => r.acceptedTokens,
  ),
  plain(
    'hadal_engine_preemptions_total',
    'Sequences put back into the queue to make room.',
    (r) => r.preemptions,
  ),
  plain('hadal_engine_restarts_total', 'Times the engine was started again.', (r) => r.restarts),
  plain(
    'hadal_context_cache_prompt_tokens_total',
    'Prompt tokens that were looked up.',
    (r) => r.prefixCache?.promptTokens,
  ),
  {
    name: 'hadal_context_cache_hit_tokens_total',
    help: 'Prompt tokens found, by where.',
    label: 'tier',
    values: inTiers(({ ramHitTokens, diskHitTokens }) => [ramHitTokens, diskHitTokens]),
  },
  {
    name: 'hadal_context_cache_evicted_blocks_total',
    help: 'Blocks of 64 tokens dropped to keep the budget.',
    label: 'tier',
    values: inTiers(({ ramEvictions, diskEvictions }) => [ramEvictions, diskEvictions]),
  },
];

function plain(
  name: string,
  help: string,
  read: (report: EngineReport) => number | undefined,
): EngineMetric {
  return { name, help, values: (report) => [{ value: read(report) }] };
}

function inTiers(
  read: (cache: ContextCacheReport) => [ram: number, disk: number | undefined],
): EngineMetric['values'] {
  return ({ prefixCache }) => {
    const [ram, disk] = prefixCache ? read(prefixCache) : [];
    return [
      { labels: { tier: 'ram' }, value: ram },
      { labels: { tier: 'disk' }, value: disk },
    ];
  };
}

function gaugeOf(
  { name, help, label, values }: EngineMetric,
  newest: () => EngineReport | undefined,
): Gauge {
  return new Gauge({
    name,
    help,
    labelNames: label === undefined ? [] : [label],
    registers: [],
    collect() {
      this.reset();
      for (const { labels = {}, value } of valuesOf(values, newest())) this.set(labels, value);
    },
  });
}

function counterOf(
  { name, help, label, values }: EngineMetric,
  newest: () => EngineReport | undefined,
): Counter {
  return new Counter({
    name,
    help,
    labelNames: label === undefined ? [] : [label],
    registers: [],
    collect() {
      this.reset();
      for (const { labels = {}, value } of valuesOf(values, newest())) this.inc(labels, value);
    },
  });
}

/** A figure that is none would make the whole scrape fail; it is left out. */
function valuesOf(
  values: EngineMetric['values'],
  report: EngineReport | undefined,
): { labels?: Record<string, string>; value: number }[] {
  const all = report ? values(report) : [];
  return all.flatMap(({ value, ...rest }) =>
    value !== undefined && Number.isFinite(value) && value >= 0 ? [{ ...rest, value }] : [],
  );
}
