// The composition of observe/: one record per request, counted into metrics and turned into spans
// when it ends, and a status history that is sampled while nobody looks. Contract: nothing that a
// request calls throws; a failing gauge shows on the status page instead of killing the server.

import { Registry } from 'prom-client';
import { backgroundTimers, systemClock, type ObserverClock, type ObserverTimers } from './clock.js';
import { EngineMetrics } from './engine-metrics.js';
import type { OtlpOptions } from './otlp-environment.js';
import { OtlpExporter, type ObserverLog } from './otlp-exporter.js';
import { createRequestMetrics } from './request-metrics.js';
import { RequestRecord, type FinishedRecord } from './request-record.js';
import { spansOf } from './request-spans.js';
import { ALWAYS } from './sampler.js';
import { createUpstreamMetrics } from './upstream-metrics.js';
import { createStateMetrics } from './state-metrics.js';
import { StatusHistory } from './status-history.js';
import type { ComponentReport, Gauges, Observer } from './types.js';

export { otlpFromEnvironment, type OtlpOptions } from './otlp-environment.js';

export interface ObserverOptions {
  gauges: Gauges;
  serviceVersion: string;
  /** Absent = no traces, and no cost for them. `otlpFromEnvironment` makes it. */
  otlp?: OtlpOptions | undefined;
  /** Default true. */
  metrics?: boolean;
  /** Model names that metrics show as labels; every other name is `other`. */
  models?: readonly string[];
  /** Milliseconds since 1970. */
  now?: () => number;
  /** Milliseconds since any fixed moment, never going back: what durations are measured with. */
  elapsed?: () => number;
  timers?: ObserverTimers;
  log?: ObserverLog;
}

const API_MODELS = ['deepseek-chat', 'deepseek-reasoner'];
/** How often components are looked at, so that an incident is seen that no visitor saw. */
const SAMPLE_INTERVAL_MS = 10_000;
const NO_METRICS = { contentType: Registry.PROMETHEUS_CONTENT_TYPE, body: '# metrics are off\n' };

export function createObserver({
  gauges,
  serviceVersion,
  otlp,
  metrics: hasMetrics = true,
  models = API_MODELS,
  now = systemClock.now,
  elapsed = systemClock.elapsed,
  timers = backgroundTimers,
  log = () => undefined,
}: ObserverOptions): Observer {
  const clock: ObserverClock = { now, elapsed };
  const history = new StatusHistory(now());
  const sampler = otlp?.sampler ?? ALWAYS;
  const exporter = otlp && newExporter(otlp, { serviceVersion, timers, log });
  let numOpen = 0;

  const registry = new Registry();
  const requestMetrics = hasMetrics ? createRequestMetrics(registry, models) : undefined;
  const stopStateMetrics = hasMetrics
    ? createStateMetrics({
        registry,
        serviceVersion,
        gauges,
        components: () => componentsOf(gauges),
        openExchanges: () => numOpen,
        traces: () => ({
          exportedSpans: exporter?.exportedSpans ?? 0,
          droppedSpans: exporter?.droppedSpans ?? 0,
        }),
      })
    : undefined;

  const { upstreams, engine } = gauges;
  if (hasMetrics && upstreams) createUpstreamMetrics(registry, () => upstreams());
  const engineMetrics = hasMetrics && engine ? new EngineMetrics(registry, engine) : undefined;

  const onEnd = (record: FinishedRecord): void => {
    numOpen -= 1;
    requestMetrics?.count(record);
    exporter?.add(spansOf(record, sampler));
  };

  const status = (): ReturnType<Observer['status']> => history.sample(componentsOf(gauges), now());

  let cancelSampling = timers.after(SAMPLE_INTERVAL_MS, function sample() {
    status();
    cancelSampling = timers.after(SAMPLE_INTERVAL_MS, sample);
  });

  return {
    start(request) {
      numOpen += 1;
      return new RequestRecord({ request, clock, onEnd });
    },
    status,
    async metrics() {
      if (!hasMetrics) return NO_METRICS;
      await engineMetrics?.refresh();
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
    async close() {
      cancelSampling();
      stopStateMetrics?.();
      await exporter?.close();
    },
  };
}

function newExporter(
  { sampler: _sampler, protocol: _protocol, ...options }: OtlpOptions,
  rest: { serviceVersion: string; timers: ObserverTimers; log: ObserverLog },
): OtlpExporter {
  return new OtlpExporter({ ...options, ...rest });
}

/** A component list that cannot be read is itself a component that is down. */
function componentsOf(gauges: Gauges): ComponentReport[] {
  try {
    return gauges.components();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return [{ name: 'health checks', status: 'down', detail }];
  }
}
