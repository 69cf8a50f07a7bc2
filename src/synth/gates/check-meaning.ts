// G7: the request has one meaning, which reading it gives back; the solver's right ends are few, and the
// verifier accepts each of them. Nothing that only the private part may know is in what the agent sees.
// G6: every condition of the request and every call of the reference matters.
// Source: agents reference §5.

import { sameJson } from '../canonical.js';
import { SearchTooLarge } from '../families/choose/search.js';
import { MAX_RIGHT_ENDS, type RightEnd, type TaskFamily } from '../families/family.js';
import type { JsonObject, Json } from '../world-types.js';
import { isObject, type Bench, type Left, type Played } from './bench.js';
import { isWrite, keysOf, usesOf } from './plan-variants.js';
import { resultOf, type GateResult } from './report.js';
import { weakerRequests } from './weaker-requests.js';

/** What overlooking one condition leads to. */
export interface Overlooked {
  readonly path: string;
  /** undefined = the solver gave up: there is too much to choose from. */
  readonly ends: readonly RightEnd[] | undefined;
}

export function leftBy(bench: Bench, end: RightEnd): Left {
  return { after: bench.stateOf(end), submission: end.submission, finalMessage: '' };
}

export function checkMeaning(
  bench: Bench,
  family: TaskFamily,
  ends: readonly RightEnd[],
  played: Played,
): GateResult {
  const { loaded, candidate } = bench;
  const problems: string[] = [];
  const read = family.parse(candidate.request, loaded.env, candidate.language);
  if (!read) problems.push('the request cannot be read');
  else if (!sameJson(read, candidate.ir)) problems.push('the request means something else');
  if (ends.length === 0) problems.push('the solver finds no right end');
  if (ends.length > MAX_RIGHT_ENDS) problems.push(`more than ${MAX_RIGHT_ENDS} right ends`);
  if (ends.length > 0 && !bench.isRight(played)) {
    problems.push('the reference does not end where the solver says');
  }
  for (const [i, end] of ends.entries()) {
    if (bench.verdict(leftBy(bench, end)).reward !== 1) {
      problems.push(`the verifier refuses right end ${i + 1}`);
    }
  }
  const leaks = leaksOf(bench);
  return resultOf('G7', ends.length, [...problems, ...leaks], {
    rightEnds: ends.length,
    leaks: leaks.length,
  });
}

/** Keys of rows in the request, and answers in the form of the submission. */
function leaksOf({ loaded, candidate }: Bench): string[] {
  const leaks: string[] = [];
  const words = new Set(candidate.request.split(/[^\w-]+/));
  for (const [table, keys] of keysOf(loaded)) {
    for (const key of keys) {
      if (words.has(key)) leaks.push(`the request shows the key ${key} of ${table}`);
    }
  }
  return candidate.submissionSchema
    ? [...leaks, ...schemaLeaks(candidate.submissionSchema)]
    : leaks;
}

const TELLTALE = ['const', 'default', 'examples', 'example'];

function schemaLeaks(schema: Json): string[] {
  if (!isObject(schema)) return [];
  const leaks = TELLTALE.filter((word) => Object.hasOwn(schema, word)).map(
    (word) => `the form of the submission has a ${word}`,
  );
  const allowed = schema['enum'];
  if (Array.isArray(allowed) && allowed.length < 2) leaks.push('the form leaves one value only');
  const inside = isObject(schema['properties']) ? Object.values(schema['properties']) : [];
  return [...leaks, ...inside.flatMap(schemaLeaks), ...schemaLeaks(schema['items'] ?? null)];
}

/** The answers to the request without each of its conditions. */
export function overlook(bench: Bench, family: TaskFamily): Overlooked[] {
  return weakerRequests(bench.candidate.ir).map(({ path, ir }) => ({
    path,
    ends: solved(bench, family, ir),
  }));
}

/** Right ends of a request in the candidate's start; undefined where the search is too large. */
export function solved(
  { loaded, candidate }: Bench,
  family: TaskFamily,
  ir: JsonObject,
): readonly RightEnd[] | undefined {
  try {
    return family.solve(loaded, candidate.patch, ir);
  } catch (error) {
    if (error instanceof SearchTooLarge) return undefined;
    throw error;
  }
}

/** Whether the right ends of another request are others than those of this one. */
function differs(bench: Bench, ends: readonly RightEnd[], right: readonly RightEnd[]): boolean {
  return ends.length !== right.length || ends.some((end) => !bench.isRight(leftBy(bench, end)));
}

export interface Necessity {
  readonly result: GateResult;
  /** Calls that the reference cannot do without. */
  readonly neededCalls: number;
}

export function checkNecessity(
  bench: Bench,
  ends: readonly RightEnd[],
  overlooked: readonly Overlooked[],
): Necessity {
  const { loaded, candidate } = bench;
  const problems: string[] = [];
  for (const { path, ends: weaker } of overlooked) {
    if (weaker && !differs(bench, weaker, ends)) {
      problems.push(`without ${path} the answers are the same`);
    }
  }
  const { steps } = candidate.solution;
  const used = new Set(steps.flatMap((step) => [...usesOf(step)]));
  let neededCalls = 0;
  for (const [i, step] of steps.entries()) {
    // A result that later steps are made from: without it they come from nowhere.
    if (step.bind !== undefined && used.has(step.bind) && !isWrite(loaded, step)) neededCalls++;
    else if (loaded.tools.get(step.tool)?.effect !== 'read') {
      const plan = { ...candidate.solution, steps: steps.toSpliced(i, 1) };
      if (bench.verdict(bench.playOn(plan)).reward === 0) neededCalls++;
      else if (isWrite(loaded, step)) problems.push(`call ${i + 1}, a write, is not needed`);
    }
  }
  const evidence = {
    conditions: overlooked.length,
    undecided: overlooked.filter((one) => one.ends === undefined).length,
    calls: steps.length,
    neededCalls,
  };
  return {
    result: resultOf('G6', overlooked.length + steps.length, problems, evidence),
    neededCalls,
  };
}
