// Expressions made into functions, once for each. Variables that are bound inside become numbered slots;
// parts that need no variable are worked out once per state; rows that must have a text in a column are
// looked up instead of searched for. None of this changes a value. @see evaluate.ts

import type { Database } from './database.js';
import { aggregate, binary, fieldOf, itemOf, keysOf, type BinaryOp } from './expr-values.js';
import type { Expr, Json, Row } from './world-types.js';

/** One evaluation under way. */
export interface Run {
  readonly before: Database;
  readonly after: Database;
  readonly variables: Readonly<Record<string, Json>>;
  /** Values of the variables bound inside, the outermost first. */
  readonly slots: Json[];
  /** Items looked at so far. */
  steps: number;
  /** Parts already worked out in these states. */
  readonly known: Map<Expr, Known>;
}

interface Known {
  readonly value: Json;
  /** What it took: counted again each time, so that limits do not depend on what is known. */
  readonly steps: number;
}

export type Compiled = (run: Run) => Json;

/** More items than any honest check looks at. */
const MAX_STEPS = 500_000;

export class OutOfSteps extends Error {}

/** A function and what it depends on. */
interface Part {
  readonly run: Compiled;
  /** The outermost slot that it reads; Infinity = none. */
  readonly slot: number;
  /** Whether it reads variables that are given from outside. */
  readonly isOpen: boolean;
  /** Whether it goes through lists. */
  readonly isCostly: boolean;
}

/** Names of the variables bound so far. */
type Bound = readonly string[];
type ListExpr = Extract<Expr, { op: 'where' | 'map' | 'every' | 'some' }>;

export function compileExpr(expr: Expr): Compiled {
  return compile(expr, []).run;
}

function compile(expr: Expr, bound: Bound): Part {
  const part = compiled(expr, bound);
  const isClosed = !part.isOpen && part.slot >= bound.length;
  return isClosed && part.isCostly ? { ...part, run: remembered(expr, part.run) } : part;
}

function remembered(expr: Expr, run: Compiled): Compiled {
  return (at) => {
    const known = at.known.get(expr);
    if (known) {
      spend(at, known.steps);
      return known.value;
    }
    const start = at.steps;
    const value = run(at);
    at.known.set(expr, { value, steps: at.steps - start });
    return value;
  };
}

function spend(run: Run, steps: number): void {
  if ((run.steps += steps) > MAX_STEPS) throw new OutOfSteps();
}

/** A part made of others. */
function made(run: Compiled, parts: readonly Part[], isCostly = false): Part {
  return {
    run,
    slot: Math.min(Infinity, ...parts.map(({ slot }) => slot)),
    isOpen: parts.some(({ isOpen }) => isOpen),
    isCostly: isCostly || parts.some((part) => part.isCostly),
  };
}

function compiled(expr: Expr, bound: Bound): Part {
  const inside = (part: Expr): Part => compile(part, bound);
  switch (expr.op) {
    case 'const': {
      const { value } = expr;
      return made(() => value, []);
    }
    case 'var':
      return variable(expr.name, bound);
    case 'field': {
      const of = inside(expr.of);
      const { name } = expr;
      const isInherited = name in Object.prototype;
      return made((run) => fieldOf(of.run(run), name, isInherited), [of]);
    }
    case 'item': {
      const [of, index] = [inside(expr.of), inside(expr.index)];
      return made((run) => itemOf(of.run(run), index.run(run)), [of, index]);
    }
    case 'row': {
      const key = inside(expr.key);
      const { db, table } = expr;
      return made((run) => rowOf(run[db], table, key.run(run)), [key]);
    }
    case 'rows': {
      const { db, table } = expr;
      return made((run) => (run[db].specs.has(table) ? run[db].list(table) : null), [], true);
    }
    case 'where':
    case 'map':
    case 'every':
    case 'some':
      return overList(expr, bound);
    case 'count':
    case 'sum':
    case 'min':
    case 'max':
    case 'distinct':
    case 'sorted': {
      const of = inside(expr.of);
      const { op } = expr;
      return made((run) => listed(of, run, (list) => aggregate(op, list)), [of]);
    }
    case 'keys': {
      const of = inside(expr.of);
      return made((run) => keysOf(of.run(run)), [of]);
    }
    case 'and': {
      const of = expr.of.map(inside);
      return made((run) => all(of, run), of);
    }
    case 'or': {
      const of = expr.of.map(inside);
      return made((run) => any(of, run), of);
    }
    case 'not': {
      const of = inside(expr.of);
      const turned = (value: Json): Json => (typeof value === 'boolean' ? !value : null);
      return made((run) => turned(of.run(run)), [of]);
    }
    case 'if': {
      const parts = [inside(expr.check), inside(expr.then), inside(expr.else)] as const;
      const [check, then, otherwise] = parts;
      return made((run) => (check.run(run) === true ? then : otherwise).run(run), parts);
    }
    default: {
      const [left, right] = [inside(expr.left), inside(expr.right)];
      return made(ofBoth(expr.op, left.run, right.run), [left, right]);
    }
  }
}

