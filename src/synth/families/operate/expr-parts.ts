// Looks into expressions without evaluating them: their parts, and the numbers they compare with.

import type { Expr } from '../../world-types.js';

/** The expressions directly inside. */
export function partsOf(expr: Expr): Expr[] {
  if (expr.op === 'const' || expr.op === 'var') return [];
  return Object.values(expr).flatMap((part: unknown) => {
    if (Array.isArray(part)) return part as Expr[];
    return typeof part === 'object' && part !== null ? [part as Expr] : [];
  });
}

/** Whole numbers above one that the expression names: limits, mostly. */
export function limitsIn(expr: Expr): number[] {
  if (expr.op === 'const') {
    return typeof expr.value === 'number' && expr.value > 1 ? [expr.value] : [];
  }
  return partsOf(expr).flatMap(limitsIn);
}

/** Name of the argument, if that is what the expression is. */
export function argumentName(expr: Expr): string | null {
  return expr.op === 'field' && expr.of.op === 'var' && expr.of.name === 'args' ? expr.name : null;
}
