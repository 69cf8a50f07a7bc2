// The ladder of agents without a model, each tried at several seeds: those that take a shortcut must
// fail, one with a third of the calls must nearly always fail, the oracle must always succeed. With a
// third of the calls there are two agents, and the better one counts: a best-first search that knows
// nothing of the solution, and one that is given the first third of the reference itself; both then hand
// in what fits of what they have seen, twenty times. The noisy oracle (A6: every call wrong with a chance of
// 5 %, nothing checked again) is not run: it is worked out from the number of calls that the reference
// cannot do without. Proxies of difficulty. Source: agents reference §6.6.

import { leavesOf } from '../replay.js';
import type { Random } from '../random.js';
import type { Json } from '../world-types.js';
import { isObject, type Bench, type Left, type Played } from './bench.js';
import { leftBy, type Overlooked } from './check-meaning.js';
import type { Domains } from './domains.js';
import { searchWithBudget } from './budgeted-search.js';
import { SubmissionJudge } from './submission-judge.js';

/** A1 guesses, A2 knows the request only, A3 takes the first of each kind, A4 overlooks one
 *  condition, A5 may make a third of the calls. */
export type LadderAgent = 'A0' | 'A1' | 'A2' | 'A3' | 'A4' | 'A5' | 'A6' | 'A7';
export const SHORTCUTS = ['A0', 'A1', 'A2', 'A3', 'A4'] as const;

const SEEDS = 5;
const BUDGETED_TRIES = 20;
/** Of the reference's calls, one part. */
const BUDGET_PARTS = 3;
const CALL_WRONG_PERCENT = 5;

export interface LadderInput {
  readonly bench: Bench;
  readonly domains: Domains;
  readonly played: Played;
  readonly overlooked: readonly Overlooked[];
  readonly neededCalls: number;
  readonly isSolved: boolean;
  readonly random: Random;
}

/** Percent of tries at which each agent is right. */
export function climbLadder(input: LadderInput): Record<LadderAgent, number> {
  const { bench, domains, played, overlooked, random } = input;
  const { submission } = played;
  const isAccepted = (left: Left): boolean => bench.verdict(left).reward === 1;
  const share = (tries: number, passes: (i: number) => boolean): number => {
    const passed = Array.from({ length: tries }, (_, i) => passes(i)).filter(Boolean).length;
    return Math.round((100 * passed) / tries);
  };
  const { verifier, ir } = bench.candidate;
  const seen = firstThird(bench);
  const found = searched(bench);
  const idle = new SubmissionJudge(verifier, bench.before, bench.before);
  const guesses = (judge: SubmissionJudge, choose: Chooser): boolean =>
    submission !== undefined && judge.accepts(fill(submission, '', choose));
  const inRequest = readable(ir);
  const weaker = overlooked.flatMap(({ ends }) => (ends && ends.length > 0 ? [ends] : []));
  const anything: Chooser = (field, value) => domains.random(field, value, random);
  const fromRequest = pickFrom(domains, inRequest, random);
  const budgeted = [seen, found].map((left) => ({
    left,
    judge: new SubmissionJudge(verifier, bench.before, left.after),
    choose: pickFrom(domains, left.known, random),
  }));
  return {
    A0: share(1, () => isAccepted({ ...seen, after: bench.before })),
    A1: share(SEEDS, () => guesses(idle, anything)),
    A2: share(SEEDS, () => guesses(idle, fromRequest)),
    A3: share(SEEDS, (i) => guesses(idle, greedy(domains, i))),
    A4: share(
      SEEDS,
      () => weaker.length > 0 && isAccepted(leftBy(bench, random.pick(random.pick(weaker)))),
    ),
    A5: Math.max(
      ...budgeted.map(({ left, judge, choose }) =>
        share(BUDGETED_TRIES, () =>
          submission === undefined ? isAccepted(left) : guesses(judge, choose),
        ),
      ),
    ),
    A6: Math.round(100 * (1 - CALL_WRONG_PERCENT / 100) ** input.neededCalls),
    A7: input.isSolved ? 100 : 0,
  };
}

/** What takes the place of one value of a submission. */
type Chooser = (field: string, value: Json) => Json;

function fill(value: Json, field: string, choose: Chooser): Json {
  if (!isObject(value)) return choose(field, value);
  const fields = Object.entries(value).map(([name, part]) => [name, fill(part, name, choose)]);
  return Object.fromEntries(fields) as Json;
}

/** Of what is known, something of the right kind; where there is none, anything. */
function pickFrom(domains: Domains, known: readonly Json[], random: Random): Chooser {
  const ofKind = (field: string, value: Json): Json[] => {
    const texts = typeof value === 'string' ? new Set(domains.texts(field, value)) : null;
    return known.filter(
      (one) => typeof one === typeof value && (texts === null || texts.has(one as string)),
    );
  };
  return (field, value) => {
    if (Array.isArray(value)) {
      const first = (value as readonly Json[])[0] ?? '';
      const fitting = ofKind(field, first);
      return random.sample(fitting, random.int(0, fitting.length));
    }
    const fitting = ofKind(field, value);
    return fitting.length > 0 ? random.pick(fitting) : domains.random(field, value, random);
  };
}

/** The first, second ... of every kind, the same everywhere. */
function greedy(domains: Domains, rank: number): Chooser {
  return (field, value) => {
    if (typeof value === 'boolean') return true;
    if (typeof value === 'number') return rank;
    if (Array.isArray(value)) return [];
    if (typeof value !== 'string') return value;
    const texts = domains.texts(field, value);
    return texts[rank % texts.length] ?? value;
  };
}

/** Texts, numbers and truth values of a request's meaning. */
function readable(ir: Json): Json[] {
  return [...leavesOf(ir)].map((leaf) => JSON.parse(leaf) as Json);
}

interface Budgeted extends Left {
  readonly known: readonly Json[];
}

const budgetOf = ({ candidate }: Bench): number =>
  Math.floor(candidate.solution.steps.length / BUDGET_PARTS);

/** The first third of the reference's calls: what they leave and what they show. */
function firstThird(bench: Bench): Budgeted {
  const steps = bench.candidate.solution.steps.slice(0, budgetOf(bench));
  const { after, session } = bench.playOn({ steps });
  const leaves = new Set<string>();
  for (const { result } of session.calls) if (result.ok) leavesOf(result.value, leaves);
  const known = [...leaves].map((leaf) => JSON.parse(leaf) as Json);
  return { after, submission: undefined, finalMessage: '', known };
}

/** As many calls of its own choice. */
function searched(bench: Bench): Budgeted {
  const session = bench.session();
  const request = readable(bench.candidate.ir);
  const known = searchWithBudget(session, request, budgetOf(bench));
  return {
    after: session.db,
    submission: undefined,
    finalMessage: '',
    known: [...request, ...known],
  };
}
