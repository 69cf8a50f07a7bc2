// Sums by group, the small ones together.

import { many, source, type ProgramTemplate } from '../program.js';

export const summary: ProgramTemplate = {
  id: 'summary',
  make(random, { place }) {
    const small = random.int(15, 25);
    return {
      files: {
        'group.js': source(`
/** Sums and counts by key, in order of first appearance. Rows without an amount count, but add nothing. */
export function grouped(rows, key) {
  const groups = new Map();
  for (const row of rows) {
    const name = row[key] ?? 'none';
    const group = groups.get(name) ?? { name, sum: 0, count: 0 };
    group.sum += row.amount ?? 0;
    group.count += 1;
    groups.set(name, group);
  }
  return [...groups.values()];
}
`),
        'share.js': source(`
/** Whole percent of a total, rounded to the nearest one, halves up; 0 of nothing. */
export function percent(part, total) {
  if (total === 0) return 0;
  return Math.floor((part * 200 + total) / (2 * total));
}
`),
        'index.js': source(`
import { grouped } from './group.js';
import { percent } from './share.js';

/** Groups with less than this share of the total, in percent, go into "other". */
const SMALL = ${small};

/**
 * Amounts by ${place}: the largest sum first, equal ones by name; "other" comes last and is there only if
 * more than one group is small.
 */
export default function summarise(rows) {
  const groups = grouped(rows, '${place}');
  const total = groups.reduce((sum, group) => sum + group.sum, 0);
  const isSmall = (group) => group.sum * 100 < total * SMALL;
  const small = groups.filter(isSmall);
  const shown = small.length > 1 ? groups.filter((group) => !isSmall(group)) : groups;
  shown.sort((a, b) => b.sum - a.sum || (a.name < b.name ? -1 : 1));
  const lines = shown.map((group) => ({ ...group, percent: percent(group.sum, total) }));
  if (small.length > 1) {
    const sum = small.reduce((all, group) => all + group.sum, 0);
    const count = small.reduce((all, group) => all + group.count, 0);
    lines.push({ name: 'other', sum, count, percent: percent(sum, total) });
  }
  return lines;
}
`),
      },
      args: (draw) => [
        many(draw, 0, 9, () => ({
          ...(draw.chance(85) && { [place]: draw.pick(['east', 'west', 'north', 'south', 'mid']) }),
          ...(draw.chance(90) && { amount: draw.pick([1, 2, 5, 10, 20, 25]) }),
        })),
      ],
    };
  },
};
