// How long things took in the last minutes: counts in fixed buckets, one set of counts per minute, so
// that what is older falls out by itself. The metrics' histograms count since the start; a person who
// looks wants to know how it is now.

const NUM_MINUTES = 10;
const MINUTE_MS = 60_000;

interface Minute {
  /** Minutes since 1970. */
  at: number;
  counts: Uint32Array;
}

export interface HistogramReport {
  /** Upper ends of the buckets, inclusive; the last bucket has none. */
  bounds: readonly number[];
  /** One more than bounds. */
  counts: number[];
}

export class RecentHistogram {
  readonly #bounds: readonly number[];
  readonly #minutes: Minute[];

  /** `bounds` ascend. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#minutes = Array.from({ length: NUM_MINUTES }, () => ({
      at: -1,
      counts: new Uint32Array(bounds.length + 1),
    }));
  }

  add(value: number, nowMs: number): void {
    const at = Math.floor(nowMs / MINUTE_MS);
    const minute = this.#minutes[at % NUM_MINUTES]!;
    if (minute.at !== at) {
      minute.at = at;
      minute.counts.fill(0);
    }
    let bucket = 0;
    while (bucket < this.#bounds.length && value > this.#bounds[bucket]!) bucket++;
    minute.counts[bucket]!++;
  }

  report(nowMs: number): HistogramReport {
    const oldest = Math.floor(nowMs / MINUTE_MS) - NUM_MINUTES;
    const counts = Array.from({ length: this.#bounds.length + 1 }, () => 0);
    for (const minute of this.#minutes) {
      if (minute.at <= oldest) continue;
      for (const [bucket, count] of minute.counts.entries()) counts[bucket]! += count;
    }
    return { bounds: this.#bounds, counts };
  }
}
