// Leads the hunt for mutants of a verifier: shows them all attempts, then what solving weaker and shifted
// requests gives, and sets aside those that cannot differ. @see mutation-score.ts

import { MAX_RIGHT_ENDS, type RightEnd, type TaskFamily } from '../families/family.js';
import type { Expr, Json, JsonObject } from '../world-types.js';
import type { Bench, Left } from './bench.js';
import { leftBy, solved, type Overlooked } from './check-meaning.js';
import type { Attempted } from './check-soundness.js';
import { isExpr } from './fold-expr.js';
import { MutantHunt, type MutationScore, type Trial } from './mutation-score.js';

/** Of what misses one demand, shown in any case. */
const FIRST_NEAR = 12;

export interface Hunted {
  readonly score: MutationScore;
  /** Checks that have mutants left. */
  readonly weak: readonly string[];
  /** Made for the survivors; wrong, like all attempts. */
  readonly more: readonly Attempted[];
}

export function huntMutants(
  bench: Bench,
  family: TaskFamily,
  rights: readonly Left[],
  attempts: readonly Attempted[],
  overlooked: readonly Overlooked[],
): Hunted {
  const hunt = new MutantHunt(bench, rights);
  hunt.show(attempts.map(trialOf));
  hunt.settle();
  const more: Attempted[] = [];
  if (hunt.left > 0) {
    for (const { path, ends = [] } of overlooked) {
      const tried = ends.map((end, i) => attempted(bench, `without ${path}: ${i + 1}`, end));
      const wrong = tried.filter(({ left }) => !bench.isRight(left));
      more.push(...wrong);
      const trials = wrong.map(trialOf);
      hunt.show(trials);
      const [at] = trials[0]?.failed ?? [];
      const isAboutOne = trials.every(({ failed }) => failed.length === 1 && failed[0] === at);
      if (at !== undefined && isAboutOne && ends.length <= MAX_RIGHT_ENDS) {
        hunt.settleBy(
          at,
          tried.map(({ left }) => left),
        );
      }
    }
  }
  if (hunt.left > 0) {
    const near = family.near?.(bench.loaded, bench.candidate.patch, bench.candidate.ir);
    const unsettled = new Set<number>();
    let isSettling = near !== undefined;
    for (const { check, ends, isComplete } of near ?? []) {
      const show = (some: readonly RightEnd[]): Trial[] => {
        const tried = some.map((end) => attempted(bench, 'nearly right', end));
        more.push(...tried.filter(({ left }) => !bench.isRight(left)));
        const trials = tried.map(trialOf);
        hunt.show(trials);
        return trials;
      };
      const [first] = show(ends.slice(0, FIRST_NEAR));
      const shown = first?.failed.length === 1 ? first.failed[0] : undefined;
      const at = shown ?? (check === undefined ? undefined : hunt.placeOf(check));
      // What no survivor is about needs no more of the same.
      if (at === undefined || hunt.isWeakAt(at)) show(ends.slice(FIRST_NEAR));
      if (isComplete) continue;
      if (at === undefined) isSettling = false;
      else unsettled.add(at);
    }
    // Each demand is one check, so what violates no demand alone is accepted or refused by several.
    if (isSettling) hunt.settleAllBut(unsettled);
  }
  for (const { mutant, check } of hunt.survivors) {
    const moved = movedConstant(check.expr, mutant);
    if (!moved) continue;
    const requests = withNumber(bench.candidate.ir, moved.from, moved.to);
    const all = requests.map((ir) => answersTo(bench, family, ir as JsonObject));
    const ends = all.flatMap((some) => some ?? []);
    const tried = ends.map((end, i) => attempted(bench, `with ${moved.to}: ${i + 1}`, end));
    const wrong = tried.filter(({ left }) => !bench.isRight(left));
    more.push(...wrong);
    hunt.show(wrong.map(trialOf));
    const isComplete = all.every((some) => some && some.length <= MAX_RIGHT_ENDS);
    if (requests.length > 0 && isComplete) hunt.settleOne(mutant);
  }
  return { score: hunt.score(), weak: hunt.weak(), more };
}

/** undefined = not all of them are known. */
function answersTo(
  bench: Bench,
  family: TaskFamily,
  ir: JsonObject,
): readonly RightEnd[] | undefined {
  try {
    return solved(bench, family, ir);
  } catch {
    // With the number at the wrong place moved it may be no request at all, which solvers need not bear.
    return undefined;
  }
}

/** The number that is another one in a mutant; undefined = something else is. */
function movedConstant(
  expr: Expr,
  mutant: Expr,
): { readonly from: number; readonly to: number } | undefined {
  if (expr.op !== mutant.op) return undefined;
  if (expr.op === 'const') {
    const [from, to] = [expr.value, (mutant as typeof expr).value];
    return typeof from === 'number' && typeof to === 'number' ? { from, to } : undefined;
  }
  const other = mutant as unknown as Readonly<Record<string, unknown>>;
  for (const [name, part] of Object.entries(expr)) {
    if (part === other[name]) continue;
    if (isExpr(part)) return movedConstant(part, other[name] as Expr);
    if (!Array.isArray(part)) return undefined;
    const [list, changed] = [part as Expr[], other[name] as Expr[]];
    const at = list.findIndex((one, i) => one !== changed[i]);
    return list.length === changed.length ? movedConstant(list[at]!, changed[at]!) : undefined;
  }
  return undefined;
}

/** The same with one of the numbers another one, for every place where it stands. */
function withNumber(value: Json, from: number, to: number): Json[] {
  if (value === from) return [to];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) {
    const list = value as readonly Json[];
    return list.flatMap((item, i) => withNumber(item, from, to).map((one) => list.with(i, one)));
  }
  return Object.entries(value).flatMap(([name, part]) =>
    withNumber(part as Json, from, to).map((one) => ({ ...value, [name]: one })),
  );
}

function attempted(bench: Bench, id: string, end: RightEnd): Attempted {
  const left = leftBy(bench, end);
  return { id, left, verdict: bench.verdict(left) };
}

function trialOf({ left, verdict }: Attempted): Trial {
  return { left, failed: verdict.checks.flatMap(({ ok }, at) => (ok ? [] : [at])) };
}
