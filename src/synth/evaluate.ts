// Evaluates the expressions of rules, invariants and verifiers (world-types.ts, Expr). Total: whatever
// the state or submission, the result is a value; what does not exist or does not fit is null, and
// work is bounded. It reads databases and never writes.

import { compileExpr, OutOfSteps, type Compiled, type Run } from './compile-expr.js';
import type { Database, StateVersion } from './database.js';
import type { Expr, Json } from './world-types.js';

export interface Scope {
  readonly before: Database;
  readonly after: Database;
  readonly variables: Readonly<Record<string, Json>>;
}

/** The value of an expression. Never throws. */
export function evaluate(expr: Expr, scope: Scope): Json {
  return valueIn(functionOf(expr), scope);
}

/** Whether a check holds: its value is `true`, nothing else. */
export function holds(expr: Expr, scope: Scope): boolean {
  return evaluate(expr, scope) === true;
}

/** An expression made ready, for whoever holds on to it. Gives the values of `evaluate`. */
export function prepared(expr: Expr): (scope: Scope) => Json {
  const run = compileExpr(expr);
  return (scope) => valueIn(run, scope);
}

function valueIn(run: Compiled, { before, after, variables }: Scope): Json {
  const known = knownIn(before, after);
  try {
    return run({ before, after, variables, slots: [], steps: 0, known });
  } catch (error) {
    if (error instanceof OutOfSteps) return null;
    throw error;
  }
}

const functions = new WeakMap<Expr, Compiled>();

function functionOf(expr: Expr): Compiled {
  let made = functions.get(expr);
  if (!made) functions.set(expr, (made = compileExpr(expr)));
  return made;
}

/** What has been worked out over a state and the one before it. */
class Remembered {
  readonly known: Run['known'] = new Map();

  constructor(readonly before: StateVersion) {}
}

/** What is known of this pair of states; a state that is written to is another one from then on. */
function knownIn(before: Database, after: Database): Run['known'] {
  const { version } = after;
  const { remembered } = version;
  if (remembered instanceof Remembered && remembered.before === before.version) {
    return remembered.known;
  }
  const fresh = new Remembered(before.version);
  version.remembered = fresh;
  return fresh.known;
}
