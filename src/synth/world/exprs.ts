// Short spellings for the expressions of rules and invariants (world-types.ts, Expr).

import type { Expr, Json } from '../world-types.js';

export const constant = (value: Json): Expr => ({ op: 'const', value });
export const variable = (name: string): Expr => ({ op: 'var', name });
export const field = (of: Expr, name: string): Expr => ({ op: 'field', of, name });
/** An argument of the call that a rule speaks about. */
export const argument = (name: string): Expr => field(variable('args'), name);
/** The row that an argument names, before the call. */
export const rowOf = (table: string, key: Expr): Expr => ({
  op: 'row',
  db: 'before',
  table,
  key,
});
export const rowsOf = (table: string, db: 'before' | 'after' = 'before'): Expr => ({
  op: 'rows',
  db,
  table,
});
export const eq = (left: Expr, right: Expr): Expr => ({ op: '=', left, right });
export const le = (left: Expr, right: Expr): Expr => ({ op: '<=', left, right });
export const lt = (left: Expr, right: Expr): Expr => ({ op: '<', left, right });
export const ge = (left: Expr, right: Expr): Expr => ({ op: '>=', left, right });
export const isIn = (left: Expr, values: readonly Json[]): Expr => ({
  op: 'in',
  left,
  right: constant(values),
});
export const and = (...of: readonly Expr[]): Expr => ({ op: 'and', of });
export const or = (...of: readonly Expr[]): Expr => ({ op: 'or', of });
export const not = (of: Expr): Expr => ({ op: 'not', of });
export const where = (of: Expr, as: string, check: Expr): Expr => ({ op: 'where', of, as, check });
export const every = (of: Expr, as: string, check: Expr): Expr => ({ op: 'every', of, as, check });
export const count = (of: Expr): Expr => ({ op: 'count', of });
export const sumOf = (of: Expr, as: string, to: Expr): Expr => ({
  op: 'sum',
  of: { op: 'map', of, as, to },
});
export const daysBetween = (left: Expr, right: Expr): Expr => ({
  op: 'days-between',
  left,
  right,
});

/** Holds where the optional argument is absent (null equals nothing, not even itself). */
export const absentOr = (arg: string, check: Expr): Expr =>
  or(not(eq(argument(arg), argument(arg))), check);
