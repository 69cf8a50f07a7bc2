// The solver of routes: costs to go by value iteration over the number of legs left, then every way that
// spends exactly the lowest cost. Shares nothing with the proposer's search.

import type { JsonObject, Row } from '../world-types.js';
import { affordancesOf } from './operate/operation.js';
import type { Simulation } from './operate/simulation.js';
import type { RouteIr } from './plan-text.js';

const MAX_LEGS = 16;

/** Submissions for all best ways, up to a number. */
export function bestWays(world: Simulation, ir: RouteIr, limit: number): JsonObject[] {
  const graph = affordancesOf(world.env, 'graph').find(({ edgeTable }) => edgeTable === ir.edges);
  if (!graph) return [];
  const { nodeTable, edgeTable, from, to, cost } = graph;
  const avoided = new Set(ir.avoid.map((name) => world.byName(nodeTable, name)));
  const start = world.byName(nodeTable, ir.from);
  const goal = world.byName(nodeTable, ir.to);
  const via = ir.via === null ? null : world.byName(nodeTable, ir.via);
  if (start === undefined || goal === undefined || via === undefined) return [];
  const edges = world
    .rows(edgeTable)
    .filter((row) => ir.shut === null || row[ir.shut] === false)
    .filter((row) => ir.mode === null || row[ir.mode.column] !== ir.mode.value)
    .filter((row) => !avoided.has(String(row[to])));
  const out = new Map<string, Row[]>();
  for (const row of edges) {
    const key = String(row[from]);
    out.set(key, [...(out.get(key) ?? []), row]);
  }
  const most = ir.legs ?? MAX_LEGS;
  // left[n]: cost to the goal with at most n legs, by place and whether the stop was made.
  const id = (key: string, met: boolean): string => `${key} ${met}`;
  const left: Map<string, number>[] = [new Map([[id(goal, true), 0]])];
  for (let n = 1; n <= most; n++) {
    const before = left[n - 1]!;
    const now = new Map(before);
    for (const row of edges) {
      for (const met of [true, false]) {
        world.nodes++;
        const next = String(row[to]);
        const rest = before.get(id(next, met || next === via));
        if (rest === undefined) continue;
        const here = id(String(row[from]), met);
        const sum = rest + Number(row[cost]);
        if (sum < (now.get(here) ?? Infinity)) now.set(here, sum);
      }
    }
    left.push(now);
  }
  const met = via === null || via === start;
  const best = left[most]!.get(id(start, met));
  if (best === undefined) return [];
  const found: JsonObject[] = [];
  const walk = (keys: readonly string[], now: boolean, spent: number): void => {
    if (found.length >= limit) return;
    const here = keys.at(-1)!;
    if (here === goal && now && spent === best) {
      found.push({ route: keys.map((key) => world.nameOf(nodeTable, key)), cost: best });
      return;
    }
    const legsLeft = most - keys.length;
    if (legsLeft < 0) return;
    for (const row of out.get(here) ?? []) {
      world.nodes++;
      const next = String(row[to]);
      const then = now || next === via;
      const rest = left[legsLeft]!.get(id(next, then));
      const sum = spent + Number(row[cost]);
      if (rest !== undefined && sum + rest === best) walk([...keys, next], then, sum);
    }
  };
  walk([start], met, 0);
  return found;
}
