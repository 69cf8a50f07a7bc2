// Judges many submissions over one end state: what does not depend on the submission is worked out once
// and put into the expressions as constants; a check that has just refused is asked first. Gives exactly
// the verdicts of verify().

import type { Database } from '../database.js';
import { prepared, type Scope } from '../evaluate.js';
import type { Verifier } from '../task-types.js';
import { verify } from '../verify.js';
import type { Json } from '../world-types.js';
import { folded } from './fold-expr.js';

export class SubmissionJudge {
  readonly #checks: ((scope: Scope) => Json)[];
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
    this.#checks = this.#stateHolds
      ? submissionChecks.map(({ expr }) => prepared(folded(expr, { before, after })))
      : [];
  }

  /** @param submission clean, and not absent */
  accepts(submission: Json): boolean {
    if (!this.#stateHolds) return false;
    const { before, after } = this;
    const scope = { before, after, variables: { submission } };
    const at = this.#checks.findIndex((check) => check(scope) !== true);
    if (at > 0) this.#checks.unshift(...this.#checks.splice(at, 1));
    return at < 0;
  }
}
