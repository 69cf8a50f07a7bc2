// Takes a candidate through the gates G2 to G8 and measures its difficulty by what they did. Deterministic
// in its arguments. G1 is of environments (world/check-environment.ts), G9 of a corpus.
// Source: agents reference §5 and §6.6.

import type { TaskFamily } from '../families/family.js';
import type { Random } from '../random.js';
import type { Candidate, Difficulty, SolutionPlan } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import { Bench, type Played } from './bench.js';
import { checkGuessing } from './check-guessing.js';
import { checkMeaning, checkNecessity, overlook, solved } from './check-meaning.js';
import { checkExactness, checkReference, knownValues } from './check-reference.js';
import { checkSoundness, rightAttempts, wrongAttempts } from './check-soundness.js';
import { Domains } from './domains.js';
import { huntMutants } from './hunt-mutants.js';
import { climbLadder, type LadderAgent } from './ladder.js';
import { isWrite } from './plan-variants.js';
import { resultOf, type GateReport, type GateResult } from './report.js';

/** Where the noisy oracle must be: tasks that it always or never solves are too short or too long. */
const NOISY_BAND = { low: 5, high: 60 } as const;
const MAX_BUDGETED = 10;

/**
 * @param random of this task's gates; equal streams give equal reports
 * @param neighbours solutions of other tasks in this environment, tried as wrong attempts
 * @returns the evidence of every gate that was reached
 */
export function judgeCandidate(
  loaded: LoadedEnvironment,
  family: TaskFamily,
  candidate: Candidate,
  random: Random,
  neighbours: readonly SolutionPlan[] = [],
): GateReport {
  const bench = new Bench(loaded, candidate);
  const known = knownValues(loaded, candidate.ir);
  const played = bench.play(candidate.solution, known);
  const reference = checkReference(bench, known, played);
  if (!reference.ok) return reportOf([reference], difficultyOf(bench, played));
  const ends = solved(bench, family, candidate.ir) ?? [];
  bench.expect(ends);
  const { result: exactness, routes } = checkExactness(bench, known, played, random);
  const meaning = checkMeaning(bench, family, ends, played);
  const overlooked = overlook(bench, family);
  const { result: necessity, neededCalls } = checkNecessity(bench, ends, overlooked);
  const domains = new Domains(loaded, candidate.submissionSchema);
  const tried = { bench, family, domains, played, overlooked, neighbours };
  const wrong = wrongAttempts(tried, random);
  const rights = rightAttempts(bench, played, ends, random);
  const ladder = climbLadder({
    bench,
    domains,
    played,
    overlooked,
    neededCalls,
    isSolved: exactness.ok,
    random,
  });
  const others = [
    checkGuessing(bench, domains, ends, played, ladder, random),
    necessity,
    meaning,
    checkHardness(ladder),
  ];
  const soundness = checkSoundness(bench, { attempts: wrong, rights, routes }, () => {
    // The costliest: what is refused anyway is spared it.
    if (![exactness, ...others].every(({ ok }) => ok)) return undefined;
    const right = [played, ...rights.map(({ left }) => left)];
    return huntMutants(bench, family, right, wrong, overlooked);
  });
  return reportOf(
    [reference, exactness, soundness, ...others],
    difficultyOf(bench, played, ends.length, ladder),
  );
}

function reportOf(gates: readonly GateResult[], measured: Difficulty): GateReport {
  return { accepted: gates.length > 1 && gates.every(({ ok }) => ok), gates, measured };
}

/** G8: solvable, neither trivial nor hopeless. */
function checkHardness(ladder: Readonly<Record<LadderAgent, number>>): GateResult {
  const problems: string[] = [];
  if (ladder.A7 < 100) problems.push('the oracle fails');
  if (ladder.A5 > MAX_BUDGETED) problems.push(`a third of the calls is enough in ${ladder.A5} %`);
  if (ladder.A6 < NOISY_BAND.low || ladder.A6 > NOISY_BAND.high) {
    problems.push(`the noisy oracle passes in ${ladder.A6} %`);
  }
  return resultOf('G8', Object.keys(ladder).length, problems, ladder);
}

/** @param ladder absent where the reference already fails */
function difficultyOf(
  { loaded, candidate }: Bench,
  { session, after }: Played,
  solutions = 0,
  ladder: Readonly<Record<string, number>> = {},
): Difficulty {
  const { steps } = candidate.solution;
  const tables = new Set<string>();
  for (const { tool } of steps) {
    const impl = loaded.tools.get(tool)?.impl;
    if (impl && 'table' in impl) tables.add(impl.table);
    if (impl && 'edgeTable' in impl) tables.add(impl.edgeTable);
    if (impl && 'resourceTable' in impl) tables.add(impl.resourceTable);
  }
  for (const { table } of after.diff()) tables.add(table);
  return {
    minCalls: session.calls.length,
    tablesTouched: tables.size,
    writes: steps.filter((step) => isWrite(loaded, step)).length,
    ...candidate.size,
    solutions,
    ladder,
    level: levelOf(steps.length),
  };
}

/** One level per eight calls, from 1. */
const levelOf = (calls: number): number => Math.max(1, Math.ceil(calls / 8));
