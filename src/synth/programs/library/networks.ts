// Programs over graphs: orders, routes, groups, trees.

import { many, source, type ProgramTemplate } from '../program.js';
import type { Random } from '../../random.js';

const NODES = ['a', 'b', 'c', 'd', 'e', 'f'];
const two = (draw: Random): [string, string] => draw.sample(NODES, 2) as [string, string];

export const buildOrder: ProgramTemplate = {
  id: 'order',
  make(_random, { thing }) {
    return {
      files: {
        'graph.js': source(`
/** What each one needs, by name: every name that occurs, each need once. Needing oneself counts. */
export function needsOf(items, needs) {
  const graph = new Map(items.map((item) => [item, new Set()]));
  for (const { item, needs: other } of needs) {
    if (!graph.has(item)) graph.set(item, new Set());
    if (!graph.has(other)) graph.set(other, new Set());
    graph.get(item).add(other);
  }
  return graph;
}
`),
        'ready.js': source(`
/** The first name, in order of the alphabet, that is not done and needs nothing that is not done. */
export function nextReady(graph, done) {
  let found = null;
  for (const [item, needs] of graph) {
    if (done.has(item) || [...needs].some((other) => !done.has(other))) continue;
    if (found === null || item < found) found = item;
  }
  return found;
}
`),
        'index.js': source(`
import { needsOf } from './graph.js';
import { nextReady } from './ready.js';

/**
 * An order in which every ${thing} comes after all that it needs; among those that could come next the first
 * in the alphabet. Names that only occur as needs belong to it.
 * @returns { order, stuck }: what can be done, and in order of the alphabet what needs itself in the end
 */
export default function orderOf(items, needs) {
  const graph = needsOf(items, needs);
  const done = new Set();
  const order = [];
  for (;;) {
    const next = nextReady(graph, done);
    if (next === null) break;
    done.add(next);
    order.push(next);
  }
  const stuck = [...graph.keys()].filter((item) => !done.has(item)).sort();
  return { order, stuck };
}
`),
      },
      args: (draw) => [
        draw.sample(NODES, draw.int(0, 5)),
        many(draw, 0, 6, () => {
          const [item, needs] = two(draw);
          return draw.chance(4)
            ? { item, needs: item }
            : item > needs || draw.chance(12)
              ? { item, needs }
              : { item: needs, needs: item };
        }),
      ],
    };
  },
};

export const route: ProgramTemplate = {
  id: 'route',
  make(random, { place }) {
    const change = random.int(2, 4);
    return {
      files: {
        'network.js': source(`
/** Connections that start somewhere: both ways unless they are marked \`oneWay\`; closed ones are left out. */
export function departures(links, from) {
  const out = [];
  for (const link of links) {
    if (link.closed) continue;
    if (link.from === from) out.push({ to: link.to, minutes: link.minutes, line: link.line });
    else if (link.to === from && !link.oneWay) {
      out.push({ to: link.from, minutes: link.minutes, line: link.line });
    }
  }
  return out;
}
`),
        'cost.js': source(`
/** Minutes that a change from one line to another takes; getting on at the start is no change. */
const CHANGE = ${change};

export function costOf(line, next) {
  return next.minutes + (line !== null && line !== next.line ? CHANGE : 0);
}
`),
        'index.js': source(`
import { costOf } from './cost.js';
import { departures } from './network.js';

/**
 * The shortest way from one ${place} to another, with the time for changes (Dijkstra over places and lines).
 * @returns minutes and the number of changes (the fewest among equally short ways), or null if there is none
 */
export default function shortestWay(links, from, to) {
  const open = [{ at: from, line: null, minutes: 0, changes: 0 }];
  const seen = new Set();
  while (open.length > 0) {
    open.sort((a, b) => a.minutes - b.minutes || a.changes - b.changes);
    const here = open.shift();
    if (here.at === to) return { minutes: here.minutes, changes: here.changes };
    const id = here.at + ' ' + here.line;
    if (seen.has(id)) continue;
    seen.add(id);
    for (const next of departures(links, here.at)) {
      const changed = here.line !== null && here.line !== next.line ? 1 : 0;
      open.push({
        at: next.to,
        line: next.line,
        minutes: here.minutes + costOf(here.line, next),
        changes: here.changes + changed,
      });
    }
  }
  return null;
}
`),
      },
      args: (draw) => {
        const places = NODES.slice(0, 5);
        const links = many(draw, 3, 7, () => {
          const [from, to] = draw.sample(places, 2) as [string, string];
          return {
            from,
            to,
            minutes: draw.int(1, 9),
            line: draw.pick(['U', 'V']),
            ...(draw.chance(20) && { oneWay: true }),
            ...(draw.chance(12) && { closed: true }),
          };
        });
        return [links, draw.pick(places), draw.pick(places)];
      },
    };
  },
};

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

