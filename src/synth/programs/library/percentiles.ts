// Median, percentile and range without outliers.

import { many, source, type ProgramTemplate } from '../program.js';

export const percentiles: ProgramTemplate = {
  id: 'percentiles',
  make(random, { place }) {
    const outlier = random.int(2, 4);
    return {
      files: {
        'rank.js': source(`
export function sorted(values) {
  return [...values].sort((a, b) => a - b);
}

/** The smallest value that at least so many percent of the values do not exceed (nearest rank). */
export function percentile(ordered, percent) {
  const rank = Math.ceil((ordered.length * percent) / 100);
  return ordered[Math.max(rank, 1) - 1];
}

/** The middle one; of two middle ones the mean, rounded down. */
export function median(ordered) {
  const half = Math.floor(ordered.length / 2);
  if (ordered.length % 2 === 1) return ordered[half];
  return Math.floor((ordered[half - 1] + ordered[half]) / 2);
}
`),
        'outliers.js': source(`
import { percentile } from './rank.js';

/** Values farther than ${outlier} times the distance of the quartiles from the nearest of them are outliers. */
const FACTOR = ${outlier};

export function withoutOutliers(ordered) {
  const [low, high] = [percentile(ordered, 25), percentile(ordered, 75)];
  const reach = FACTOR * (high - low);
  return ordered.filter((value) => value >= low - reach && value <= high + reach);
}
`),
        'index.js': source(`
import { withoutOutliers } from './outliers.js';
import { median, percentile, sorted } from './rank.js';

/**
 * Figures of the measurements at a ${place}; null entries are gaps and do not count.
 * @returns null where nothing was measured
 */
export default function figures(values, percent) {
  const known = sorted(values.filter((value) => value !== null));
  if (known.length === 0) return null;
  const usual = withoutOutliers(known);
  return {
    median: median(usual),
    percentile: percentile(usual, percent),
    outliers: known.length - usual.length,
    range: usual[usual.length - 1] - usual[0],
  };
}
`),
      },
      args: (draw) => [
        many(draw, 0, 10, () =>
          draw.chance(10) ? null : draw.chance(15) ? draw.int(30, 60) : draw.int(1, 9),
        ),
        draw.pick([0, 10, 25, 50, 75, 90, 100]),
      ],
    };
  },
};
