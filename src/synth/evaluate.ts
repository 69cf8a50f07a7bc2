// Evaluates the expressions of rules, invariants and verifiers (world-types.ts, Expr). Total: whatever
// the state or submission, the result is a value; what does not exist or does not fit is null, and
// work is bounded. It reads databases and never writes.

import { canonicalJson, sameJson } from './canonical.js';
import type { Database } from './database.js';
import type { Expr, Json } from './world-types.js';

export interface Scope {
  readonly before: Database;
  readonly after: Database;
  readonly variables: Readonly<Record<string, Json>>;
}

/** More evaluations than any honest check needs; beyond it the result is null. */
const MAX_STEPS = 2_000_000;

/** The value of an expression. Never throws. */
export function evaluate(expr: Expr, scope: Scope): Json {
  const run = new Evaluation(scope);
  try {
    return run.value(expr, scope.variables);
  } catch (error) {
    if (error instanceof OutOfSteps) return null;
    throw error;
  }
}

/** Whether a check holds: its value is `true`, nothing else. */
export function holds(expr: Expr, scope: Scope): boolean {
  return evaluate(expr, scope) === true;
}

class OutOfSteps extends Error {}

type Variables = Readonly<Record<string, Json>>;

class Evaluation {
  #steps = 0;

  constructor(readonly scope: Scope) {}

  value(expr: Expr, variables: Variables): Json {
    if (++this.#steps > MAX_STEPS) throw new OutOfSteps();
    switch (expr.op) {
      case 'const':
        return expr.value;
      case 'var':
        return Object.hasOwn(variables, expr.name) ? variables[expr.name]! : null;
      case 'field':
        return fieldOf(this.value(expr.of, variables), expr.name);
      case 'item':
        return itemOf(this.value(expr.of, variables), this.value(expr.index, variables));
      case 'row': {
        const key = this.value(expr.key, variables);
        const db = this.#db(expr.db);
        if (typeof key !== 'string' || !db.specs.has(expr.table)) return null;
        return db.get(expr.table, key) ?? null;
      }
      case 'rows': {
        const db = this.#db(expr.db);
        return db.specs.has(expr.table) ? db.rows(expr.table) : null;
      }
      case 'where':
        return this.#each(expr.of, variables, (list) =>
          list.filter((item) => this.#bound(expr.check, variables, expr.as, item) === true),
        );
      case 'map':
        return this.#each(expr.of, variables, (list) =>
          list.map((item) => this.#bound(expr.to, variables, expr.as, item)),
        );
      case 'every':
        return this.#each(expr.of, variables, (list) =>
          list.every((item) => this.#bound(expr.check, variables, expr.as, item) === true),
        );
      case 'some':
        return this.#each(expr.of, variables, (list) =>
          list.some((item) => this.#bound(expr.check, variables, expr.as, item) === true),
        );
      case 'count':
      case 'sum':
      case 'min':
      case 'max':
      case 'distinct':
      case 'sorted':
        return this.#each(expr.of, variables, (list) => aggregate(expr.op, list));
      case 'keys': {
        const value = this.value(expr.of, variables);
        if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
        return Object.keys(value).toSorted();
      }
      case 'and':
        return expr.of.every((part) => this.value(part, variables) === true);
      case 'or':
        return expr.of.some((part) => this.value(part, variables) === true);
      case 'not': {
        const value = this.value(expr.of, variables);
        return typeof value === 'boolean' ? !value : null;
      }
      case 'if':
        return this.value(expr.check, variables) === true
          ? this.value(expr.then, variables)
          : this.value(expr.else, variables);
      default:
        return binary(expr.op, this.value(expr.left, variables), this.value(expr.right, variables));
    }
  }

  #db(which: 'before' | 'after'): Database {
    return this.scope[which];
  }

  #bound(expr: Expr, variables: Variables, name: string, item: Json): Json {
    return this.value(expr, { ...variables, [name]: item });
  }

  #each(of: Expr, variables: Variables, use: (list: readonly Json[]) => Json): Json {
    const list = this.value(of, variables);
    return Array.isArray(list) ? use(list as readonly Json[]) : null;
  }
}

function fieldOf(value: Json, name: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return Object.hasOwn(value, name) ? (value as Record<string, Json>)[name]! : null;
}

function itemOf(value: Json, index: Json): Json {
  if (!Array.isArray(value) || typeof index !== 'number') return null;
  return (value as readonly Json[])[index] ?? null;
}

type Aggregate = 'count' | 'sum' | 'min' | 'max' | 'distinct' | 'sorted';

function aggregate(op: Aggregate, list: readonly Json[]): Json {
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

type BinaryOp = Extract<Expr, { left: Expr }>['op'];

function binary(op: BinaryOp, left: Json, right: Json): Json {
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
      return order(left, right) === -1 || order(left, right) === 0;
    case '>=':
      return order(left, right) === 1 || order(left, right) === 0;
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