export const partsList: ProgramTemplate = {
  id: 'parts',
  make(random, { thing }) {
    const spare = random.int(10, 25);
    return {
      files: {
        'explode.js': source(`
/** Adds to \`counts\` how many of each basic part go into so many of one; deeper than 8 levels is an error. */
export function explode(recipes, name, quantity, counts, depth = 0) {
  if (depth > 8) throw new Error('too deep');
  const recipe = recipes[name];
  if (recipe === undefined) {
    counts[name] = (counts[name] ?? 0) + quantity;
    return;
  }
  // What a recipe makes at once may be more than one; begun batches are made in full.
  const batches = Math.ceil(quantity / (recipe.makes ?? 1));
  for (const part of recipe.parts) {
    explode(recipes, part.name, batches * part.quantity, counts, depth + 1);
  }
}
`),
        'stock.js': source(`
/** Basic parts are ordered with ${spare} percent more than needed, rounded up. */
const SPARE_PERCENT = ${spare};

/** How many to order of a part, given what is there; never less than nothing. */
export function toOrder(needed, inStock) {
  const wanted = needed + Math.ceil((needed * SPARE_PERCENT) / 100);
  return Math.max(0, wanted - inStock);
}
`),
        'index.js': source(`
import { explode } from './explode.js';
import { toOrder } from './stock.js';

/**
 * What must be ordered to make so many of a ${thing}, by name.
 * @param recipes by name: { parts: [{ name, quantity }], makes } (makes is 1 where it is absent)
 * @returns null where a recipe goes round in circles
 */
export default function order(recipes, name, quantity, stock) {
  const counts = {};
  try {
    explode(recipes, name, quantity, counts);
  } catch {
    return null;
  }
  const lines = [];
  for (const part of Object.keys(counts).sort()) {
    const missing = toOrder(counts[part], stock[part] ?? 0);
    if (missing > 0) lines.push({ part, quantity: missing });
  }
  return lines;
}
`),
      },
      args: (draw) => {
        const part = (names: readonly string[]) => ({
          name: draw.pick(names),
          quantity: draw.int(1, 4),
        });
        const recipes = {
          top: { parts: many(draw, 1, 3, () => part(['mid', 'low', 'bolt', 'nut'])) },
          mid: {
            makes: draw.int(1, 3),
            parts: many(draw, 1, 2, () => part(['low', 'bolt', 'wire'])),
          },
          low: {
            ...(draw.chance(50) && { makes: draw.int(2, 5) }),
            parts: many(draw, 1, 2, () => part(draw.chance(8) ? ['top'] : ['nut', 'wire'])),
          },
        };
        return [
          recipes,
          draw.pick(['top', 'top', 'mid', 'bolt']),
          draw.int(0, 7),
          { bolt: draw.int(0, 9), nut: draw.int(0, 20) },
        ];
      },
    };
  },
};

export const orgChart: ProgramTemplate = {
  id: 'tree',
  make(random, { person }) {
    const widest = random.int(2, 3);
    return {
      files: {
        'children.js': source(`
/** Entries directly below one, in the order given; below null are those without anyone above them. */
export function below(entries, id) {
  return entries.filter((entry) => (entry.above ?? null) === id);
}

/** Whether an entry has itself somewhere above it. */
export function isCircular(entries, entry) {
  let at = entry.above ?? null;
  for (let steps = 0; at !== null && steps <= entries.length; steps++) {
    if (at === entry.id) return true;
    const next = entries.find((one) => one.id === at);
    at = next === undefined ? null : (next.above ?? null);
  }
  return false;
}
`),
        'measure.js': source(`
import { below } from './children.js';

/** Size (with itself) and number of levels of the part of the tree that begins at an entry. */
export function measure(entries, entry) {
  let size = 1;
  let levels = 0;
  for (const child of below(entries, entry.id)) {
    const inner = measure(entries, child);
    size += inner.size;
    levels = Math.max(levels, inner.levels);
  }
  return { size, levels: levels + 1 };
}
`),
        'index.js': source(`
import { below, isCircular } from './children.js';
import { measure } from './measure.js';

/** Nobody should have more than this many directly below. */
const WIDEST = ${widest};

/**
 * What is to be said of each ${person} at the head of a chart, in the order given: size, levels, and who of
 * theirs has too many directly below. Entries in a circle are listed apart.
 * @param entries list of { id, above }
 */
export default function review(entries) {
  const circular = entries.filter((entry) => isCircular(entries, entry)).map((entry) => entry.id);
  const wide = (entry) => {
    const own = below(entries, entry.id);
    const inner = own.flatMap(wide);
    return own.length > WIDEST ? [entry.id, ...inner] : inner;
  };
  const heads = below(entries, null).map((entry) => ({
    id: entry.id,
    ...measure(entries, entry),
    wide: wide(entry),
  }));
  return { heads, circular };
}
`),
      },
      args: (draw) => {
        const count = draw.int(1, 9);
        return [
          Array.from({ length: count }, (_, i) => ({
            id: i + 1,
            ...(i > 0 &&
              draw.chance(85) && { above: draw.chance(6) ? count : draw.int(1, Math.min(i, 3)) }),
          })),
        ];
      },
    };
  },
};
