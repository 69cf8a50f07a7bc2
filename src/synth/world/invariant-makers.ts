// Invariants that many modules have. @see Invariant in world-types.ts for what `kept` says.

import {
  and,
  constant,
  eq,
  every,
  field,
  ge,
  le,
  rowsOf,
  sumOf,
  variable,
  where,
} from './exprs.js';
import type { Kit } from './kit.js';
import type { TableHandle } from './table-handle.js';

/** A number never leaves its range. */
export function inRange(kit: Kit, table: TableHandle, meaning: string, max: number): void {
  const value = field(variable('one'), table.col(meaning));
  kit.invariant(
    `${table.spec.meaning}-${meaning}-range`,
    every(
      rowsOf(table.name, 'after'),
      'one',
      and(ge(value, constant(0)), le(value, constant(max))),
    ),
    true,
  );
}

/** A number is never below zero. */
export function notNegative(kit: Kit, table: TableHandle, meaning: string): void {
  const value = field(variable('one'), table.col(meaning));
  kit.invariant(
    `${table.spec.meaning}-${meaning}-not-negative`,
    every(rowsOf(table.name, 'after'), 'one', ge(value, constant(0))),
    true,
  );
}

/** The parent's total is the sum over its children: up to the agent. */
export function totalIsSum(
  kit: Kit,
  parent: { table: TableHandle; total: string },
  child: { table: TableHandle; parent: string; amount: string },
): void {
  const own = where(
    rowsOf(child.table.name, 'after'),
    'child',
    eq(
      field(variable('child'), child.table.col(child.parent)),
      field(variable('parent'), parent.table.spec.key),
    ),
  );
  const sum = sumOf(own, 'item', field(variable('item'), child.table.col(child.amount)));
  kit.invariant(
    `${parent.table.spec.meaning}-${parent.total}-is-sum`,
    every(
      rowsOf(parent.table.name, 'after'),
      'parent',
      eq(field(variable('parent'), parent.table.col(parent.total)), sum),
    ),
    false,
  );
}

/** The sum over all rows stays what it was at the start: moves create nothing. */
export function conserved(kit: Kit, table: TableHandle, meaning: string): void {
  const sum = (db: 'before' | 'after') =>
    sumOf(rowsOf(table.name, db), 'one', field(variable('one'), table.col(meaning)));
  kit.invariant(
    `${table.spec.meaning}-${meaning}-conserved`,
    eq(sum('after'), sum('before')),
    true,
  );
}
