// What the operations of expressions do with values. Total: what does not fit is null, comparisons with
// it are false. Knows no states and no variables. @see compile-expr.ts

import { canonicalJson, sameJson } from './canonical.js';
import type { Expr, Json } from './world-types.js';

export type Aggregate = 'count' | 'sum' | 'min' | 'max' | 'distinct' | 'sorted';
export type BinaryOp = Extract<Expr, { left: Expr }>['op'];

/** @param isInherited whether plain objects answer to the name without having such a field */
export function fieldOf(value: Json, name: string, isInherited: boolean): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  if (isInherited && !Object.hasOwn(value, name)) return null;
  return (value as Record<string, Json>)[name] ?? null;
}

export function itemOf(value: Json, index: Json): Json {
  if (!Array.isArray(value) || typeof index !== 'number') return null;
  return (value as readonly Json[])[index] ?? null;
}

export function keysOf(value: Json): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return Object.keys(value).toSorted();
}

export function aggregate(op: Aggregate, list: readonly Json[]): Json {
  switch (op) {
    case 'count':
      return list.length;
    case 'sum':
      return list.every((item) => typeof item === 'number')
        ? whole(list.reduce((sum: number, item) => sum + (item as number), 0))
        : null;
    case 'min':
    case 'max': {
      let best: Json = null;
      for (const item of list) {
        if (best === null || order(item, best) === (op === 'min' ? -1 : 1)) best = item;
      }
      return best;
    }
    case 'distinct': {
      const seen = new Map(list.map((item) => [canonicalJson(item), item]));
      return [...seen.values()];
    }
    case 'sorted':
      return list.toSorted((a, b) => order(a, b) ?? 0);
  }
}

/** -1, 0 or 1 for two numbers or two texts; null for anything else. */
function order(a: Json, b: Json): -1 | 0 | 1 | null {
  const comparable =
    (typeof a === 'number' && typeof b === 'number') ||
    (typeof a === 'string' && typeof b === 'string');
  if (!comparable) return null;
  return (a as string) < (b as string) ? -1 : (a as string) > (b as string) ? 1 : 0;
}

export function binary(op: BinaryOp, left: Json, right: Json): Json {
  switch (op) {
    case '=':
      return left !== null && right !== null && sameJson(left, right);
    case '!=':
      return left !== null && right !== null && !sameJson(left, right);
    case '<':
      return order(left, right) === -1;
    case '>':
      return order(left, right) === 1;
    case '<=':
      return (order(left, right) ?? 1) <= 0;
    case '>=':
      return (order(left, right) ?? -1) >= 0;
    case 'in':
      return Array.isArray(right) && right.some((item: Json) => sameJson(item, left));
    case 'contains':
      return typeof left === 'string' && typeof right === 'string' && left.includes(right);
    case 'same-set':
      return sameSet(left, right);
    case '+':
    case '-':
    case '*':
    case 'div':
    case 'mod':
      return arithmetic(op, left, right);
    case 'days-between':
      return daysBetween(left, right);
  }
}

function sameSet(left: Json, right: Json): boolean {
  if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
  const spell = (list: readonly Json[]): string => list.map(canonicalJson).toSorted().join('\n');
  return spell(left as readonly Json[]) === spell(right as readonly Json[]);
}

function arithmetic(op: '+' | '-' | '*' | 'div' | 'mod', left: Json, right: Json): Json {
  if (typeof left !== 'number' || typeof right !== 'number') return null;
  switch (op) {
    case '+':
      return whole(left + right);
    case '-':
      return whole(left - right);
    case '*':
      return whole(left * right);
    case 'div':
      return right === 0 ? null : whole(Math.floor(left / right));
    case 'mod':
      return right === 0 ? null : whole(left - right * Math.floor(left / right));
  }
}

/** Results that no longer are exact do not exist. */
function whole(value: number): Json {
  return Number.isSafeInteger(value) ? value : null;
}

const DAY_MS = 86_400_000;

/** Whole days from the date of `left` to the date of `right`; the time of day does not count. */
function daysBetween(left: Json, right: Json): Json {
  if (typeof left !== 'string' || typeof right !== 'string') return null;
  const from = Date.parse(`${left.slice(0, 10)}T00:00:00Z`);
  const to = Date.parse(`${right.slice(0, 10)}T00:00:00Z`);
  return Number.isNaN(from) || Number.isNaN(to) ? null : Math.round((to - from) / DAY_MS);
}
