// Two verifiers that know nothing of one another, over the same answers: right ones, wrong ones of every
// kind, and guesses. One difference is enough to refuse a task. Source: agents reference §7.1.

import { Database } from '../database.js';
import type { RightEnd } from '../families/family.js';
import { Domains } from '../gates/domains.js';
import { rightVariants, wrongVariants } from '../gates/submission-variants.js';
import type { Random } from '../random.js';
import type { Candidate, Verifier } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import { cleanSubmission, verify } from '../verify.js';
import type { Json } from '../world-types.js';

export const MIN_ATTEMPTS = 50;
const NUM_GUESSES = 100;

export interface Agreement {
  readonly attempts: number;
  /** Names of attempts about which they differ; the first few. */
  readonly differ: readonly string[];
}

/** @param others answers to requests with a condition less: the likeliest mistakes */
export function compareVerifiers(
  loaded: LoadedEnvironment,
  { verifier, submissionSchema }: Candidate,
  second: Verifier,
  right: Json,
  after: Database,
  others: readonly RightEnd[],
  random: Random,
): Agreement {
  const domains = new Domains(loaded, submissionSchema);
  const attempts: { id: string; submission: Json | undefined }[] = [
    { id: 'right', submission: right },
    ...rightVariants(right, new Set()),
    ...wrongVariants(right, domains, random),
    ...others.map(({ submission }, i) => ({ id: `weaker:${i + 1}`, submission })),
  ];
  for (let i = 0; i < NUM_GUESSES; i++) {
    attempts.push({ id: `guess:${i + 1}`, submission: domains.random('', right, random) });
  }
  const before = new Database(loaded.base);
  const { submissionChecks } = verifier;
  const seen = new Set<string>();
  const differ: string[] = [];
  for (const { id, submission } of attempts) {
    const cleaned = submission === undefined ? undefined : cleanSubmission(submission);
    const spelled = JSON.stringify(cleaned) ?? '';
    if (seen.has(spelled)) continue;
    seen.add(spelled);
    const outcome = { before, after, submission: cleaned, finalMessage: '' };
    const [one, other] = [{ submissionChecks: submissionChecks! }, second].map(
      (judge) => verify(judge, outcome).reward,
    );
    if (one !== other) differ.push(id);
  }
  return { attempts: seen.size, differ: differ.slice(0, 8) };
}
