// What belongs together through pairs (union-find).

import { many, source, type ProgramTemplate } from '../program.js';
import { NODES, two } from './draws.js';

export const groups: ProgramTemplate = {
  id: 'groups',
  make(random, { thing }) {
    const strong = random.int(3, 6);
    return {
      files: {
        'union.js': source(`
/** Groups that can be joined: every name begins as one of its own. */
export function newGroups(names) {
  return new Map(names.map((name) => [name, name]));
}

/** The name that stands for a group. */
export function rootOf(groups, name) {
  let at = name;
  while (groups.get(at) !== at) at = groups.get(at);
  return at;
}

/** Joins two groups; the name that comes first in the alphabet stands for both. */
export function join(groups, a, b) {
  const [first, second] = [rootOf(groups, a), rootOf(groups, b)];
  if (first === second) return false;
  if (first < second) groups.set(second, first);
  else groups.set(first, second);
  return true;
}
`),
        'index.js': source(`
import { join, newGroups, rootOf } from './union.js';

/** Two belong together where they have been seen together at least this often. */
const OFTEN = ${strong};

/**
 * Which ${thing} names belong together, directly or through others.
 * @param pairs list of { a, b, times }; the same pair may come several times and its times add up
 * @returns groups of at least two, the largest first, equal ones by their first name; names in order
 */
export default function groupsOf(names, pairs) {
  const groups = newGroups(names);
  const times = new Map();
  for (const pair of pairs) {
    if (!groups.has(pair.a) || !groups.has(pair.b)) continue;
    const id = pair.a < pair.b ? pair.a + ' ' + pair.b : pair.b + ' ' + pair.a;
    const sum = (times.get(id) ?? 0) + pair.times;
    times.set(id, sum);
    if (sum >= OFTEN) join(groups, pair.a, pair.b);
  }
  const members = new Map();
  for (const name of [...names].sort()) {
    const root = rootOf(groups, name);
    members.set(root, [...(members.get(root) ?? []), name]);
  }
  return [...members.values()]
    .filter((group) => group.length > 1)
    .sort((a, b) => b.length - a.length || (a[0] < b[0] ? -1 : 1));
}
`),
      },
      args: (draw) => [
        draw.sample(NODES, draw.int(2, 6)),
        many(draw, 0, 8, () => {
          const [a, b] = two(draw);
          return { a, b, times: draw.pick([1, 2, strong - 1, strong, strong + 1]) };
        }),
      ],
    };
  },
};
