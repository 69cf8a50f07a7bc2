// Whether the attempts would notice a small mistake in the verifier: every mutant that gives all of them
// the verdict that the verifier gives has survived. Survivors are given more attempts: all answers to the
// request without one condition, and to the request with a number of the survivor's moved as well.
//
// A survivor is called equivalent only where that follows, and not because nothing was found:
// - it asks about a state that is fixed already: another check demands one state of all tables;
// - folded over the start, it is the very same function of the submission;
// - it reads fields of the submission that have one value only, which other checks demand;
// - it is about rows being there, which another check demands with the same words;
// - the solver has listed every answer to the request without the condition that its check stands for,
//   or to the request with the same number moved, and verifier and mutant agree on all of them.
// Everything else that is left has survived, and is counted so. Source: agents reference §8.2.

import { sameJson } from '../canonical.js';
import { prepared } from '../evaluate.js';
import type { Verifier } from '../task-types.js';
import { cleanSubmission } from '../verify.js';
import type { Expr, Json } from '../world-types.js';
import type { Bench, Left } from './bench.js';
import { folded, isExpr, readsAfter } from './fold-expr.js';
import { mutantsOf, partMutantsOf } from './mutants.js';

/** What was left behind, and which checks of the verifier do not hold, by position. */
export interface Trial {
  readonly left: Left;
  readonly failed: readonly number[];
}

export interface MutationScore {
  /** That are not equivalent, as far as is known: killed and survived. */
  readonly mutants: number;
  readonly killed: number;
  readonly survived: number;
  readonly equivalent: number;
  readonly [count: string]: number;
}

/** A check as an expression, and its place among the checks of a verdict. */
interface Check {
  readonly at: number;
  readonly id: string;
  readonly expr: Expr;
  readonly isOfState: boolean;
}

export interface Survivor {
  readonly check: Check;
  readonly mutant: Expr;
  readonly value: Value;
}

type Value = ReturnType<typeof prepared>;

/** The mutants of a verifier and which of them are left, as more and more attempts are shown to them. */
export class MutantHunt {
  readonly #verifier: Verifier;
  readonly #checks: readonly Check[];
  #survivors: Survivor[] = [];
  #parts: { readonly at: number; readonly id: string; readonly verifier: Verifier }[] = [];
  #mutants = 0;
  #equivalent = 0;

  /** @param rights what must be accepted */
  constructor(
    readonly bench: Bench,
    readonly rights: readonly Left[],
  ) {
    const { verifier } = bench.candidate;
    this.#verifier = verifier;
    this.#checks = checksOf(verifier);
    const cleanRights = rights.map((left) => cleaned(left));
    for (const check of this.#checks) {
      for (const mutant of mutantsOf(check.expr)) {
        this.#mutants++;
        const value = prepared(mutant);
        const refusesARight = cleanRights.some((left) => !this.#holds(check, value, left));
        if (!refusesARight) this.#survivors.push({ check, mutant, value });
      }
    }
    const { checks } = bench.verdict(rights[0]!);
    for (const { id, verifier: mutant } of partMutantsOf(verifier)) {
      this.#mutants++;
      const part = id.split(' ')[0]!;
      const at = checks.findIndex(
        (one) => one.id === id || (part.startsWith('writes') && one.id === 'writes'),
      );
      const refusesARight = rights.some((left) => bench.verdict(left, mutant).reward !== 1);
      if (!refusesARight) this.#parts.push({ at, id, verifier: mutant });
    }
  }

  get survivors(): readonly Survivor[] {
    return this.#survivors;
  }

  get left(): number {
    return this.#survivors.length + this.#parts.length;
  }

  /** Where the check of this id stands. */
  placeOf(id: string): number | undefined {
    return this.#checks.find((check) => check.id === id)?.at;
  }

  /** Whether mutants of the check at this place are left. */
  isWeakAt(at: number): boolean {
    return this.#survivors.some(({ check }) => check.at === at);
  }

  /** Checks that have mutants left. */
  weak(): string[] {
    const ids = [
      ...this.#survivors.map(({ check }) => check.id),
      ...this.#parts.map(({ id }) => id),
    ];
    return [...new Set(ids)];
  }

  score(): MutationScore {
    const survived = this.left;
    const mutants = this.#mutants - this.#equivalent;
    return { mutants, killed: mutants - survived, survived, equivalent: this.#equivalent };
  }

  /** Shows attempts to the survivors, all of them wrong. */
  show(trials: readonly Trial[]): void {
    // A mutant of one check differs only where nothing else refuses.
    const alone = new Map<number, Left[]>();
    for (const { left, failed } of trials) {
      if (failed.length !== 1) continue;
      const of = alone.get(failed[0]!);
      if (of) of.push(left);
      else alone.set(failed[0]!, [left]);
    }
    for (const [at, lefts] of alone) {
      const clean = lefts.map((left) => cleaned(left));
      this.#survivors = this.#survivors.filter(
        ({ check, value }) =>
          check.at !== at || !clean.some((left) => this.#holds(check, value, left)),
      );
      this.#parts = this.#parts.filter(
        ({ at: part, verifier }) =>
          part !== at || !lefts.some((left) => this.bench.verdict(left, verifier).reward === 1),
      );
    }
  }

  /** Sets aside what cannot differ from the verifier. */
  settle(): void {
    const before = this.left;
    const { expectedStateHash } = this.#verifier;
    this.#survivors = this.#survivors.filter((one) => !this.#cannotDiffer(one));
    if (expectedStateHash !== undefined) {
      this.#parts = this.#parts.filter(({ id }) => !id.startsWith('writes'));
    }
    this.#equivalent += before - this.left;
  }

  #cannotDiffer({ check, mutant }: Survivor): boolean {
    if (check.isOfState && this.#verifier.expectedStateHash !== undefined) return true;
    if (this.#checks.some((other) => other !== check && demands(other.expr, check.expr)))
      return true;
    if (!check.isOfState && this.#isFixed(check)) return true;
    if (readsAfter(check.expr) || readsAfter(mutant)) return false;
    const { before } = this.bench;
    const states = { before, after: before };
    return sameJson(
      folded(check.expr, states) as unknown as Json,
      folded(mutant, states) as unknown as Json,
    );
  }

  /** Whether every field that a check reads has one value only, which other checks demand. */
  #isFixed(check: Check): boolean {
    const read = fieldsRead(check.expr);
    const others = this.#checks.filter((one) => one !== check && !one.isOfState);
    const demanded = new Set(others.map(({ expr }) => demandedField(expr)));
    return read !== undefined && [...read].every((field) => demanded.has(field));
  }

  /**
   * Everything that meets all checks but the one at this place: its survivors that agree with it on all
   * of this cannot differ.
   */
  settleBy(at: number, all: readonly Left[]): void {
    const before = this.left;
    const clean = all.map((left) => cleaned(left));
    this.#survivors = this.#survivors.filter(({ check, value }) => {
      const own = prepared(check.expr);
      return (
        check.at !== at ||
        clean.some((left) => this.#holds(check, own, left) !== this.#holds(check, value, left))
      );
    });
    this.#equivalent += before - this.left;
  }

  /** All that violates one demand alone has been shown, but for the demands that became these checks. */
  settleAllBut(unsettled: ReadonlySet<number>): void {
    const before = this.left;
    this.#survivors = this.#survivors.filter(
      ({ check }) => unsettled.has(check.at) || fieldsRead(check.expr) === undefined,
    );
    this.#equivalent += before - this.left;
  }

