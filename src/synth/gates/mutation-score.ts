// How many small mistakes in the verifier the attempts would notice: one comparison turned, one clause or
// check left out, one number off by one. A mutant is noticed if some attempt, right or wrong, gets another
// verdict. Evidence, no gate: a limit that is off by one often changes nothing that can be handed in.
// Source: agents reference §8.2.

import { evaluate } from '../evaluate.js';
import type { Expr, Json } from '../world-types.js';
import { cleanSubmission } from '../verify.js';
import type { Bench, Left, Played } from './bench.js';
import type { Attempted } from './check-soundness.js';
import { mutantsOf } from './mutants.js';

/** Attempts that one check alone refuses: more of them notice little more. */
const MAX_WITNESSES = 4;

export interface MutationScore {
  readonly mutants: number;
  readonly noticed: number;
  /** Checks that no attempt fails alone: others refuse the same, so a weaker form would not show. */
  readonly backedUpChecks: number;
  readonly [count: string]: number;
}

export function scoreMutants(
  bench: Bench,
  played: Played,
  attempts: readonly Attempted[],
): MutationScore {
  const witnesses = witnessesOf(attempts);
  const { stateChecks = [], submissionChecks = [] } = bench.candidate.verifier;
  const checks = [
    ...stateChecks.map(({ id, expr }) => ({ id: `state:${id}`, expr })),
    ...submissionChecks.map(({ id, expr }) => ({ id: `submission:${id}`, expr })),
  ];
  let [mutants, noticed, backedUpChecks] = [0, 0, 0];
  for (const { id, expr } of checks) {
    const refused = witnesses.get(id);
    if (!refused) {
      backedUpChecks++;
      continue;
    }
    for (const mutant of mutantsOf(expr)) {
      mutants++;
      const isNoticed =
        !holds(bench, mutant, played) || refused.some((left) => holds(bench, mutant, left));
      if (isNoticed) noticed++;
    }
  }
  return { mutants, noticed, backedUpChecks };
}

/** By check: attempts that it alone refuses. */
function witnessesOf(attempts: readonly Attempted[]): Map<string, Left[]> {
  const found = new Map<string, Left[]>();
  for (const { left, verdict } of attempts) {
    const [first, second] = verdict.checks.filter(({ ok }) => !ok);
    // What cannot be a value at all is refused by whatever check.
    if (!first || second || left.submission === undefined) continue;
    const of = found.get(first.id) ?? [];
    if (of.length < MAX_WITNESSES) found.set(first.id, [...of, left]);
  }
  return found;
}

function holds({ before }: Bench, expr: Expr, { after, submission }: Left): boolean {
  const cleaned: Json = submission === undefined ? null : (cleanSubmission(submission) ?? null);
  return evaluate(expr, { before, after, variables: { submission: cleaned } }) === true;
}
