// The verifier's side of constraints: expressions over the submission and the tables, one check per
// constraint. They look the submitted names up in the tables, so any right answer passes and nothing
// is compared with a stored one.

import type { VerifierCheck } from '../../task-types.js';
import type { Environment, Expr, Json } from '../../world-types.js';
import {
  slotsOf,
  tableOf,
  type Choosable,
  type Clause,
  type Constraint,
  type Slot,
  type Slots,
} from '../constraint.js';

const SUBMISSION: Expr = { op: 'var', name: 'submission' };
export const constant = (value: Json): Expr => ({ op: 'const', value });
const field = (of: Expr, name: string): Expr => ({ op: 'field', of, name });
const variable = (name: string): Expr => ({ op: 'var', name });
export const submitted = (name: string): Expr => field(SUBMISSION, name);

/** The submission is an object with exactly these fields. */
export function hasFields(names: readonly string[]): VerifierCheck {
  const keys: Expr = { op: 'keys', of: SUBMISSION };
  return { id: 'fields', expr: { op: 'same-set', left: keys, right: constant(names) } };
}

export function fieldIs(name: string, value: Json): VerifierCheck {
  return { id: name, expr: { op: '=', left: submitted(name), right: constant(value) } };
}

export class ChoiceChecks {
  readonly #things: ReadonlyMap<string, Choosable>;

  constructor(
    readonly env: Pick<Environment, 'tables'>,
    readonly slots: readonly Slot[],
    things: readonly Choosable[],
  ) {
    this.#things = new Map(things.map((thing) => [thing.table, thing]));
  }

  /** Each slot names a row, and each constraint holds. */
  all(constraints: readonly Constraint[]): VerifierCheck[] {
    const known = this.slots.map(({ id }) => ({
      id: `known:${id}`,
      expr: this.#with([id], constant(true)),
    }));
    const kept = constraints.map((constraint, i) => ({
      id: `constraint:${i + 1}`,
      expr: this.#with(slotsOf(constraint, this.slots), this.#expr(constraint)),
    }));
    return [...known, ...kept];
  }

  /** The costs of the slots add up to this. */
  totalIs(id: string, of: Slots, value: number): VerifierCheck {
    const expr: Expr = { op: '=', left: this.#total(of), right: constant(value) };
    return { id, expr: this.#with(this.#ids(of), expr) };
  }

  /** Binds the rows that the submission names for these slots. */
  #with(slots: readonly string[], check: Expr): Expr {
    return slots.reduceRight<Expr>((inner, id) => {
      const { table, name } = this.#thing(id);
      const isNamed: Expr = {
        op: '=',
        left: field(variable('row'), name),
        right: submitted(id),
      };
      const named: Expr = {
        op: 'where',
        of: { op: 'rows', db: 'before', table },
        as: 'row',
        check: isNamed,
      };
      return { op: 'some', of: named, as: id, check: inner };
    }, check);
  }

  #expr(constraint: Constraint): Expr {
    switch (constraint.kind) {
      case 'atom':
      case 'total':
        return this.#clause(constraint);
      case 'between': {
        const total = this.#total(constraint.of);
        return {
          op: 'and',
          of: [
            { op: '>=', left: total, right: constant(constraint.low) },
            { op: '<=', left: total, right: constant(constraint.high) },
          ],
        };
      }
      case 'if':
        return branch(
          this.#clause(constraint.if),
          this.#clause(constraint.yes),
          constraint.no === null ? constant(true) : this.#clause(constraint.no),
        );
      case 'tiers': {
        const amount = this.#value(constraint.of, constraint.path);
        const reaches = (limit: number): Expr => ({
          op: '>=',
          left: amount,
          right: constant(limit),
        });
        const [high, low, below] = [constraint.atHigh, constraint.atLow, constraint.below];
        const lower = branch(reaches(constraint.low), this.#clause(low), this.#clause(below));
        return branch(reaches(constraint.high), this.#clause(high), lower);
      }
      case 'group': {
        const groups = this.#ids(constraint.of).map((id) =>
          field(variable(id), this.#thing(id).group ?? ''),
        );
        return everyPair(groups, constraint.rule === 'same' ? '=' : '!=');
      }
      case 'distinct':
        return everyPair(
          slotsOf(constraint, this.slots).map((id) => submitted(id)),
          '!=',
        );
      case 'order':
        return { op: '<', left: this.#cost(constraint.low), right: this.#cost(constraint.high) };
    }
  }

  #clause(clause: Clause): Expr {
    const left =
      clause.kind === 'atom' ? this.#value(clause.of, clause.path) : this.#total(clause.of);
    return { op: clause.op, left, right: constant(clause.value) };
  }

  #value(slot: string, path: readonly string[]): Expr {
    const own = field(variable(slot), path[0]!);
    if (path.length === 1) return own;
    const column = this.env.tables
      .find(({ name }) => name === tableOf(slot))
      ?.columns.find(({ name }) => name === path[0]);
    const parent: Expr = { op: 'row', db: 'before', table: column?.references ?? '', key: own };
    return field(parent, path[1]!);
  }

  #total(of: Slots): Expr {
    return this.#ids(of)
      .map((id) => this.#cost(id))
      .reduce((left, right) => ({ op: '+', left, right }));
  }

  #cost(slot: string): Expr {
    return field(variable(slot), this.#thing(slot).cost);
  }

  #ids(of: Slots): readonly string[] {
    return of === 'all' ? this.slots.map(({ id }) => id) : of;
  }

  #thing(slot: string): Choosable {
    return this.#things.get(tableOf(slot))!;
  }
}

function everyPair(values: readonly Expr[], op: '=' | '!='): Expr {
  const pairs = values.flatMap((left, i) =>
    values.slice(i + 1).map((right): Expr => ({ op, left, right })),
  );
  return { op: 'and', of: pairs };
}

/** One check where a condition holds, another where it does not. Conditions are true or false, never null. */
function branch(check: Expr, yes: Expr, no: Expr): Expr {
  const unmet: Expr = { op: 'and', of: [{ op: 'not', of: check }, no] };
  return { op: 'or', of: [{ op: 'and', of: [check, yes] }, unmet] };
}