function all(parts: readonly Part[], run: Run): boolean {
  for (const part of parts) if (part.run(run) !== true) return false;
  return true;
}

function any(parts: readonly Part[], run: Run): boolean {
  for (const part of parts) if (part.run(run) === true) return true;
  return false;
}

function ofBoth(op: BinaryOp, left: Compiled, right: Compiled): Compiled {
  if (op !== 'in' && op !== 'same-set') return (run) => binary(op, left(run), right(run));
  return (run) => {
    const [a, b] = [left(run), right(run)];
    if (Array.isArray(b)) spend(run, b.length);
    return binary(op, a, b);
  };
}

function variable(name: string, bound: Bound): Part {
  const slot = bound.lastIndexOf(name);
  if (slot >= 0) return { run: ({ slots }) => slots[slot]!, slot, isOpen: false, isCostly: false };
  const given: Compiled = ({ variables }) =>
    Object.hasOwn(variables, name) ? variables[name]! : null;
  return { run: given, slot: Infinity, isOpen: true, isCostly: false };
}

function rowOf(db: Database, table: string, key: Json): Json {
  if (typeof key !== 'string' || !db.specs.has(table)) return null;
  return db.get(table, key) ?? null;
}

function listed({ run: of }: Part, run: Run, use: (list: readonly Json[]) => Json): Json {
  const list = of(run);
  if (!Array.isArray(list)) return null;
  spend(run, list.length);
  return use(list as readonly Json[]);
}

function overList(expr: ListExpr, bound: Bound): Part {
  const slot = bound.length;
  const body = compile(expr.op === 'map' ? expr.to : expr.check, [...bound, expr.as]);
  const { op } = expr;
  const of =
    (op === 'where' || op === 'some' ? lookedUp(expr, bound) : null) ?? compile(expr.of, bound);
  const { run: each } = body;
  const holds = (run: Run, item: Json): boolean => {
    run.slots[slot] = item;
    return each(run) === true;
  };
  const use = (run: Run, list: readonly Json[]): Json => {
    switch (op) {
      case 'where':
        return list.filter((item) => holds(run, item));
      case 'map':
        return list.map((item) => {
          run.slots[slot] = item;
          return each(run);
        });
      case 'every':
        return list.every((item) => holds(run, item));
      case 'some':
        return list.some((item) => holds(run, item));
    }
  };
  // What the body reads of the item itself is bound here, not outside.
  const own = { ...body, slot: body.slot < slot ? body.slot : Infinity };
  return made((run) => listed(of, run, (list) => use(run, list)), [of, own], true);
}

/**
 * The rows of a table that can meet a check which demands a text in one of their columns, found by that
 * text; null where the list or the check is of another kind.
 */
function lookedUp(expr: Extract<ListExpr, { check: Expr }>, bound: Bound): Part | null {
  const { of, as, check } = expr;
  if (of.op !== 'rows') return null;
  const demands = check.op === 'and' ? check.of : [check];
  for (const demand of demands) {
    if (demand.op !== '=') continue;
    for (const [own, other] of [
      [demand.left, demand.right],
      [demand.right, demand.left],
    ] as const) {
      const find = finder(own, of, as);
      if (!find) continue;
      const value = compile(other, [...bound, as]);
      if (value.slot === bound.length) continue;
      return made((run) => find(run, value.run(run)), [value], true);
    }
  }
  return null;
}

type Finder = (run: Run, value: Json) => readonly Row[] | null;
type RowsExpr = Extract<Expr, { op: 'rows' }>;

/** Finds rows by a column, or by a column of the row that one of their columns names. */
function finder(own: Expr, { db, table }: RowsExpr, as: string): Finder | undefined {
  if (own.op !== 'field') return undefined;
  const { of, name } = own;
  if (of.op === 'var' && of.name === as) {
    return (run, value) => rowsWith(run[db], table, name, value);
  }
  if (of.op !== 'row' || of.key.op !== 'field') return undefined;
  const { of: holder, name: column } = of.key;
  if (holder.op !== 'var' || holder.name !== as) return undefined;
  return (run, value) => {
    const [parents, rows] = [run[of.db], run[db]];
    if (!rows.specs.has(table)) return null;
    if (value === null) return [];
    if (typeof value !== 'string' || !parents.specs.has(of.table)) return rows.list(table);
    const [parent, second] = parents.rowsBy(of.table, name, value);
    if (second) return rows.list(table);
    if (!parent) return [];
    return rows.rowsBy(table, column, String(parent[parents.spec(of.table).key]));
  };
}

function rowsWith(db: Database, table: string, column: string, value: Json): readonly Row[] | null {
  if (!db.specs.has(table)) return null;
  // Nothing equals null, and texts are indexed.
  if (value === null) return [];
  return typeof value === 'string' ? db.rowsBy(table, column, value) : db.list(table);
}
