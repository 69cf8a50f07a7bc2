// A network of places as the proposer sees it, and the cheapest way through it: Dijkstra over place, legs
// used and whether the stop on the way was made.

import type { Database } from '../database.js';
import type { Affordance } from '../world-types.js';
import type { RouteIr } from './plan-text.js';

export type Graph = Extract<Affordance, { kind: 'graph' }>;

export interface Leg {
  readonly to: string;
  readonly cost: number;
  readonly row: Readonly<Record<string, unknown>>;
}

export interface Route {
  readonly names: readonly string[];
  readonly cost: number;
}

export class Network {
  readonly #legs = new Map<string, Leg[]>();
  readonly names: readonly string[];
  /** Whether two legs join the same places in the same direction. */
  readonly hasParallels: boolean;

  constructor(db: Database, graph: Graph) {
    const { key } = db.spec(graph.nodeTable);
    const names = new Map(
      db.rows(graph.nodeTable).map((row) => [String(row[key]), String(row[graph.nodeName])]),
    );
    this.names = [...names.values()];
    const pairs = new Set<string>();
    const rows = db.rows(graph.edgeTable);
    for (const row of rows) {
      const from = names.get(String(row[graph.from]))!;
      const to = names.get(String(row[graph.to]))!;
      pairs.add(`${from}\n${to}`);
      const legs = this.#legs.get(from) ?? [];
      legs.push({ to, cost: Number(row[graph.cost]), row });
      this.#legs.set(from, legs);
    }
    this.hasParallels = pairs.size < rows.length;
  }

  legs(from: string): readonly Leg[] {
    return this.#legs.get(from) ?? [];
  }
}

const MAX_LEGS = 16;

interface State {
  readonly names: readonly string[];
  readonly cost: number;
  readonly met: boolean;
}

/** The cheapest way, or the cheapest of those with the fewest legs; undefined if there is none. */
export function cheapest(network: Network, ir: RouteIr, fewest = false): Route | undefined {
  const open: State[] = [{ names: [ir.from], cost: 0, met: ir.via === null || ir.via === ir.from }];
  const settled = new Set<string>();
  const most = ir.legs ?? MAX_LEGS;
  const weight = ({ cost, names }: State): number => (fewest ? names.length * 1e7 + cost : cost);
  while (open.length > 0) {
    let at = 0;
    for (let i = 1; i < open.length; i++) if (weight(open[i]!) < weight(open[at]!)) at = i;
    const [state] = open.splice(at, 1);
    const { names, cost, met } = state!;
    const here = names.at(-1)!;
    if (here === ir.to && met) return { names, cost };
    // The number of legs matters only where it is limited.
    const id = `${here}\n${met}\n${ir.legs === null ? '' : names.length}`;
    if (settled.has(id) || names.length > most) continue;
    settled.add(id);
    for (const { to, cost: more, row } of network.legs(here)) {
      if (ir.avoid.includes(to) || (ir.shut !== null && row[ir.shut] === true)) continue;
      if (ir.mode !== null && row[ir.mode.column] === ir.mode.value) continue;
      open.push({ names: [...names, to], cost: cost + more, met: met || to === ir.via });
    }
  }
  return undefined;
}
