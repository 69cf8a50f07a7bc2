// The verdict on an attempt: a pure function of the task's private part, the state before and what the
// attempt left behind. Total and deterministic; it never asks how the state was reached. Runs where no
// agent is (agents reference §10).

import type { Database } from './database.js';
import { evaluate } from './evaluate.js';
import { programHolds } from './programs/check-program.js';
import type { RowChange, Verdict, Verifier } from './task-types.js';
import type { Expr, Json } from './world-types.js';

const MAX_DEPTH = 32;
const MAX_VALUES = 20_000;
const MAX_TEXT = 1 << 20;

/** What an attempt leaves behind. */
export interface Outcome {
  readonly before: Database;
  readonly after: Database;
  /** Absent = nothing was submitted. */
  readonly submission: Json | undefined;
  readonly finalMessage: string;
}

/**
 * A submission as checks may see it: bounded in depth and size, finite numbers. Comes from a model,
 * so anything can be in it.
 * @returns undefined for what is no such value
 */
export function cleanSubmission(value: unknown): Json | undefined {
  let budget = MAX_VALUES;
  const clean = (item: unknown, depth: number): Json => {
    if (--budget < 0 || depth > MAX_DEPTH) throw new TooLarge();
    if (item === null || typeof item === 'boolean') return item;
    if (typeof item === 'number') {
      if (!Number.isFinite(item)) throw new TooLarge();
      return item;
    }
    if (typeof item === 'string') {
      if (item.length > MAX_TEXT) throw new TooLarge();
      return item;
    }
    if (Array.isArray(item)) {
      if (item.length > budget) throw new TooLarge();
      return item.map((one: unknown) => clean(one, depth + 1));
    }
    if (typeof item !== 'object') throw new TooLarge();
    // A map without prototype: a field named __proto__ is a field.
    const out = Object.create(null) as Record<string, Json>;
    for (const [key, field] of Object.entries(item)) out[key] = clean(field, depth + 1);
    return out;
  };
  try {
    return clean(value, 0);
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
}

class TooLarge extends Error {}

/** Judges one attempt. Every part that the verifier has must hold. */
export function verify(verifier: Verifier, outcome: Outcome): Verdict {
  const checks: { id: string; ok: boolean }[] = [];
  if (verifier.expectedStateHash !== undefined) {
    const ok = outcome.after.stateHash() === verifier.expectedStateHash;
    checks.push({ id: 'state', ok });
  }
  const submission = outcome.submission ?? null;
  const holds = (expr: Expr): boolean =>
    evaluate(expr, {
      before: outcome.before,
      after: outcome.after,
      variables: { submission },
    }) === true;
  for (const { id, expr } of verifier.stateChecks ?? []) {
    checks.push({ id: `state:${id}`, ok: holds(expr) });
  }
  for (const { id, expr } of verifier.submissionChecks ?? []) {
    checks.push({ id: `submission:${id}`, ok: outcome.submission !== undefined && holds(expr) });
  }
  for (const text of verifier.communicate ?? []) {
    const ok = plain(outcome.finalMessage).includes(plain(text));
    checks.push({ id: `says:${text}`, ok });
  }
  for (const check of verifier.programs ?? []) {
    checks.push({ id: `program:${check.id}`, ok: programHolds(check, outcome.after) });
  }
  if (verifier.allowedWrites) {
    const allowed = verifier.allowedWrites;
    const changes = outcome.after.changesSince(outcome.before);
    const ok = changes.every((change) => isAllowed(change, allowed));
    checks.push({ id: 'writes', ok });
  }
  // A verifier without a single check would accept everything.
  const reward = checks.length > 0 && checks.every(({ ok }) => ok) ? 1 : 0;
  return { reward, checks };
}

/** Case, commas between digits and runs of white space do not matter. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/(\d),(?=\d{3})/g, '$1')
    .replaceAll(/\s+/g, ' ');
}

function isAllowed(
  { table, key, before, after }: RowChange,
  allowed: NonNullable<Verifier['allowedWrites']>,
): boolean {
  return allowed.some((rule) => {
    if (rule.table !== table) return false;
    if (rule.keys === 'new' ? before !== null : !rule.keys.includes(key)) return false;
    if (rule.columns === 'all' || before === null) return true;
    if (after === null) return false;
    const { columns } = rule;
    return Object.keys(after).every(
      (name) => after[name] === before[name] || columns.includes(name),
    );
  });
}
