// What the server did in each of the last ten minutes' seconds, so that a chart is full when somebody
// begins to look. A ring of plain numbers; seconds in which nothing was added are zero.

export const THROUGHPUT_SECONDS = 600;

/** Sums over one second, but `running` and `queued`: the most at one time. */
export interface ThroughputPoint {
  /** Seconds since 1970. */
  at: number;
  outputTokens: number;
  /** Prompt tokens that were computed, cache hits not among them; counted at their first token. */
  promptTokens: number;
  cacheHitTokens: number;
  running: number;
  queued: number;
  ended: number;
  failed: number;
}

export class Throughput {
  readonly #ring: ThroughputPoint[] = Array.from({ length: THROUGHPUT_SECONDS }, () => zero(-1));

  /** The second's numbers, to be added to. */
  second(nowMs: number): ThroughputPoint {
    const at = Math.floor(nowMs / 1000);
    const slot = at % THROUGHPUT_SECONDS;
    const point = this.#ring[slot]!;
    return point.at === at ? point : (this.#ring[slot] = zero(at));
  }

  /** The seconds that are over, oldest first, from `since` on; without it all that are kept. */
  series(nowMs: number, since = 0): ThroughputPoint[] {
    const now = Math.floor(nowMs / 1000);
    const from = Math.max(since, now - THROUGHPUT_SECONDS + 1);
    return Array.from({ length: Math.max(0, now - from) }, (_, index) => {
      const at = from + index;
      const point = this.#ring[at % THROUGHPUT_SECONDS]!;
      return point.at === at ? { ...point } : zero(at);
    });
  }
}

function zero(at: number): ThroughputPoint {
  return {
    at,
    outputTokens: 0,
    promptTokens: 0,
    cacheHitTokens: 0,
    running: 0,
    queued: 0,
    ended: 0,
    failed: 0,
  };
}
