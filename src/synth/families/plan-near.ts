// Routes that miss a request by one demand, for each demand: all ways of the right cost that begin or end
// elsewhere, that leave out the stop, pass an avoided place or take too many legs; and of those with legs
// that must not be used, or of another cost, some. @see plan-solver.ts

import type { JsonObject, Row } from '../world-types.js';
import type { NearEnds } from './family.js';
import { affordancesOf } from './operate/operation.js';
import type { Simulation } from './operate/simulation.js';
import { MOST_PLACES } from './plan-checks.js';
import type { RouteIr } from './plan-text.js';

/** Places looked at for one demand. */
const MAX_STEPS = 40_000;
/** Of one demand. */
const MAX_NEAR = 100;
/** Of a demand that is missed in endless ways. */
const SOME = 12;

interface Wish {
  readonly starts: readonly string[];
  readonly most: number;
  readonly isAllowed: (leg: Row) => boolean;
  /** What a leg adds. */
  readonly costOf: (leg: Row) => number;
  readonly limit: number;
  readonly endsAtGoal: boolean;
  /** More are not listed. */
  readonly count: number;
  readonly isWanted: (keys: readonly string[], spent: number, legs: readonly Row[]) => boolean;
}

/** @param best the lowest cost */
export function nearWays(world: Simulation, ir: RouteIr, best: number): NearEnds[] | undefined {
  const graph = affordancesOf(world.env, 'graph').find(({ edgeTable }) => edgeTable === ir.edges);
  if (!graph) return undefined;
  const { nodeTable, edgeTable, from, to, cost } = graph;
  const keyOf = (name: string): string => world.byName(nodeTable, name) ?? '';
  const [start, goal] = [keyOf(ir.from), keyOf(ir.to)];
  const avoided = ir.avoid.map(keyOf);
  const via = ir.via === null ? null : keyOf(ir.via);
  const out = new Map<string, Row[]>();
  const places = new Set<string>();
  for (const row of world.rows(edgeTable)) {
    const key = String(row[from]);
    places.add(key).add(String(row[to]));
    out.set(key, [...(out.get(key) ?? []), row]);
  }
  const isOpen = (leg: Row): boolean =>
    (ir.shut === null || leg[ir.shut] === false) &&
    (ir.mode === null || leg[ir.mode.column] !== ir.mode.value);
  const price = (leg: Row): number => Number(leg[cost]);

  /** The least that is left to pay from each place to the goal. */
  const leastTo = ({ isAllowed, costOf }: Wish): Map<string, number> => {
    const least = new Map([[goal, 0]]);
    const legs = [...out.values()].flat().filter(isAllowed);
    for (let isBetter = true; isBetter;) {
      isBetter = false;
      for (const leg of legs) {
        const sum = costOf(leg) + (least.get(String(leg[to])) ?? Infinity);
        if (sum >= (least.get(String(leg[from])) ?? Infinity)) continue;
        least.set(String(leg[from]), sum);
        isBetter = true;
      }
    }
    return least;
  };
  /** undefined = too much. */
  const ways = (wish: Wish): string[][] | undefined => {
    const found: string[][] = [];
    const most = wish.most;
    const least = wish.endsAtGoal ? leastTo(wish) : undefined;
    const keys: string[] = [];
    const legs: Row[] = [];
    let steps = 0;
    const walk = (key: string, spent: number): boolean => {
      if (least && spent + (least.get(key) ?? Infinity) > wish.limit) return true;
      if (++steps > MAX_STEPS || found.length > wish.count) return false;
      keys.push(key);
      if (wish.isWanted(keys, spent, legs)) found.push([...keys]);
      const isDone =
        legs.length === most ||
        (out.get(key) ?? []).every((leg) => {
          const sum = spent + wish.costOf(leg);
          if (sum > wish.limit || !wish.isAllowed(leg)) return true;
          legs.push(leg);
          const isWalked = walk(String(leg[to]), sum);
          legs.pop();
          return isWalked;
        });
      keys.pop();
      return isDone;
    };
    const isDone = wish.starts.every((key) => walk(key, 0));
    return isDone || found.length > wish.count ? found : undefined;
  };
  const spelled = (keys: readonly string[]): JsonObject => ({
    route: keys.map((key) => world.nameOf(nodeTable, key)),
    cost: best,
  });
  const most = MOST_PLACES - 1;
  const limit = ir.legs ?? most;
  const passes = (keys: readonly string[]): boolean => via === null || keys.includes(via);
  const avoids = (keys: readonly string[], but?: string): boolean =>
    avoided.every((key) => key === but || !keys.includes(key));
  const wish: Wish = {
    starts: [start],
    most: limit,
    isAllowed: isOpen,
    costOf: price,
    limit: best,
    endsAtGoal: true,
    count: MAX_NEAR,
    isWanted: () => false,
  };
  const near: NearEnds[] = [];
  const add = (all: string[][] | undefined, isComplete = true): void => {
    const ends = (all ?? [])
      .slice(0, MAX_NEAR)
      .map((keys) => ({ submission: spelled(keys), changes: [] }));
    near.push({ ends, isComplete: isComplete && all !== undefined && all.length <= MAX_NEAR });
  };
  const others = [...places].filter((key) => key !== start);
  const ends = (keys: readonly string[]): boolean => keys.at(-1) === goal;
  add(
    ways({
      ...wish,
      starts: others,
      isWanted: (keys, spent) => spent === best && ends(keys) && passes(keys) && avoids(keys),
    }),
  );
  add(
    ways({
      ...wish,
      endsAtGoal: false,
      isWanted: (keys, spent) => spent === best && !ends(keys) && passes(keys) && avoids(keys),
    }),
  );
  if (via !== null) {
    add(
      ways({
        ...wish,
        isWanted: (keys, spent) => spent === best && ends(keys) && !passes(keys) && avoids(keys),
      }),
    );
  }
  for (const key of avoided) {
    add(
      ways({
        ...wish,
        isWanted: (keys, spent) =>
          spent === best && ends(keys) && passes(keys) && keys.includes(key) && avoids(keys, key),
      }),
    );
  }
  if (ir.legs !== null) {
    add(
      ways({
        ...wish,
        most,
        isWanted: (keys, spent) =>
          spent === best && keys.length > limit + 1 && ends(keys) && passes(keys) && avoids(keys),
      }),
    );
  }
  // Longer than what is looked at: whatever follows, it says nothing of the legs.
  const long = ways({
    ...wish,
    endsAtGoal: false,
    most,
    isWanted: (keys, spent) => spent === best && keys.length === MOST_PLACES && avoids(keys),
  });
  add(long?.map((keys) => [...keys, goal]));
  add(
    ways({
      ...wish,
      count: SOME,
      isAllowed: () => true,
      costOf: (leg) => (isOpen(leg) ? price(leg) : 0),
      isWanted: (keys, spent, legs) =>
        spent === best && ends(keys) && passes(keys) && avoids(keys) && !legs.every(isOpen),
    }),
    false,
  );
  add(
    ways({
      ...wish,
      count: SOME,
      limit: 2 * best,
      isWanted: (keys, spent) => spent !== best && ends(keys) && passes(keys) && avoids(keys),
    }),
    false,
  );
  return near;
}
