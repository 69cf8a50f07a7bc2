// Examines one candidate as the gates will, for tests of families: verdicts of the plans and decoys, the
// replay with provenance, the independent solver against the verifier, and the text read back.

import { Database } from '../database.js';
import { canonicalJson, sameJson } from '../canonical.js';
import { leavesOf, replay } from '../replay.js';
import type { Candidate, SolutionPlan } from '../task-types.js';
import { Session, type LoadedEnvironment } from '../tools/session.js';
import { verify } from '../verify.js';
import type { Json } from '../world-types.js';
import type { TaskFamily } from './family.js';

/** What literals of a plan may be: the request's meaning, and enums in tool schemas. */
function knownLeaves({ env }: LoadedEnvironment, ir: Json): Set<string> {
  const known = leavesOf(ir);
  for (const { parameters } of env.tools) leavesOf(parameters, known);
  return known;
}

/** What is wrong with a candidate, in words; empty = nothing. */
export function examine(
  family: TaskFamily,
  loaded: LoadedEnvironment,
  candidate: Candidate,
): string[] {
  const problems: string[] = [];
  const { verifier, ir, patch } = candidate;
  const known = knownLeaves(loaded, ir);
  const run = (
    plan: SolutionPlan,
    leaves?: ReadonlySet<string>,
  ): { reward: 0 | 1; told: string } => {
    const session = new Session(loaded, patch);
    const played = replay(plan, session, leaves);
    const before = new Database(loaded.base);
    before.apply(patch);
    const { reward, checks } = verify(verifier, {
      before,
      after: session.db,
      submission: session.submission,
      finalMessage: played.finalMessage,
    });
    const failed = checks.filter(({ ok }) => !ok).map(({ id }) => id);
    return { reward, told: [...(leaves ? played.problems : []), ...failed].join('; ') };
  };
  const plans = [candidate.solution, ...candidate.alternatives];
  for (const [i, plan] of plans.entries()) {
    const { reward, told } = run(plan, known);
    if (reward !== 1 || told !== '') problems.push(`plan ${i}: ${told}`);
  }
  if (plans.length < 4) problems.push(`only ${plans.length - 1} alternatives`);
  if (run({ steps: [] }).reward === 1) problems.push('doing nothing is right');
  for (const { id, plan } of candidate.decoys) {
    if (run(plan).reward === 1) problems.push(`decoy ${id} is accepted`);
  }
  if (candidate.decoys.length < 8) problems.push(`only ${candidate.decoys.length} decoys`);
  const ends = family.solve(loaded, patch, ir);
  if (ends.length === 0) problems.push('the solver finds no right end');
  for (const end of ends) {
    if (end.submission === undefined) continue;
    const { reward, told } = run({ steps: [], submission: end.submission });
    if (reward !== 1 && end.changes?.length === 0) problems.push(`the verifier refuses ${told}`);
  }
  const read = family.parse(candidate.request, loaded.env, candidate.language);
  if (!read || !sameJson(read, ir)) {
    problems.push(`read as ${read ? canonicalJson(read) : 'nothing'}: ${candidate.request}`);
  }
  return problems;
}
