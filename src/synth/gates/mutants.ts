// Small mistakes in a verifier, one at a time: in a check, a comparison turned, a clause left out, a
// number off by one, the whole check gone; the expected state not asked for; of the allowed writes one
// entry too few or one too wide; a text that need not be said. Source: agents reference §8.2.

import type { Verifier } from '../task-types.js';
import type { Expr } from '../world-types.js';

const TURNED: Partial<Record<Expr['op'], Expr['op']>> = {
  '=': '!=',
  '!=': '=',
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
  every: 'some',
  and: 'or',
  min: 'max',
  max: 'min',
};
/** Of one expression; taken evenly from all of them. */
const MAX_MUTANTS = 12;

/** The mutants of one check. */
export function mutantsOf(expr: Expr): Expr[] {
  const all: Expr[] = [{ op: 'const', value: true }, ...changed(expr)];
  const step = Math.ceil(all.length / MAX_MUTANTS);
  return all.filter((_, i) => i % step === 0);
}

function changed(expr: Expr): Expr[] {
  if (expr.op === 'const') {
    const { value } = expr;
    if (typeof value !== 'number') return [];
    return [value + 1, value - 1].map((other) => ({ op: 'const', value: other }));
  }
  const turned = TURNED[expr.op];
  // With one part there is no difference.
  const isSingle = expr.op === 'and' && expr.of.length < 2;
  const own = turned === undefined || isSingle ? [] : [{ ...expr, op: turned } as Expr];
  const inside = Object.entries(expr).flatMap(([name, part]) =>
    changedPart(part).map((other) => ({ ...expr, [name]: other }) as unknown as Expr),
  );
  return [...own, ...inside];
}

/** Parts that could stand in the place of this one. */
function changedPart(part: unknown): unknown[] {
  if (Array.isArray(part)) {
    const list = part as Expr[];
    return list.flatMap((one, i) => [
      ...changed(one).map((other) => list.with(i, other)),
      ...(list.length > 1 ? [list.toSpliced(i, 1)] : []),
    ]);
  }
  const isExpr = typeof part === 'object' && part !== null && 'op' in part;
  return isExpr ? changed(part as Expr) : [];
}

export interface PartMutant {
  readonly id: string;
  readonly verifier: Verifier;
}

/** Mutants of what is no expression. */
export function partMutantsOf(verifier: Verifier): PartMutant[] {
  const { expectedStateHash, allowedWrites, communicate = [], programs = [] } = verifier;
  const mutants: PartMutant[] = [];
  if (expectedStateHash !== undefined) {
    const { expectedStateHash: _, ...rest } = verifier;
    mutants.push({ id: 'state', verifier: rest });
  }
  for (const [i, text] of communicate.entries()) {
    const fewer = communicate.toSpliced(i, 1);
    mutants.push({ id: `says:${text}`, verifier: { ...verifier, communicate: fewer } });
  }
  for (const [i, check] of programs.entries()) {
    const id = `program:${check.id}`;
    mutants.push({ id, verifier: { ...verifier, programs: programs.toSpliced(i, 1) } });
    const asksOnce = { ...check, cases: check.cases.slice(0, 1) };
    mutants.push({ id, verifier: { ...verifier, programs: programs.with(i, asksOnce) } });
  }
  if (!allowedWrites) return mutants;
  const { allowedWrites: _, ...rest } = verifier;
  mutants.push({ id: 'writes', verifier: rest });
  const put = (id: string, changed: NonNullable<Verifier['allowedWrites']>): void => {
    mutants.push({ id: `writes:${id}`, verifier: { ...verifier, allowedWrites: changed } });
  };
  for (const [i, entry] of allowedWrites.entries()) {
    put(`without ${i + 1}`, allowedWrites.toSpliced(i, 1));
    if (entry.columns === 'all') continue;
    put(`all columns of ${i + 1}`, allowedWrites.with(i, { ...entry, columns: 'all' }));
    if (entry.columns.length < 2) continue;
    for (const [at, column] of entry.columns.entries()) {
      const columns = entry.columns.toSpliced(at, 1);
      put(`${i + 1} without ${column}`, allowedWrites.with(i, { ...entry, columns }));
    }
  }
  return mutants;
}
