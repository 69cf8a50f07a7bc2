// What is running now and how it went in the last minutes: requests by trace id, tokens per second,
// latencies. Samples once a second while there is something to sample, so that a request pays for
// nothing but its own counters, and an idle server for nothing at all.

import { backgroundTimers, systemClock, type ObserverTimers } from './clock.js';
import type { LoggedRequest } from './logged-request.js';
import { RecentHistogram, type HistogramReport } from './recent-histogram.js';
import { Throughput, type ThroughputPoint } from './throughput.js';

export interface LiveMonitorOptions {
  timers?: ObserverTimers;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** All in seconds. */
export interface LatencyReport {
  firstToken: HistogramReport;
  /** Mean of a reply, after its first token. */
  perToken: HistogramReport;
  total: HistogramReport;
}

const SAMPLE_MS = 1000;
const FIRST_TOKEN = [0.05, 0.1, 0.2, 0.5, 1, 2, 3, 5, 10, 20, 30, 60];
const PER_TOKEN = [0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1];
const TOTAL = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600];

export class LiveMonitor {
  readonly #timers: ObserverTimers;
  readonly #now: () => number;
  readonly #active = new Set<LoggedRequest>();
  readonly #throughput = new Throughput();
  readonly #firstToken = new RecentHistogram(FIRST_TOKEN);
  readonly #perToken = new RecentHistogram(PER_TOKEN);
  readonly #total = new RecentHistogram(TOTAL);
  #cancelSampling: (() => void) | undefined;

  constructor({ timers = backgroundTimers, now = systemClock.now }: LiveMonitorOptions = {}) {
    this.#timers = timers;
    this.#now = now;
  }

  /** Oldest first. */
  get active(): readonly LoggedRequest[] {
    return [...this.#active];
  }

  open(request: LoggedRequest): void {
    this.#active.add(request);
    this.#cancelSampling ??= this.#timers.after(SAMPLE_MS, this.#sampleOn);
  }

  /** After the request's own `end`. */
  end(request: LoggedRequest): void {
    if (!this.#active.delete(request)) return;
    const now = this.#now();
    const second = this.#throughput.second(now);
    countTokens(request, second);
    second.ended++;
    if ((request.ended?.status ?? 0) >= 500) second.failed++;
    const { moments, facts, ageMs } = request.observation;
    const firstTokenMs = moments['first-token'];
    if (firstTokenMs === undefined) return;
    this.#firstToken.add(firstTokenMs / 1000, now);
    this.#total.add(ageMs / 1000, now);
    const others = (facts.completionTokens ?? 0) - 1;
    const lastMs = moments.finished ?? ageMs;
    if (others > 0) this.#perToken.add((lastMs - firstTokenMs) / others / 1000, now);
  }

  /** Counts what is running up to this moment. */
  sample(): void {
    const second = this.#throughput.second(this.#now());
    let queued = 0;
    let running = 0;
    for (const request of this.#active) {
      countTokens(request, second);
      if (stateOf(request) === 'queued') queued++;
      else running++;
    }
    second.queued = Math.max(second.queued, queued);
    second.running = Math.max(second.running, running);
  }

  /** Whole seconds, oldest first, from `since` (seconds since 1970) on. */
  series(since?: number): ThroughputPoint[] {
    return this.#throughput.series(this.#now(), since);
  }

  latencies(): LatencyReport {
    const now = this.#now();
    return {
      firstToken: this.#firstToken.report(now),
      perToken: this.#perToken.report(now),
      total: this.#total.report(now),
    };
  }

  close(): void {
    this.#cancelSampling?.();
    this.#cancelSampling = undefined;
  }

  readonly #sampleOn = (): void => {
    this.sample();
    this.#cancelSampling =
      this.#active.size > 0 ? this.#timers.after(SAMPLE_MS, this.#sampleOn) : undefined;
  };
}

export type LiveState = 'preparing' | 'queued' | 'prefill' | 'decode' | 'ending';

/** Where a request is on its way. `prefill`: it has a place among the running, and no token yet. */
export function stateOf({ observation: { moments } }: LoggedRequest): LiveState {
  if (moments.finished !== undefined) return 'ending';
  if (moments['first-token'] !== undefined) return 'decode';
  if (moments.admitted !== undefined) return 'prefill';
  return moments.queued === undefined ? 'preparing' : 'queued';
}

function countTokens(request: LoggedRequest, second: ThroughputPoint): void {
  const { reply } = request;
  if (!reply) return;
  second.outputTokens += reply.completionTokens - request.countedTokens;
  request.countedTokens = reply.completionTokens;
  if (request.isPromptCounted || reply.completionTokens === 0) return;
  request.isPromptCounted = true;
  second.promptTokens += reply.promptTokens - reply.cacheHitTokens;
  second.cacheHitTokens += reply.cacheHitTokens;
}