  /** Sets one aside that is shown to be equivalent, if it has survived. */
  settleOne(mutant: Expr): void {
    const before = this.left;
    this.#survivors = this.#survivors.filter((one) => one.mutant !== mutant);
    this.#equivalent += before - this.left;
  }

  #holds({ isOfState }: Check, value: Value, { after, submission }: Left): boolean {
    if (!isOfState && submission === undefined) return false;
    const { before } = this.bench;
    const variables = { submission: submission ?? null };
    return value({ before, after, variables }) === true;
  }
}

function cleaned(left: Left): Left {
  const { submission } = left;
  return submission === undefined ? left : { ...left, submission: cleanSubmission(submission) };
}

function checksOf({
  expectedStateHash,
  stateChecks = [],
  submissionChecks = [],
}: Verifier): Check[] {
  const first = expectedStateHash === undefined ? 0 : 1;
  return [
    ...stateChecks.map((one, i) => ({ ...one, at: first + i, isOfState: true })),
    ...submissionChecks.map((one, i) => ({
      ...one,
      at: first + stateChecks.length + i,
      isOfState: false,
    })),
  ];
}

/** Whether a check demands, among other things, that the list has an item which is all the other asks. */
function demands(expr: Expr, other: Expr): boolean {
  if (other.op !== 'some' || other.check.op !== 'const' || other.check.value !== true) return false;
  for (let at = expr; at.op === 'some'; at = at.check) {
    if (sameJson(at.of as unknown as Json, other.of as unknown as Json)) return true;
  }
  return false;
}

/** The field of the submission that must have one certain value. */
function demandedField(expr: Expr): string | undefined {
  if (expr.op !== '=' || expr.right.op !== 'const') return undefined;
  const { left } = expr;
  return left.op === 'field' && isSubmission(left.of) ? left.name : undefined;
}

const isSubmission = (expr: Expr): boolean => expr.op === 'var' && expr.name === 'submission';

/** The fields of the submission that an expression reads; undefined = the submission as a whole. */
function fieldsRead(expr: Expr): Set<string> | undefined {
  const found = new Set<string>();
  const look = (part: unknown): boolean => {
    if (Array.isArray(part)) return part.every(look);
    if (!isExpr(part) || part.op === 'const') return true;
    if (isSubmission(part)) return false;
    if (part.op === 'field' && isSubmission(part.of)) {
      found.add(part.name);
      return true;
    }
    return Object.values(part).every(look);
  };
  return look(expr) ? found : undefined;
}
