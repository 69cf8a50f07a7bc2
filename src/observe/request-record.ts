// What one request was, as plain numbers: written while the answer runs, read once when it ends.
// Nothing here formats or hashes, for a request is waiting. Knows neither metrics nor traces; whoever listens gets the finished record.

import type { ObserverClock } from './clock.js';
import type { RequestEnd, RequestFacts, RequestObservation, RequestStart } from './types.js';

export type Moment = Parameters<RequestObservation['mark']>[0];

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
  readonly moments: Readonly<Partial<Record<Moment, number>>>;
}

/** Contract: no method throws; `end` counts once, and nothing counts after it. */
export class RequestRecord implements RequestObservation {
  readonly #options: RequestRecordOptions;
  readonly #startTimeMs: number;
  readonly #startElapsed: number;
  readonly #facts: RequestFacts = {};
  readonly #moments: Partial<Record<Moment, number>> = {};
  #isEnded = false;

  constructor(options: RequestRecordOptions) {
    this.#options = options;
    this.#startTimeMs = options.clock.now();
    this.#startElapsed = options.clock.elapsed();
  }

  set(facts: RequestFacts): void {
    Object.assign(this.#facts, facts);
  }

  mark(moment: Moment): void {
    this.#moments[moment] ??= this.#sinceStart();
  }

  end(end: RequestEnd): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#options.onEnd({
      request: this.#options.request,
      facts: this.#facts,
      end,
      startTimeMs: this.#startTimeMs,
      durationMs: this.#sinceStart(),
      moments: this.#moments,
    });
  }

  #sinceStart(): number {
    return this.#options.clock.elapsed() - this.#startElapsed;
  }
}
