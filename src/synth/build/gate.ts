// What a build asks of the gates: one judgement per candidate, with what each gate saw. The gates
// themselves are plain functions of the candidate; this file holds their order.
// Source: agents reference §5.

import { canonicalJson, sameJson } from '../canonical.js';
import { Database } from '../database.js';
import { MAX_RIGHT_ENDS, type RightEnd, type TaskFamily } from '../families/family.js';
import { leavesOf, replay } from '../replay.js';
import type { Candidate, Difficulty, SolutionPlan } from '../task-types.js';
import { Session, type LoadedEnvironment } from '../tools/session.js';
import { verify } from '../verify.js';

/** What one gate saw. */
export interface GateEvidence {
  readonly gate: string;
  readonly passed: boolean;
  /** In words; empty = passed. */
  readonly problems: readonly string[];
  /** Counts behind the decision. */
  readonly evidence: Readonly<Record<string, number>>;
}

/** What a build needs of a judgement; the report of gates/ is one. */
export interface Judgement {
  readonly accepted: boolean;
  /** In order. */
  readonly gates: readonly GateEvidence[];
  readonly difficulty: Difficulty;
}

const MIN_ALTERNATIVES = 3;
const MIN_DECOYS = 8;

/** Stops at the first gate that fails: what is rejected costs as little as it can. */
export function judge(
  loaded: LoadedEnvironment,
  family: TaskFamily,
  candidate: Candidate,
): Judgement {
  const ends: RightEnd[] = [];
  const steps: readonly (() => GateEvidence)[] = [
    () => reading(loaded, family, candidate),
    () => solution(loaded, candidate),
    () => wrongAttempts(loaded, candidate),
    () => {
      ends.push(...family.solve(loaded, candidate.patch, candidate.ir));
      return solver(loaded, candidate, ends);
    },
  ];
  const gates: GateEvidence[] = [];
  for (const step of steps) {
    const result = step();
    gates.push(result);
    if (!result.passed) break;
  }
  const accepted = gates.every(({ passed }) => passed);
  return { gates, accepted, difficulty: difficultyOf(loaded, candidate, ends.length) };
}

/** The text means what it was made from. */
function reading(
  { env }: LoadedEnvironment,
  family: TaskFamily,
  candidate: Candidate,
): GateEvidence {
  const read = family.parse(candidate.request, env, candidate.language);
  const ok = read !== null && sameJson(read, candidate.ir);
  return result('reading', 1, ok ? [] : [`read as ${read ? canonicalJson(read) : 'nothing'}`]);
}

/** The reference solution and its variants run through the tools alone, and are right. */
function solution(loaded: LoadedEnvironment, candidate: Candidate): GateEvidence {
  const known = leavesOf(candidate.ir);
  for (const { parameters } of loaded.env.tools) leavesOf(parameters, known);
  const plans = [candidate.solution, ...candidate.alternatives];
  const problems = plans.flatMap((plan, i) => {
    const { reward, told } = attempt(loaded, candidate, plan, known);
    return reward === 1 && told === '' ? [] : [`plan ${i}: ${told}`];
  });
  if (plans.length <= MIN_ALTERNATIVES) problems.push(`${plans.length - 1} alternatives`);
  return result('solution', plans.length, problems);
}

/** Doing nothing and every known mistake are refused. */
function wrongAttempts(loaded: LoadedEnvironment, candidate: Candidate): GateEvidence {
  const wrong = [{ id: 'nothing', plan: { steps: [] } as SolutionPlan }, ...candidate.decoys];
  const problems = wrong
    .filter(({ plan }) => attempt(loaded, candidate, plan).reward === 1)
    .map(({ id }) => `${id} is accepted`);
  if (candidate.decoys.length < MIN_DECOYS) problems.push(`${candidate.decoys.length} decoys`);
  return result('wrong', wrong.length, problems);
}

/** The solver over the tables finds right ends, few of them, and the verifier accepts what it finds. */
function solver(
  loaded: LoadedEnvironment,
  candidate: Candidate,
  ends: readonly RightEnd[],
): GateEvidence {
  const problems: string[] = [];
  if (ends.length === 0) problems.push('no right end');
  if (ends.length > MAX_RIGHT_ENDS) problems.push(`more than ${MAX_RIGHT_ENDS} right ends`);
  for (const { submission, changes } of ends) {
    if (submission === undefined || changes?.length !== 0) continue;
    const { reward, told } = attempt(loaded, candidate, { steps: [], submission });
    if (reward !== 1) problems.push(`the verifier refuses a right end: ${told}`);
  }
  return result('solver', ends.length, problems);
}

function attempt(
  loaded: LoadedEnvironment,
  { patch, verifier }: Candidate,
  plan: SolutionPlan,
  known?: ReadonlySet<string>,
): { readonly reward: 0 | 1; readonly told: string } {
  const session = new Session(loaded, patch);
  const played = replay(plan, session, known);
  const before = new Database(loaded.base);
  before.apply(patch);
  const { reward, checks } = verify(verifier, {
    before,
    after: session.db,
    submission: session.submission,
    finalMessage: played.finalMessage,
  });
  const failed = checks.filter(({ ok }) => !ok).map(({ id }) => id);
  return { reward, told: [...(known ? played.problems : []), ...failed].join('; ') };
}

function result(gate: string, runs: number, problems: readonly string[]): GateEvidence {
  return {
    gate,
    passed: problems.length === 0,
    problems: problems.slice(0, 8),
    evidence: { runs },
  };
}

function difficultyOf(
  { tools }: LoadedEnvironment,
  { solution: { steps }, size }: Candidate,
  solutions: number,
): Difficulty {
  const impls = steps.flatMap(({ tool }) => tools.get(tool)?.impl ?? []);
  const tables = impls.flatMap((impl) => ('table' in impl ? [impl.table] : []));
  return {
    minCalls: steps.length,
    tablesTouched: new Set(tables).size,
    writes: steps.filter(({ tool }) => tools.get(tool)?.effect === 'write').length,
    ...size,
    solutions,
    ladder: {},
    level: Math.max(1, Math.ceil(steps.length / 8)),
  };
}
