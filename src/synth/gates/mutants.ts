// Small mistakes in an expression, one at a time: a comparison turned, a clause left out, a number off by
// one, the whole expression gone. Source: agents reference §8.2.

import type { Expr } from '../world-types.js';

const TURNED: Partial<Record<Expr['op'], Expr['op']>> = {
  '=': '!=',
  '!=': '=',
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
  every: 'some',
  and: 'or',
  min: 'max',
  max: 'min',
};
/** Of one expression; taken evenly from all of them. */
const MAX_MUTANTS = 12;

export function mutantsOf(expr: Expr): Expr[] {
  const all: Expr[] = [{ op: 'const', value: true }, ...changed(expr)];
  const step = Math.ceil(all.length / MAX_MUTANTS);
  return all.filter((_, i) => i % step === 0);
}

function changed(expr: Expr): Expr[] {
  if (expr.op === 'const') {
    return typeof expr.value === 'number' ? [{ op: 'const', value: expr.value + 1 }] : [];
  }
  const turned = TURNED[expr.op];
  const own = turned === undefined ? [] : [{ ...expr, op: turned } as Expr];
  const inside = Object.entries(expr).flatMap(([name, part]) =>
    changedPart(part).map((other) => ({ ...expr, [name]: other }) as unknown as Expr),
  );
  return [...own, ...inside];
}

/** Parts that could stand in the place of this one. */
function changedPart(part: unknown): unknown[] {
  if (Array.isArray(part)) {
    const list = part as Expr[];
    return list.flatMap((one, i) => [
      ...changed(one).map((other) => list.with(i, other)),
      ...(list.length > 1 ? [list.toSpliced(i, 1)] : []),
    ]);
  }
  const isExpr = typeof part === 'object' && part !== null && 'op' in part;
  return isExpr ? changed(part as Expr) : [];
}
