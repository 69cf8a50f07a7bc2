// Expressions with everything worked out that needs nothing from outside: what is left depends on the
// submission alone. Two expressions that fold to the same are the same for every submission over these
// states. Used to judge many submissions, and to tell mutants that cannot differ.

import type { Database } from '../database.js';
import { evaluate } from '../evaluate.js';
import type { Expr, Json } from '../world-types.js';

export interface States {
  readonly before: Database;
  readonly after: Database;
}

export function folded(expr: Expr, states: States): Expr {
  // Rows of a table stay what they are: they can be looked up by their columns.
  if (expr.op === 'const' || expr.op === 'var' || expr.op === 'rows') return expr;
  if (isClosed(expr, [])) {
    return { op: 'const', value: evaluate(expr, { ...states, variables: {} }) };
  }
  const parts = Object.entries(expr).map(([name, part]) => {
    if (Array.isArray(part))
      return [name, (part as Expr[]).map((one) => folded(one, states))] as const;
    return [name, isExpr(part) ? folded(part, states) : (part as Json)] as const;
  });
  return Object.fromEntries(parts) as unknown as Expr;
}

/** Whether it asks for the state at the end anywhere. */
export function readsAfter(expr: Expr): boolean {
  if (expr.op === 'const') return false;
  if ('db' in expr && expr.db === 'after') return true;
  return Object.values(expr).some((part: unknown) => {
    if (Array.isArray(part)) return part.some((one) => isExpr(one) && readsAfter(one));
    return isExpr(part) && readsAfter(part);
  });
}

/** Whether all its variables get their values inside. */
function isClosed(expr: Expr, bound: readonly string[]): boolean {
  if (expr.op === 'const') return true;
  if (expr.op === 'var') return bound.includes(expr.name);
  return Object.entries(expr).every(([name, part]) => {
    // What a list is made of does not see the variable that is bound over it.
    const inside = 'as' in expr && name !== 'of' ? [...bound, expr.as] : bound;
    if (Array.isArray(part)) return (part as Expr[]).every((one) => isClosed(one, inside));
    return !isExpr(part) || isClosed(part, inside);
  });
}

export function isExpr(part: unknown): part is Expr {
  return typeof part === 'object' && part !== null && 'op' in part;
}
