// G4: everything that is wrong is refused: at least twenty attempts that leave something else behind than
// the right ends; what means the same as a right end is accepted; and the attempts are enough to notice
// any small mistake in the verifier (mutation-score.ts). Verdicts are on what is left behind alone, so the
// attempts of the source that a verifier of the route would need (a right state by a forbidden route) are
// the same as right ones here, and what was written and undone is right.
// Source: agents reference §5 and §8.2.

import { DataError, type Database } from '../database.js';
import type { RightEnd, TaskFamily } from '../families/family.js';
import type { Random } from '../random.js';
import type { SolutionPlan, Verdict } from '../task-types.js';
import type { Bench, Left, Played } from './bench.js';
import { leftBy, type Overlooked } from './check-meaning.js';
import type { Domains } from './domains.js';
import type { Hunted } from './hunt-mutants.js';
import { extraWrites, writeAndUndo, wrongPlans } from './plan-variants.js';
import { resultOf, type GateResult } from './report.js';
import { INJECTION, rightVariants, wrongVariants } from './submission-variants.js';

const MIN_WRONG = 20;
const MIN_RIGHT = 4;
/** Of the mutants that are not shown to be equivalent. */
const MIN_KILLED_PERCENT = 95;
/** Of the answers to a weaker request: the first few are like the rest. */
const MAX_OVERLOOKED = 4;

/** Something that an agent might leave behind, and what the verifier says to it. */
export interface Attempted {
  readonly id: string;
  readonly left: Left;
  readonly verdict: Verdict;
}

export interface Tried {
  readonly bench: Bench;
  readonly family: TaskFamily;
  readonly domains: Domains;
  readonly played: Played;
  readonly overlooked: readonly Overlooked[];
  /** Solutions of other tasks in this environment. */
  readonly neighbours: readonly SolutionPlan[];
}

/** All that might be wrong, carried out; what comes to a right end by chance is left out. */
export function wrongAttempts(
  { bench, family, domains, played, overlooked, neighbours }: Tried,
  random: Random,
): Attempted[] {
  const { loaded, candidate } = bench;
  const attempts: Attempted[] = [];
  const add = (id: string, left: Left): void => {
    if (!bench.isRight(left)) attempts.push({ id, left, verdict: bench.verdict(left) });
  };
  const { solution, decoys, patch, ir } = candidate;
  const plans = [
    ...wrongPlans(loaded, solution, played.session.calls),
    ...extraWrites(loaded, solution, random),
    ...decoys.map(({ id, plan }) => ({ id: `decoy:${id}`, plan })),
    ...neighbours.map((plan, i) => ({ id: `neighbour:${i + 1}`, plan })),
  ];
  for (const { id, plan } of plans) add(id, bench.playOn(plan));
  const { after, submission, finalMessage } = played;
  const claim = `${finalMessage} ${INJECTION}`;
  add('only-claimed', { after: bench.before, submission: undefined, finalMessage: claim });
  if (submission !== undefined) {
    for (const variant of wrongVariants(submission, domains, random)) {
      add(variant.id, { after, submission: variant.submission, finalMessage });
    }
    add('told-and-not-done', { after: bench.before, submission, finalMessage });
  }
  for (const { path, ends } of overlooked) {
    const some = ends?.slice(0, MAX_OVERLOOKED) ?? [];
    for (const end of some) add(`without ${path}`, leftBy(bench, end));
  }
  for (const [id, besides] of changedBesides(bench, after)) {
    add(id, { after: besides, submission, finalMessage });
  }
  if (patch.length > 0) {
    for (const end of family.solve(loaded, [], ir).slice(0, 1)) {
      add('of-the-state-before', { after, submission: end.submission, finalMessage });
      const whole = endOnTop(bench, end);
      if (whole) add('all-of-the-state-before', whole);
    }
  }
  return attempts;
}

