// What one request was, as plain numbers: written while the answer runs, read once when it ends.
// Nothing here formats or hashes, for a request is waiting. Knows neither metrics nor traces; whoever listens gets the finished record.

import type { ObserverClock } from './clock.js';
import type {
  RequestEnd,
  RequestFacts,
  RequestMoment,
  RequestObservation,
  RequestStart,
} from './types.js';

export interface RequestRecordOptions {
  request: RequestStart;
  clock: ObserverClock;
  onEnd: (record: FinishedRecord) => void;
}

/** A record after `end`. Moments are milliseconds since the request's start. */
export interface FinishedRecord {
  readonly request: RequestStart;
  readonly facts: RequestFacts;
  readonly end: RequestEnd;
  /** Milliseconds since 1970. */
  readonly startTimeMs: number;
  readonly durationMs: number;
  readonly moments: Readonly<Partial<Record<RequestMoment, number>>>;
}

/** Contract: no method throws; `end` counts once, and nothing counts after it. */
export class RequestRecord implements RequestObservation {
  readonly #options: RequestRecordOptions;
  readonly startTimeMs: number;
  readonly facts: RequestFacts = {};
  readonly moments: Partial<Record<RequestMoment, number>> = {};
  readonly #startElapsed: number;
  #durationMs: number | undefined;

  constructor(options: RequestRecordOptions) {
    this.#options = options;
    this.startTimeMs = options.clock.now();
    this.#startElapsed = options.clock.elapsed();
  }

  set(facts: RequestFacts): void {
    Object.assign(this.facts, facts);
  }

  mark(moment: RequestMoment): void {
    this.moments[moment] ??= this.#sinceStart();
  }

  end(end: RequestEnd): void {
    if (this.#durationMs !== undefined) return;
    this.#durationMs = this.#sinceStart();
    this.#options.onEnd({
      request: this.#options.request,
      facts: this.facts,
      end,
      startTimeMs: this.startTimeMs,
      durationMs: this.#durationMs,
      moments: this.moments,
    });
  }

  get ageMs(): number {
    return this.#durationMs ?? this.#sinceStart();
  }

  #sinceStart(): number {
    return this.#options.clock.elapsed() - this.#startElapsed;
  }
}
