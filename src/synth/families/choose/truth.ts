// Whether rows chosen for slots meet constraints, worked out directly on the rows: the solver's side.
// The verifier has its own, in expressions (choose/checks.ts); the two share no code. Comparisons with
// null are false on both sides.

import type { Database } from '../../database.js';
import type { Row, Value } from '../../world-types.js';
import {
  slotsOf,
  tableOf,
  type Choosable,
  type Comparison,
  type Constraint,
  type Slot,
  type Slots,
} from '../constraint.js';

/** Rows by position of the slot. */
export type Pick = readonly Row[];
export type Test = (pick: Pick) => boolean;

export function compare(left: Value, op: Comparison, right: Value): boolean {
  if (left === null || right === null) return false;
  if (op === '=') return left === right;
  if (op === '!=') return left !== right;
  if (typeof left !== typeof right || typeof left === 'boolean') return false;
  switch (op) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
}

export class Truth {
  readonly #position: ReadonlyMap<string, number>;
  /** Columns by position of the slot. */
  readonly #cost: readonly string[];
  readonly #group: readonly string[];

  constructor(
    readonly db: Database,
    readonly slots: readonly Slot[],
    things: readonly Choosable[],
  ) {
    this.#position = new Map(slots.map(({ id }, i) => [id, i]));
    const of = ({ table }: Slot): Choosable => things.find((thing) => thing.table === table)!;
    this.#cost = slots.map((slot) => of(slot).cost);
    this.#group = slots.map((slot) => of(slot).group ?? '');
  }

  /** The value at the end of a path from a row of the table. */
  cell(table: string, row: Row, path: readonly string[]): Value {
    const value = row[path[0]!] ?? null;
    if (path.length === 1 || typeof value !== 'string') return path.length === 1 ? value : null;
    const parent = this.db.spec(table).columns.find(({ name }) => name === path[0])?.references;
    return parent === undefined ? null : (this.db.get(parent, value)?.[path[1]!] ?? null);
  }

  cost(slot: number, row: Row): number {
    return row[this.#cost[slot]!] as number;
  }

  total(positions: readonly number[], pick: Pick): number {
    let sum = 0;
    for (const at of positions) sum += this.cost(at, pick[at]!);
    return sum;
  }

  positions(of: Slots): number[] {
    return of === 'all' ? this.slots.map((_, i) => i) : of.map((id) => this.#at(id));
  }

  /** The positions that a constraint needs filled. */
  needs(constraint: Constraint): number[] {
    return slotsOf(constraint, this.slots).map((id) => this.#at(id));
  }

  test(constraint: Constraint): Test {
    switch (constraint.kind) {
      case 'atom': {
        const { path, op, value } = constraint;
        const at = this.#at(constraint.of);
        const table = tableOf(constraint.of);
        const [column] = path;
        return path.length === 1
          ? (pick) => compare(pick[at]![column!] ?? null, op, value as Value)
          : (pick) => compare(this.cell(table, pick[at]!, path), op, value as Value);
      }
      case 'total': {
        const at = this.positions(constraint.of);
        return (pick) => compare(this.total(at, pick), constraint.op, constraint.value);
      }
      case 'between': {
        const at = this.positions(constraint.of);
        return (pick) => {
          const sum = this.total(at, pick);
          return sum >= constraint.low && sum <= constraint.high;
        };
      }
      case 'if': {
        const when = this.test(constraint.if);
        const yes = this.test(constraint.yes);
        const otherwise = constraint.no === null ? () => true : this.test(constraint.no);
        return (pick) => (when(pick) ? yes(pick) : otherwise(pick));
      }
      case 'tiers': {
        const at = this.#at(constraint.of);
        const table = tableOf(constraint.of);
        const [high, low, below] = [constraint.atHigh, constraint.atLow, constraint.below].map(
          (clause) => this.test(clause),
        );
        return (pick) => {
          const amount = this.cell(table, pick[at]!, constraint.path);
          if (compare(amount, '>=', constraint.high)) return high!(pick);
          return compare(amount, '>=', constraint.low) ? low!(pick) : below!(pick);
        };
      }
      case 'group': {
        const at = this.positions(constraint.of);
        return (pick) => {
          const groups = at.map((i) => pick[i]![this.#group[i]!]);
          if (groups.some((group) => group === null || group === undefined)) return false;
          const kinds = new Set(groups).size;
          return constraint.rule === 'same' ? kinds === 1 : kinds === groups.length;
        };
      }
      case 'distinct': {
        const at = this.needs(constraint);
        return (pick) => new Set(at.map((i) => pick[i])).size === at.length;
      }
      case 'order': {
        const [low, high] = [this.#at(constraint.low), this.#at(constraint.high)];
        return (pick) => this.cost(low, pick[low]!) < this.cost(high, pick[high]!);
      }
    }
  }

  #at(slot: string): number {
    const at = this.#position.get(slot);
    if (at === undefined) throw new RangeError(`there is no slot ${slot}`);
    return at;
  }
}
