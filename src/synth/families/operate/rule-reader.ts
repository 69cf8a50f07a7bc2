// The solver's own reading of policy rules: expressions over plain tables and the arguments of a call.
// A second implementation on purpose, small and slow: where it and the evaluator of the tools differ,
// a task has no agreed answer. Source: agents reference §5 G7, §6.4 F3.

import { byCodeUnit, canonicalJson } from '../../canonical.js';
import type { Expr, Json, JsonObject, Row } from '../../world-types.js';

export interface World {
  row(table: string, key: string): Row | undefined;
  rows(table: string): readonly Row[];
}

type Bound = Readonly<Record<string, Json>>;

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
const day = (value: Json): number => Date.parse(`${String(value).slice(0, 10)}T00:00:00Z`);

/** The value of a rule's expression; null where something is missing. */
export function meaningOf(expr: Expr, world: World, bound: Bound): Json {
  const value = (part: Expr, more: Bound = {}): Json =>
    meaningOf(part, world, { ...bound, ...more });
  const list = (part: Expr): readonly Json[] | null => {
    const found = value(part);
    return isList(found) ? found : null;
  };
  switch (expr.op) {
    case 'const':
      return expr.value;
    case 'var':
      return bound[expr.name] ?? null;
    case 'field': {
      const of = value(expr.of);
      const plain = typeof of === 'object' && of !== null && !isList(of);
      return plain ? ((of as JsonObject)[expr.name] ?? null) : null;
    }
    case 'row':
      return world.row(expr.table, String(value(expr.key))) ?? null;
    case 'rows':
      return world.rows(expr.table);
    case 'where':
      return list(expr.of)?.filter((one) => value(expr.check, { [expr.as]: one }) === true) ?? null;
    case 'map':
      return list(expr.of)?.map((one) => value(expr.to, { [expr.as]: one })) ?? null;
    case 'every':
      return list(expr.of)?.every((one) => value(expr.check, { [expr.as]: one }) === true) ?? null;
    case 'some':
      return list(expr.of)?.some((one) => value(expr.check, { [expr.as]: one }) === true) ?? null;
    case 'count':
      return list(expr.of)?.length ?? null;
    case 'sum':
      return list(expr.of)?.reduce<number>((sum, one) => sum + Number(one), 0) ?? null;
    case 'and':
      return expr.of.every((part) => value(part) === true);
    case 'or':
      return expr.of.some((part) => value(part) === true);
    case 'not': {
      const of = value(expr.of);
      return typeof of === 'boolean' ? !of : null;
    }
    case 'if':
      return value(value(expr.check) === true ? expr.then : expr.else);
    case '=':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compared(expr.op, value(expr.left), value(expr.right));
    case 'in': {
      const left = value(expr.left);
      return list(expr.right)?.some((one) => compared('=', one, left)) ?? false;
    }
    case '+':
      return Number(value(expr.left)) + Number(value(expr.right));
    case '-':
      return Number(value(expr.left)) - Number(value(expr.right));
    case '*':
      return Number(value(expr.left)) * Number(value(expr.right));
    case 'days-between': {
      const days = (day(value(expr.right)) - day(value(expr.left))) / 86_400_000;
      return Number.isFinite(days) ? Math.round(days) : null;
    }
    default:
      throw new RangeError(`no rule of a policy uses ${expr.op}`);
  }
}

export function compared(
  op: '=' | '!=' | '<' | '<=' | '>' | '>=',
  left: Json,
  right: Json,
): boolean {
  if (left === null || right === null) return false;
  const same = canonicalJson(left) === canonicalJson(right);
  if (op === '=') return same;
  if (op === '!=') return !same;
  const numbers = typeof left === 'number' && typeof right === 'number';
  if (!numbers && (typeof left !== 'string' || typeof right !== 'string')) return false;
  const order = numbers ? left - right : byCodeUnit(left as string, right as string);
  switch (op) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}
