// G4: everything that is wrong is refused: at least twenty attempts that leave something else behind than
// the right ends, and what means the same as a right end is accepted.
// Source: agents reference §5 and §8.2.

import type { RightEnd, TaskFamily } from '../families/family.js';
import type { Random } from '../random.js';
import type { SolutionPlan, Verdict } from '../task-types.js';
import type { Bench, Left, Played } from './bench.js';
import { leftBy, type Overlooked } from './check-meaning.js';
import type { Domains } from './domains.js';
import { extraWrites, wrongPlans } from './plan-variants.js';
import { resultOf, type GateResult } from './report.js';
import { rightVariants, wrongVariants } from './submission-variants.js';

const MIN_WRONG = 20;
/** Of the answers to a weaker request: the first few are like the rest. */
const MAX_OVERLOOKED = 4;

/** Something that an agent might leave behind, and what the verifier says to it. */
export interface Attempted {
  readonly id: string;
  readonly left: Left;
  readonly verdict: Verdict;
}

export interface Tried {
  readonly bench: Bench;
  readonly family: TaskFamily;
  readonly domains: Domains;
  readonly played: Played;
  readonly overlooked: readonly Overlooked[];
  /** Solutions of other tasks in this environment. */
  readonly neighbours: readonly SolutionPlan[];
}

/** All that might be wrong, carried out; what comes to a right end by chance is left out. */
export function wrongAttempts(
  { bench, family, domains, played, overlooked, neighbours }: Tried,
  random: Random,
): Attempted[] {
  const { loaded, candidate } = bench;
  const attempts: Attempted[] = [];
  const add = (id: string, left: Left): void => {
    if (!bench.isRight(left)) attempts.push({ id, left, verdict: bench.verdict(left) });
  };
  const { solution, decoys, patch, ir } = candidate;
  const plans = [
    ...wrongPlans(loaded, solution),
    ...extraWrites(loaded, solution, random),
    ...decoys.map(({ id, plan }) => ({ id: `decoy:${id}`, plan })),
    ...neighbours.map((plan, i) => ({ id: `neighbour:${i + 1}`, plan })),
  ];
  for (const { id, plan } of plans) add(id, bench.play(plan));
  const { after, submission, finalMessage } = played;
  if (submission !== undefined) {
    for (const variant of wrongVariants(submission, domains, random)) {
      add(variant.id, { after, submission: variant.submission, finalMessage });
    }
    add('told-and-not-done', { after: bench.before, submission, finalMessage });
  }
  for (const { path, ends } of overlooked) {
    const some = ends?.slice(0, MAX_OVERLOOKED) ?? [];
    for (const end of some) add(`without ${path}`, leftBy(bench, end));
  }
  if (patch.length > 0) {
    const unpatched: readonly RightEnd[] = family.solve(loaded, [], ir);
    for (const { submission: stale } of unpatched.slice(0, 1)) {
      add('of-the-state-before', { after, submission: stale, finalMessage });
    }
  }
  return attempts;
}

export function checkSoundness(
  bench: Bench,
  played: Played,
  attempts: readonly Attempted[],
  mutants: Readonly<Record<string, number>>,
): GateResult {
  const problems: string[] = [];
  for (const { id, verdict } of attempts) {
    if (verdict.reward === 1) problems.push(`${id} is accepted`);
  }
  if (attempts.length < MIN_WRONG) problems.push(`only ${attempts.length} wrong attempts`);
  const { after, submission, finalMessage } = played;
  const right = submission === undefined ? [] : rightVariants(submission, bench.unordered);
  for (const { id, submission: same } of right) {
    if (bench.verdict({ after, submission: same, finalMessage }).reward !== 1) {
      problems.push(`${id} means the same and is refused`);
    }
  }
  const { length: decoys } = bench.candidate.decoys;
  return resultOf('G4', attempts.length + right.length, problems, {
    wrong: attempts.length,
    right: right.length,
    decoys,
    ...mutants,
  });
}
