// Evaluates the expressions of rules, invariants and verifiers (world-types.ts, Expr). Total: whatever
// the state or submission, the result is a value; what does not exist or does not fit is null, and
// work is bounded. It reads databases and never writes.

import { compileExpr, OutOfSteps, type Compiled, type Run } from './compile-expr.js';
import type { Database } from './database.js';
import type { Expr, Json } from './world-types.js';

export interface Scope {
  readonly before: Database;
  readonly after: Database;
  readonly variables: Readonly<Record<string, Json>>;
}

/** The value of an expression. Never throws. */
export function evaluate(expr: Expr, scope: Scope): Json {
  const { before, after, variables } = scope;
  const known = knownIn(before, after);
  try {
    return functionOf(expr)({ before, after, variables, slots: [], steps: 0, known });
  } catch (error) {
    if (error instanceof OutOfSteps) return null;
    throw error;
  }
}

/** Whether a check holds: its value is `true`, nothing else. */
export function holds(expr: Expr, scope: Scope): boolean {
  return evaluate(expr, scope) === true;
}

const functions = new WeakMap<Expr, Compiled>();

function functionOf(expr: Expr): Compiled {
  let made = functions.get(expr);
  if (!made) functions.set(expr, (made = compileExpr(expr)));
  return made;
}

type States = WeakMap<object, Run['known']>;
const states = new WeakMap<object, States>();

/** What is known of this pair of states; a state that is written to is another one from then on. */
function knownIn(before: Database, after: Database): Run['known'] {
  let ofBefore = states.get(before.version);
  if (!ofBefore) states.set(before.version, (ofBefore = new WeakMap()));
  let known = ofBefore.get(after.version);
  if (!known) ofBefore.set(after.version, (known = new Map()));
  return known;
}
