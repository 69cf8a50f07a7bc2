// Values counted in buckets, as a chart.

import { many, near, source, type ProgramTemplate } from '../program.js';

export const buckets: ProgramTemplate = {
  id: 'buckets',
  make(random, { thing }) {
    const edges = [random.int(3, 6), random.int(9, 13), random.int(18, 24)];
    return {
      files: {
        'edges.js': source(`
/** Upper edges of the buckets; a value at an edge belongs to the bucket below. Beyond them is the last. */
const EDGES = [${edges.join(', ')}];

export function bucketOf(value) {
  const at = EDGES.findIndex((edge) => value <= edge);
  return at < 0 ? EDGES.length : at;
}

export function nameOf(bucket) {
  if (bucket === 0) return '0-' + EDGES[0];
  const from = EDGES[bucket - 1] + 1;
  return bucket === EDGES.length ? from + '+' : from + '-' + EDGES[bucket];
}

export const COUNT = EDGES.length + 1;
`),
        'bars.js': source(`
/** A bar of # signs: the largest count has \`width\`, the others their share rounded up, none for 0. */
export function bar(count, most, width) {
  if (count === 0) return '';
  return '#'.repeat(Math.ceil((count * width) / most));
}
`),
        'index.js': source(`
import { bar } from './bars.js';
import { bucketOf, COUNT, nameOf } from './edges.js';

/**
 * A chart of how many ${thing} values fall into each bucket, with how many are at or below its upper edge in
 * whole percent (rounded down). Negative values are left out. Nothing to count gives an empty chart.
 */
export default function chart(values, width) {
  const counts = Array(COUNT).fill(0);
  let total = 0;
  for (const value of values) {
    if (value < 0) continue;
    counts[bucketOf(value)] += 1;
    total += 1;
  }
  if (total === 0) return [];
  const most = Math.max(...counts);
  let sum = 0;
  return counts.map((count, i) => {
    sum += count;
    return { name: nameOf(i), count, bar: bar(count, most, width), upTo: Math.floor((sum * 100) / total) };
  });
}
`),
      },
      args: (draw) => [
        many(draw, 0, 9, () => (draw.chance(8) ? -1 : near(draw, [0, ...edges]))),
        draw.int(3, 9),
      ],
    };
  },
};
