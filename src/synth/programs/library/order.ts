// An order in which everything comes after what it needs.

import { many, source, type ProgramTemplate } from '../program.js';
import { NODES, two } from './draws.js';

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
