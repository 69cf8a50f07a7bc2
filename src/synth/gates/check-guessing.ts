// G5: guessing does not help: right answers are rare among the candidates, and of a thousand well-formed
// random submissions hardly one is right. The shortcut agents of the ladder are in ladder.ts.
// Source: agents reference §5.

import type { RightEnd } from '../families/family.js';
import type { Random } from '../random.js';
import type { Bench, Played } from './bench.js';
import type { Domains } from './domains.js';
import { resultOf, type GateResult } from './report.js';
import { SHORTCUTS, type LadderAgent } from './ladder.js';
import { SubmissionJudge } from './submission-judge.js';

const GUESSES = 1000;
const MAX_HITS = 1;
/** Of the candidates, how many may be right: 1 in 10^4. */
const MIN_SPARSITY_LOG10 = 4;

export function checkGuessing(
  bench: Bench,
  domains: Domains,
  ends: readonly RightEnd[],
  played: Played,
  ladder: Readonly<Record<LadderAgent, number>>,
  random: Random,
): GateResult {
  const { candidate, before } = bench;
  const problems: string[] = [];
  const { submission } = played;
  // A guesser writes nothing.
  const judge = new SubmissionJudge(candidate.verifier, before, before);
  let hits = 0;
  if (submission !== undefined) {
    const guess = domains.guesser('', submission);
    for (let i = 0; i < GUESSES; i++) if (judge.accepts(guess(random))) hits++;
  }
  if (hits > MAX_HITS) problems.push(`${hits} of ${GUESSES} guesses are right`);
  const sparsity = candidate.size.candidatesLog10 - Math.log10(Math.max(1, ends.length));
  if (sparsity < MIN_SPARSITY_LOG10) problems.push('too many of the candidates are right');
  for (const agent of SHORTCUTS) {
    if (ladder[agent] > 0) problems.push(`${agent} passes in ${ladder[agent]} %`);
  }
  return resultOf('G5', GUESSES, problems, { guesses: GUESSES, hits, ...ladder });
}
