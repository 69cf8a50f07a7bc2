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
  /** @param legs taken before @param spent before */
  readonly isAllowed: (leg: Row, legs: number, spent: number) => boolean;
  /** What a leg adds. */
  readonly costOf: (leg: Row) => number;
  readonly limit: number;
  readonly endsAtGoal: boolean;
  /** Whether the stop is made, where there is one. */
  readonly passes: boolean;
  /** More are not listed. */
  readonly count: number;
  readonly isWanted: (keys: readonly string[], spent: number, legs: readonly Row[]) => boolean;
}

interface Ways {
  readonly found: readonly (readonly string[])[];
  /** Whether these are all. */
  readonly isDone: boolean;
}

/** @param best the lowest cost @param legsOfBest of a way that costs this */
export function nearWays(
  world: Simulation,
  ir: RouteIr,
  best: number,
  legsOfBest: number,
): NearEnds[] | undefined {
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

  /** The least that is left to pay from each place to one. */
  const leastTo = (target: string, { isAllowed, costOf }: Wish): Map<string, number> => {
    const least = new Map([[target, 0]]);
    const legs = [...out.values()].flat().filter((leg) => isAllowed(leg, 0, 0));
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
  const ways = (wish: Wish): Ways | undefined => {
    const found: string[][] = [];
    const most = wish.most;
    const toGoal = wish.endsAtGoal ? leastTo(goal, wish) : undefined;
    const toStop = via !== null && wish.passes ? leastTo(via, wish) : undefined;
    const fromStop = via === null ? 0 : (toGoal?.get(via) ?? (toGoal ? Infinity : 0));
    const least = (key: string): number =>
      toStop && key !== via && !keys.includes(via!)
        ? (toStop.get(key) ?? Infinity) + fromStop
        : toGoal
          ? (toGoal.get(key) ?? Infinity)
          : 0;
    const keys: string[] = [];
    const legs: Row[] = [];
    let steps = 0;
    const walk = (key: string, spent: number): boolean => {
      if (spent + least(key) > wish.limit) return true;
      if (++steps > MAX_STEPS || found.length > wish.count) return false;
      keys.push(key);
      if (wish.isWanted(keys, spent, legs)) found.push([...keys]);
      const isDone =
        legs.length === most ||
        (out.get(key) ?? []).every((leg) => {
          const sum = spent + wish.costOf(leg);
          if (sum > wish.limit || !wish.isAllowed(leg, legs.length, spent)) return true;
          legs.push(leg);
          const isWalked = walk(String(leg[to]), sum);
          legs.pop();
          return isWalked;
        });
      keys.pop();
      return isDone;
    };
    const isDone = wish.starts.every((key) => walk(key, 0));
    return isDone || found.length > 0 ? { found, isDone } : undefined;
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
    passes: true,
    count: MAX_NEAR,
    isWanted: () => false,
  };
  const near: NearEnds[] = [];
  /** @param isComplete where these are all that there are, if they could be listed */
  const add = (check: string, all: Ways | undefined, isComplete = true): void => {
    const ends = (all?.found ?? [])
      .slice(0, MAX_NEAR)
      .map((keys) => ({ submission: spelled(keys), changes: [] }));
    near.push({ check, ends, isComplete: isComplete && all?.isDone === true });
  };
  const others = [...places].filter((key) => key !== start);
  const ends = (keys: readonly string[]): boolean => keys.at(-1) === goal;
  add(
    'from',
    ways({
      ...wish,
      starts: others,
      isWanted: (keys, spent) => spent === best && ends(keys) && passes(keys) && avoids(keys),
    }),
  );
  add(
    'to',
    ways({
      ...wish,
      endsAtGoal: false,
      isWanted: (keys, spent) => spent === best && !ends(keys) && passes(keys) && avoids(keys),
    }),
  );
  if (via !== null) {
    add(
      'via',
      ways({
        ...wish,
        passes: false,
        isWanted: (keys, spent) => spent === best && ends(keys) && !passes(keys) && avoids(keys),
      }),
    );
  }
  for (const [i, key] of avoided.entries()) {
    add(
      `avoids:${i + 1}`,
      ways({
        ...wish,
        isWanted: (keys, spent) =>
          spent === best && ends(keys) && passes(keys) && keys.includes(key) && avoids(keys, key),
      }),
    );
  }
  if (ir.legs !== null) {
    add(
      'legs',
      ways({
        ...wish,
        most,
        isWanted: (keys, spent) =>
          spent === best && keys.length > limit + 1 && ends(keys) && passes(keys) && avoids(keys),
      }),
    );
  }
  // Longer than what is looked at: whatever follows, it says nothing of the legs.
  const cheapest = Math.min(...[...out.values()].flat().filter(isOpen).map(price));
  const long = ways({
    ...wish,
    passes: false,
    isAllowed: (leg, legs, spent) => isOpen(leg) && spent + (most - legs) * cheapest <= best,
    endsAtGoal: false,
    most,
    isWanted: (keys, spent) => spent === best && keys.length === MOST_PLACES && avoids(keys),
  });
  add('length', long && { ...long, found: long.found.map((keys) => [...keys, goal]) });
  add(
    'legs-exist',
    ways({
      ...wish,
      count: SOME,
      isAllowed: () => true,
      isWanted: (keys, spent, legs) =>
        spent === best && ends(keys) && passes(keys) && avoids(keys) && !legs.every(isOpen),
    }),
  );
  add(
    'adds-up',
    ways({
      ...wish,
      count: SOME,
      most: Math.min(limit, legsOfBest + 2),
      limit: 2 * best,
      isWanted: (keys, spent) => spent !== best && ends(keys) && passes(keys) && avoids(keys),
    }),
    false,
  );
  return near;
}
