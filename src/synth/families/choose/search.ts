// Exact search for choices that meet constraints: backtracking over slots, each constraint asked as soon
// as its last slot is filled, slots with few candidates first. Counts its nodes. Deterministic.

import type { Row } from '../../world-types.js';
import type { Constraint } from '../constraint.js';
import type { Pick, Test, Truth } from './truth.js';

/** More nodes than any wanted task needs: the search gives up, the candidate is dropped. */
const MAX_NODES = 400_000;

const EVERYTHING: Bound = { sign: 1, limit: () => Infinity };

/** The bound that limits on the total cost are. */
function capOf(constraints: readonly Constraint[]): Bound {
  const caps = constraints.flatMap((one) => {
    if (one.kind === 'between' && one.of === 'all') return [one.high];
    return one.kind === 'total' && one.of === 'all' && one.op === '<=' ? [one.value] : [];
  });
  const cap = Math.min(...caps);
  return caps.length === 0 ? EVERYTHING : { sign: 1, limit: () => cap };
}

export class SearchTooLarge extends Error {
  override name = 'SearchTooLarge';
}

/** Cuts off branches whose total cost cannot come below a limit any more. */
export interface Bound {
  /** 1 = low totals are wanted, -1 = high ones. */
  readonly sign: 1 | -1;
  /** Totals (times the sign) above it are of no interest. */
  limit(): number;
}

export class Search {
  nodes = 0;

  constructor(
    readonly truth: Truth,
    /** Candidates by position of the slot. */
    readonly domains: readonly (readonly Row[])[],
  ) {}

  /** Candidates that are left when constraints on single slots are asked first. */
  narrowed(constraints: readonly Constraint[]): Row[][] {
    const slots = this.domains.map(() => undefined) as unknown as Row[];
    const single = constraints.flatMap((constraint) => {
      const needs = this.truth.needs(constraint);
      return needs.length === 1 ? [{ at: needs[0]!, test: this.truth.test(constraint) }] : [];
    });
    return this.domains.map((rows, at) => {
      const tests = single.filter((one) => one.at === at).map(({ test }) => test);
      return rows.filter((row) => {
        slots[at] = row;
        return tests.every((test) => test(slots));
      });
    });
  }

  /**
   * Calls `visit` with every choice that meets the constraints, until it returns true. With a bound,
   * choices of no interest are left out and wanted ones tend to come early.
   * @throws SearchTooLarge
   */
  each(
    constraints: readonly Constraint[],
    visit: (pick: Pick) => boolean,
    wanted: Bound = EVERYTHING,
  ): void {
    const bound = wanted === EVERYTHING ? capOf(constraints) : wanted;
    const open = this.narrowed(constraints);
    const price = (at: number, row: Row): number => bound.sign * this.truth.cost(at, row);
    const order = open
      .map((rows, at) => ({ at, size: rows.length }))
      .toSorted((a, b) => a.size - b.size || a.at - b.at)
      .map(({ at }) => at);
    const domains = order.map((at) =>
      bound === EVERYTHING ? open[at]! : open[at]!.toSorted((a, b) => price(at, a) - price(at, b)),
    );
    if (domains.some((rows) => rows.length === 0)) return;
    /** Least that the slots from this depth on add. */
    const rest = [0];
    for (let depth = order.length - 1; depth > 0; depth--) {
      rest.unshift(rest[0]! + price(order[depth]!, domains[depth]![0]!));
    }
    const tests = this.#testsByDepth(constraints, order);
    const pick: Row[] = [];
    let nodes = 0;
    const go = (depth: number, spent: number): boolean => {
      if (depth === order.length) return visit([...pick]);
      const at = order[depth]!;
      for (const row of domains[depth]!) {
        if (++nodes > MAX_NODES) throw new SearchTooLarge(`more than ${MAX_NODES} nodes`);
        const cost = spent + price(at, row);
        if (bound !== EVERYTHING && cost + rest[depth]! > bound.limit()) break;
        pick[at] = row;
        if (tests[depth]!.every((test) => test(pick)) && go(depth + 1, cost)) return true;
      }
      return false;
    };
    try {
      go(0, 0);
    } finally {
      this.nodes += nodes;
    }
  }

  /** How many ways the demands on single slots leave. */
  ways(constraints: readonly Constraint[]): number {
    return this.narrowed(constraints).reduce((product, rows) => product * rows.length, 1);
  }

  /** Up to `limit` choices. @throws SearchTooLarge */
  all(constraints: readonly Constraint[], limit: number): Pick[] {
    const found: Pick[] = [];
    this.each(constraints, (pick) => found.push(pick) >= limit);
    return found;
  }

  /** Up to `limit` choices that meet all constraints but one on a single slot. @throws SearchTooLarge */
  without(constraints: readonly Constraint[], dropped: Constraint, limit: number): Pick[] {
    const [at] = this.truth.needs(dropped) as [number];
    const test = this.truth.test(dropped);
    const pick: Row[] = [];
    const violating = this.domains[at]!.filter((row) => {
      pick[at] = row;
      return !test(pick);
    });
    const inner = new Search(this.truth, this.domains.with(at, violating));
    const rest = constraints.filter((one) => one !== dropped);
    try {
      return inner.all(rest, limit);
    } finally {
      this.nodes += inner.nodes;
    }
  }

  /** Constraints on several slots, by the depth at which the last of them is filled. */
  #testsByDepth(constraints: readonly Constraint[], order: readonly number[]): Test[][] {
    const tests: Test[][] = order.map(() => []);
    for (const constraint of constraints) {
      const needs = this.truth.needs(constraint);
      if (needs.length < 2) continue;
      const depth = Math.max(...needs.map((at) => order.indexOf(at)));
      tests[depth]!.push(this.truth.test(constraint));
    }
    return tests;
  }
}
