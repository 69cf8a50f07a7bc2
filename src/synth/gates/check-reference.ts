// G2: the reference solution, carried out through the tools alone in a fresh session, is right, and every
// value it uses is one that an agent can know. G3: the verdict does not depend on the route, on order
// where order means nothing, or on when it is asked. Source: agents reference §5.

import { canonicalJson } from '../canonical.js';
import { leavesOf } from '../replay.js';
import type { Random } from '../random.js';
import type { SolutionPlan } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { Json } from '../world-types.js';
import type { Bench, Left, Played } from './bench.js';
import { permuted, withExtraReads } from './plan-variants.js';
import { resultOf, type GateResult } from './report.js';

const MIN_ROUTES = 3;
const PERMUTATIONS = 3;
/** Times that the reference is judged. */
const VERDICTS = 3;

const schemaLeaves = new WeakMap<LoadedEnvironment, ReadonlySet<string>>();

/** What literals may be: parts of the request's meaning, and what tool schemas spell out. */
export function knownValues(loaded: LoadedEnvironment, ir: Json): Set<string> {
  let ofTools = schemaLeaves.get(loaded);
  if (!ofTools) {
    const leaves = new Set<string>();
    for (const { parameters } of loaded.env.tools) leavesOf(parameters, leaves);
    schemaLeaves.set(loaded, (ofTools = leaves));
  }
  return leavesOf(ir, new Set(ofTools));
}

export function checkReference(
  bench: Bench,
  known: ReadonlySet<string>,
  played: Played,
): GateResult {
  const { solution } = bench.candidate;
  const problems = [...played.problems, ...refusals(bench, played)];
  const { maxToolCalls } = bench.loaded.env.limits;
  if (solution.steps.length > maxToolCalls) problems.push(`more than ${maxToolCalls} calls`);
  return resultOf('G2', 1, problems, {
    calls: solution.steps.length,
    knownValues: known.size,
  });
}

/** Checks that do not hold, named. */
function refusals(bench: Bench, played: Played): string[] {
  const { reward, checks } = bench.verdict(played);
  if (reward === 1) return [];
  const failed = checks.filter(({ ok }) => !ok).map(({ id }) => id);
  return [failed.length > 0 ? `refused by ${failed.join(', ')}` : 'the verifier checks nothing'];
}

export interface Exactness {
  readonly result: GateResult;
  /** What the other routes leave behind: all of them right. */
  readonly routes: readonly Left[];
}

export function checkExactness(
  bench: Bench,
  known: ReadonlySet<string>,
  played: Played,
  random: Random,
): Exactness {
  const { loaded, candidate } = bench;
  const { solution, alternatives } = candidate;
  const problems: string[] = [];
  const verdict = canonicalJson(bench.verdict(played) as unknown as Json);
  for (let run = 1; run < VERDICTS; run++) {
    const again = canonicalJson(bench.verdict(bench.play(solution)) as unknown as Json);
    if (again !== verdict) problems.push('another run has another verdict');
  }
  const lefts: Left[] = [];
  const tell = (id: string, plan: SolutionPlan): void => {
    const other = bench.play(plan, known);
    lefts.push(other);
    for (const problem of [...other.problems, ...refusals(bench, other)]) {
      problems.push(`${id}: ${problem}`);
    }
  };
  alternatives.forEach((plan, i) => tell(`alternative ${i + 1}`, plan));
  const orders = new Set([JSON.stringify(solution)]);
  for (let i = 0; i < PERMUTATIONS; i++) {
    const plan = permuted(loaded, solution, random);
    const spelled = JSON.stringify(plan);
    if (orders.has(spelled)) continue;
    orders.add(spelled);
    tell(`permutation ${i + 1}`, plan);
  }
  tell('extra reads', withExtraReads(loaded, solution));
  const routes = alternatives.length + orders.size - 1;
  if (routes < MIN_ROUTES) problems.push(`only ${routes} other routes`);
  const result = resultOf('G3', VERDICTS + routes + 1, problems, {
    alternatives: alternatives.length,
    permutations: orders.size - 1,
  });
  return { result, routes: lefts };
}
