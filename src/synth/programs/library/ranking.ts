// A table of results with shared places.

import { many, source, type ProgramTemplate } from '../program.js';

export const ranking: ProgramTemplate = {
  id: 'ranking',
  make(random, { person }) {
    const best = random.int(2, 4);
    const fewest = random.int(1, 2);
    return {
      files: {
        'score.js': source(`
/** Only the best ${best} results count. */
const COUNTED = ${best};
/** Who has fewer results than this is not ranked. */
export const FEWEST = ${fewest};

/** Sum of the best results. */
export function scoreOf(results) {
  const sorted = [...results].sort((a, b) => b - a);
  return sorted.slice(0, COUNTED).reduce((sum, result) => sum + result, 0);
}
`),
        'order.js': source(`
/** Higher scores first; then the higher best single result; then by name. */
export function compare(a, b) {
  if (a.score !== b.score) return b.score - a.score;
  if (a.best !== b.best) return b.best - a.best;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
`),
        'index.js': source(`
import { compare } from './order.js';
import { FEWEST, scoreOf } from './score.js';

/**
 * The table of each ${person}'s results. Equal scores share a place, and the places after them are left out
 * (1, 2, 2, 4).
 * @param entries list of { name, result }
 */
export default function table(entries) {
  const results = new Map();
  for (const { name, result } of entries) {
    results.set(name, [...(results.get(name) ?? []), result]);
  }
  const rows = [];
  for (const [name, own] of results) {
    if (own.length < FEWEST) continue;
    rows.push({ name, score: scoreOf(own), best: Math.max(...own) });
  }
  rows.sort(compare);
  let place = 0;
  return rows.map((row, i) => {
    if (i === 0 || rows[i - 1].score !== row.score) place = i + 1;
    return { place, name: row.name, score: row.score };
  });
}
`),
      },
      args: (draw) => [
        many(draw, 0, 12, () => ({
          name: draw.pick(['ann', 'bob', 'cat', 'dov', 'eva']),
          result: draw.int(0, 5),
        })),
      ],
    };
  },
};