/** The right end with something else changed: in a row where other columns may be, and in some row. */
function changedBesides({ candidate, loaded }: Bench, after: Database): [string, Database][] {
  const lefts: [string, Database][] = [];
  const add = (id: string, table: string, key: string, allowed: readonly string[]): void => {
    const db = after.fork();
    if (changeOther(db, table, key, allowed)) lefts.push([id, db]);
  };
  for (const [i, { table, keys, columns }] of (candidate.verifier.allowedWrites ?? []).entries()) {
    if (keys === 'new' || columns === 'all' || keys.length === 0) continue;
    add(`column-besides:${i + 1}`, table, keys[0]!, columns);
  }
  for (const { name } of loaded.env.tables) {
    const last = after.list(name).at(-1);
    if (last) add(`row-besides:${name}`, name, String(last[after.spec(name).key]), []);
    if (lefts.at(-1)?.[0].startsWith('row-besides')) break;
  }
  return lefts;
}

/** Changes a plain column of a row, not one of these. @returns whether there is one */
function changeOther(
  db: Database,
  table: string,
  key: string,
  allowed: readonly string[],
): boolean {
  const row = db.get(table, key);
  const other = db
    .spec(table)
    .columns.find(
      ({ name, type }) =>
        !allowed.includes(name) &&
        ['int', 'money', 'bool', 'text'].includes(type) &&
        typeof row?.[name] !== 'object',
    );
  if (!row || !other) return false;
  const value = row[other.name];
  const changed =
    typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : `${value} `;
  db.update(table, key, { [other.name]: changed });
  return true;
}

/** An end that was worked out for another start; undefined where it does not fit on this one. */
function endOnTop(bench: Bench, end: RightEnd): Left | undefined {
  try {
    return leftBy(bench, end);
  } catch (error) {
    if (error instanceof DataError) return undefined;
    throw error;
  }
}

/** What means the same as the reference, with the same changes. */
export function rightAttempts(
  bench: Bench,
  { after, submission, finalMessage }: Played,
  ends: readonly RightEnd[],
  random: Random,
): { readonly id: string; readonly left: Left }[] {
  const same = submission === undefined ? [] : rightVariants(submission, bench.unordered);
  const rights = same.map((variant) => ({
    id: variant.id,
    left: { after, submission: variant.submission, finalMessage },
  }));
  rights.push(...ends.map((end, i) => ({ id: `end ${i + 1}`, left: leftBy(bench, end) })));
  const undone = bench.playOn(bench.candidate.solution);
  if (writeAndUndo(undone.session, random)) rights.push({ id: 'undone', left: undone });
  return rights;
}

export interface Soundness {
  readonly attempts: readonly Attempted[];
  readonly rights: readonly { readonly id: string; readonly left: Left }[];
  /** Routes of G3, judged there: right ones too. */
  readonly routes: readonly Left[];
}

/** @param hunt is asked only where everything else is as it should be; undefined = it need not be */
export function checkSoundness(
  bench: Bench,
  { attempts, rights, routes }: Soundness,
  hunt: () => Hunted | undefined,
): GateResult {
  const refused = rights.filter(({ left }) => bench.verdict(left).reward !== 1);
  const refusedRoutes = routes.filter((left) => bench.verdict(left).reward !== 1);
  const problems = refused.map(({ id }) => `${id} means the same and is refused`);
  const right = rights.length + routes.length;
  if (attempts.length < MIN_WRONG) problems.push(`only ${attempts.length} wrong attempts`);
  if (right < MIN_RIGHT) problems.push(`only ${right} right attempts`);
  const accepted = acceptedOf(attempts);
  const hunted = problems.length + accepted.length === 0 ? hunt() : undefined;
  const all = [...attempts, ...(hunted?.more ?? [])];
  const allAccepted = acceptedOf(all);
  problems.unshift(...allAccepted.map(({ id }) => `${id} is accepted`));
  if (hunted) problems.push(...unnoticed(hunted));
  return resultOf('G4', all.length + right, problems, {
    wrong: all.length,
    falseAccepts: allAccepted.length,
    right,
    falseRejects: refused.length + refusedRoutes.length,
    decoys: bench.candidate.decoys.length,
    ...hunted?.score,
  });
}

const acceptedOf = (attempts: readonly Attempted[]): Attempted[] =>
  attempts.filter(({ verdict }) => verdict.reward === 1);

function unnoticed({ score: { killed, mutants }, weak }: Hunted): string[] {
  if (100 * killed >= MIN_KILLED_PERCENT * mutants) return [];
  return [`${killed} of ${mutants} mistakes would be noticed; not in ${weak.join(', ')}`];
}
