// Expressions that a model wrote, as a schema: known operations only, bounded in depth and size, tables
// and columns that exist and are shown. The language has no clock, no randomness and no way out, and every
// value of it is total, so there is nothing else to forbid.

import { z } from 'zod';
import type { Expr, Json, TableSpec } from '../world-types.js';

const MAX_DEPTH = 24;
const MAX_NODES = 600;

const UNARY = ['count', 'sum', 'min', 'max', 'distinct', 'sorted', 'keys', 'not'];
const BINARY = '= != < <= > >= in contains same-set + - * div mod days-between'.split(' ');

/** Where an expression is used decides what it may speak of. */
export interface ExprScope {
  readonly tables: readonly TableSpec[];
  readonly variables: readonly string[];
}

/** @throws never; problems are issues of the schema */
export function exprSchema(scope: ExprScope): z.ZodType<Expr> {
  return z.unknown().transform((value, context): Expr => {
    const reader = new ExprReader(scope.tables);
    try {
      return reader.read(value, scope.variables, 0);
    } catch (error) {
      if (!(error instanceof BadExpr)) throw error;
      context.issues.push({ code: 'custom', message: error.message, input: value });
      return z.NEVER;
    }
  });
}

class BadExpr extends Error {}

class ExprReader {
  #nodes = 0;
  readonly #tables: ReadonlySet<string>;

  constructor(tables: readonly TableSpec[]) {
    this.#tables = new Set(tables.filter(({ visible }) => visible).map(({ name }) => name));
  }

  read(value: unknown, variables: readonly string[], depth: number): Expr {
    if (depth > MAX_DEPTH) throw new BadExpr(`nested deeper than ${MAX_DEPTH}`);
    if (++this.#nodes > MAX_NODES) throw new BadExpr(`more than ${MAX_NODES} parts`);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new BadExpr(`${shown(value)} is no expression: {"op": ...}`);
    }
    const { op, ...rest } = value as Record<string, unknown>;
    const inner = (name: string, bound: readonly string[] = variables): Expr =>
      this.read(rest[name], bound, depth + 1);
    switch (op) {
      case 'const':
        return { op, value: (rest['value'] ?? null) as Json };
      case 'var': {
        const name = text(rest, 'name');
        if (!variables.includes(name)) {
          throw new BadExpr(`there is no variable ${shown(name)}; known: ${variables.join(', ')}`);
        }
        return { op, name };
      }
      case 'field':
        return { op, of: inner('of'), name: text(rest, 'name') };
      case 'item':
        return { op, of: inner('of'), index: inner('index') };
      case 'row':
        return { op, db: this.#db(rest), table: this.#table(rest), key: inner('key') };
      case 'rows':
        return { op, db: this.#db(rest), table: this.#table(rest) };
      case 'where':
      case 'every':
      case 'some': {
        const as = text(rest, 'as');
        return { op, of: inner('of'), as, check: inner('check', [...variables, as]) };
      }
      case 'map': {
        const as = text(rest, 'as');
        return { op, of: inner('of'), as, to: inner('to', [...variables, as]) };
      }
      case 'and':
      case 'or': {
        const parts = rest['of'];
        if (!Array.isArray(parts)) throw new BadExpr(`"of" of ${op} is a list`);
        return { op, of: parts.map((part) => this.read(part, variables, depth + 1)) };
      }
      case 'if':
        // oxlint-disable-next-line unicorn/no-thenable -- the name of a branch; nothing awaits it
        return { op, check: inner('check'), then: inner('then'), else: inner('else') };
      default:
        if (UNARY.includes(op as string)) return { op, of: inner('of') } as Expr;
        if (BINARY.includes(op as string)) {
          return { op, left: inner('left'), right: inner('right') } as Expr;
        }
        throw new BadExpr(`there is no operation ${shown(op)}`);
    }
  }

  #db(fields: Record<string, unknown>): 'before' | 'after' {
    const { db } = fields;
    if (db !== 'before' && db !== 'after') throw new BadExpr('"db" is "before" or "after"');
    return db;
  }

  #table(fields: Record<string, unknown>): string {
    const name = text(fields, 'table');
    if (!this.#tables.has(name)) throw new BadExpr(`there is no table ${shown(name)}`);
    return name;
  }
}

function text(fields: Record<string, unknown>, name: string): string {
  const value = fields[name];
  if (typeof value === 'string' && value.length <= 64) return value;
  throw new BadExpr(`"${name}" is a text of at most 64 characters`);
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 60);
}
