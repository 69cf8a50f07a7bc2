// Judges many submissions over one end state: what does not depend on the submission is worked out once
// and put into the expressions as constants; a check that has just refused is asked first. Gives exactly
// the verdicts of verify().

import type { Database } from '../database.js';
import { evaluate } from '../evaluate.js';
import type { Verifier } from '../task-types.js';
import { verify } from '../verify.js';
import type { Expr, Json } from '../world-types.js';

export class SubmissionJudge {
  readonly #checks: Expr[];
  /** Whether everything that is not about the submission holds. */
  readonly #stateHolds: boolean;

  constructor(
    readonly verifier: Verifier,
    readonly before: Database,
    readonly after: Database,
  ) {
    const { submissionChecks = [], ...rest } = verifier;
    const { checks } = verify(rest, { before, after, submission: undefined, finalMessage: '' });
    this.#stateHolds = checks.every(({ ok }) => ok) && checks.length + submissionChecks.length > 0;
    this.#checks = submissionChecks.map(({ expr }) => this.#folded(expr));
  }

  /** @param submission clean, and not absent */
  accepts(submission: Json): boolean {
    if (!this.#stateHolds) return false;
    const { before, after } = this;
    const scope = { before, after, variables: { submission } };
    const at = this.#checks.findIndex((expr) => evaluate(expr, scope) !== true);
    if (at > 0) this.#checks.unshift(...this.#checks.splice(at, 1));
    return at < 0;
  }

  /** The same, with what needs no submission worked out. */
  #folded(expr: Expr): Expr {
    if (expr.op === 'const' || expr.op === 'var') return expr;
    if (isClosed(expr, [])) {
      const { before, after } = this;
      return { op: 'const', value: evaluate(expr, { before, after, variables: {} }) };
    }
    const parts = Object.entries(expr).map(([name, part]) => {
      if (Array.isArray(part)) {
        return [name, (part as Expr[]).map((one) => this.#folded(one))] as const;
      }
      return [name, isExpr(part) ? this.#folded(part) : (part as Json)] as const;
    });
    return Object.fromEntries(parts) as unknown as Expr;
  }
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

function isExpr(part: unknown): part is Expr {
  return typeof part === 'object' && part !== null && 'op' in part;
}
