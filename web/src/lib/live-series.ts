// The throughput of the last minutes as it grows by events: points are kept in order, once each, up to
// what a chart shows. And quantiles of a histogram, as near as its buckets tell.

import type { LiveHistogram, LivePoint } from '../../../src/web/requests-wire.js';

export const SHOWN_SECONDS = 600;

/** A connection's first event tells all that is known, later ones what is new. */
export function withPoints(
  known: readonly LivePoint[],
  added: readonly LivePoint[],
): readonly LivePoint[] {
  const first = added[0];
  if (!first) return known;
  const before = known.filter(({ at }) => at < first.at);
  return [...before, ...added].slice(-SHOWN_SECONDS);
}

/**
 * Means over whole steps of `seconds`, the last one as long as it is: a chart of single seconds is all
 * spikes. `running` and `queued` keep their highest.
 */
export function inSteps(points: readonly LivePoint[], seconds: number): readonly LivePoint[] {
  const steps: LivePoint[][] = [];
  for (const point of points) {
    const step = steps.at(-1);
    const isSame = step && Math.floor(step[0]!.at / seconds) === Math.floor(point.at / seconds);
    if (isSame) step.push(point);
    else steps.push([point]);
  }
  return steps.map((step) => {
    const mean = (field: keyof LivePoint) =>
      step.reduce((sum, point) => sum + point[field], 0) / step.length;
    return {
      at: step.at(-1)!.at,
      output_tokens: mean('output_tokens'),
      prompt_tokens: mean('prompt_tokens'),
      cache_hit_tokens: mean('cache_hit_tokens'),
      running: Math.max(...step.map(({ running }) => running)),
      queued: Math.max(...step.map(({ queued }) => queued)),
      ended: mean('ended'),
      failed: mean('failed'),
    };
  });
}

/** Mean per second of the newest `seconds`. */
export function recentRate(
  points: readonly LivePoint[],
  field: 'output_tokens' | 'prompt_tokens',
  seconds = 5,
): number {
  const recent = points.slice(-seconds);
  if (recent.length === 0) return 0;
  return recent.reduce((sum, point) => sum + point[field], 0) / recent.length;
}

export function countOf({ counts }: LiveHistogram): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * The bound below which `share` of the values lie; undefined without values, Infinity when it is
 * beyond the last bound.
 */
export function quantileBound(histogram: LiveHistogram, share: number): number | undefined {
  const total = countOf(histogram);
  if (total === 0) return undefined;
  let seen = 0;
  for (const [index, count] of histogram.counts.entries()) {
    seen += count;
    if (seen >= share * total) return histogram.bounds[index] ?? Infinity;
  }
  return Infinity;
}
