// What runs now, as the wire has it.

import type { HistogramReport } from '../../observe/recent-histogram.js';
import { stateOf } from '../../observe/live-monitor.js';
import type { LoggedRequest } from '../../observe/logged-request.js';
import type { ThroughputPoint } from '../../observe/throughput.js';
import type { EngineReport } from '../../observe/types.js';
import type {
  LiveEngine,
  LiveHistogram,
  LivePoint,
  LiveReport,
  LiveRequest,
} from '../requests-wire.js';
import type { NameKey } from './logged-keys.js';
import { tokensPerSecond } from './request-json.js';
import type { RequestsHost } from './requests-host.js';

/** `since`: seconds since 1970 from which on the series is wanted; undefined = all of it. */
export async function liveReport(
  host: RequestsHost,
  { nameKey, since }: { nameKey: NameKey; since: number | undefined },
): Promise<LiveReport> {
  const { live } = host;
  live.sample();
  const { running, queued, maxRunning } = host.admission();
  const engine = await host.engine();
  const { firstToken, perToken, total } = live.latencies();
  return {
    at: new Date(host.now()).toISOString(),
    running,
    queued,
    max_running: maxRunning,
    requests: live.active.map((request) => liveRequest(request, nameKey)),
    engine: engine ? liveEngine(engine) : null,
    upstreams: host.upstreams().map(({ endpoint, inFlight, counts }) => ({
      endpoint,
      in_flight: inFlight,
      counts: { ...counts },
    })),
    components: host
      .components()
      .map(({ name, status, detail }) => ({ name, status, detail: detail ?? null })),
    latency: {
      first_token: histogram(firstToken),
      per_token: histogram(perToken),
      total: histogram(total),
    },
    series: live.series(since).map(livePoint),
  };
}

function liveRequest(request: LoggedRequest, nameKey: NameKey): LiveRequest {
  const { observation, reply, traceId } = request;
  const { facts, ageMs } = observation;
  return {
    trace_id: traceId,
    key: nameKey(request),
    model: facts.model ?? null,
    state: stateOf(request),
    age_ms: ageMs,
    prompt_tokens: reply?.promptTokens ?? null,
    cache_hit_tokens: reply?.cacheHitTokens ?? null,
    completion_tokens: reply?.completionTokens ?? 0,
    tokens_per_second: tokensPerSecond(request),
    stream: facts.stream ?? null,
  };
}

function liveEngine(engine: EngineReport): LiveEngine {
  const { prefixCache: cache } = engine;
  return {
    waiting: engine.waiting,
    running: engine.running,
    batch_size: engine.batchSize,
    cache_bytes: engine.cacheBytes,
    cache_budget_bytes: engine.cacheBudgetBytes,
    resident_bytes: engine.residentBytes ?? null,
    prefill_tokens: engine.prefillTokens,
    decode_tokens: engine.decodeTokens,
    prefill_seconds: engine.prefillSeconds,
    decode_seconds: engine.decodeSeconds,
    preemptions: engine.preemptions,
    restarts: engine.restarts,
    drafted_tokens: engine.draftedTokens,
    accepted_tokens: engine.acceptedTokens,
    dense_tokens: engine.denseTokens,
    sparse_tokens: engine.sparseTokens,
    context_cache: cache
      ? {
          prompt_tokens: cache.promptTokens,
          ram_hit_tokens: cache.ramHitTokens,
          disk_hit_tokens: cache.diskHitTokens,
          ram_bytes: cache.ramBytes,
          ram_evictions: cache.ramEvictions,
          disk_bytes: cache.diskBytes ?? null,
          disk_evictions: cache.diskEvictions,
        }
      : null,
  };
}

function histogram({ bounds, counts }: HistogramReport): LiveHistogram {
  return { bounds: [...bounds], counts };
}

function livePoint(point: ThroughputPoint): LivePoint {
  const { at, running, queued, ended, failed } = point;
  return {
    at,
    output_tokens: point.outputTokens,
    prompt_tokens: point.promptTokens,
    cache_hit_tokens: point.cacheHitTokens,
    running,
    queued,
    ended,
    failed,
  };
}
