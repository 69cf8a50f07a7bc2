// Rows in order of a column: nulls first, then by plain comparison, equal ones by key where one is named.

import type { Row } from './world-types.js';

export type Order = (a: Row, b: Row) => number;

/** @param key column that decides between rows that are equal otherwise */
export function byColumn(column: string, key?: string): Order {
  return (a, b) => compare(a, b, column) || (key === undefined ? 0 : compare(a, b, key));
}

function compare(a: Row, b: Row, column: string): number {
  const left = a[column] ?? null;
  const right = b[column] ?? null;
  if (left === right) return 0;
  if (left === null) return -1;
  if (right === null) return 1;
  return left < right ? -1 : 1;
}

/** Two lists that are in order, as one; equal rows of the first come first. */
export function merged(first: readonly Row[], second: readonly Row[], order: Order): Row[] {
  const out: Row[] = [];
  let at = 0;
  for (const row of second) {
    while (at < first.length && order(first[at]!, row) <= 0) out.push(first[at++]!);
    out.push(row);
  }
  for (; at < first.length; at++) out.push(first[at]!);
  return out;
}
