// Whether a program that an attempt left behind does what it must: the verifier's part for code tasks.
// A verdict is kept as long as its check lives, by the text of the files: the same program is judged
// many times while a task goes through its gates.

import type { Database } from '../database.js';
import { canonicalJson } from '../canonical.js';
import type { ProgramCheck } from '../task-types.js';
import type { Json } from '../world-types.js';
import { filesOf } from './program-files.js';
import { runCases } from './run-cases.js';

const MAX_KEPT = 256;
const known = new WeakMap<ProgramCheck, Map<string, boolean>>();

/** Total: whatever the files hold. */
export function programHolds(check: ProgramCheck, after: Database): boolean {
  const files = filesOf(after, check, check.folder);
  const names = Object.keys(files).toSorted();
  const id = JSON.stringify(names.map((name) => [name, files[name]]));
  let verdicts = known.get(check);
  if (!verdicts) known.set(check, (verdicts = new Map()));
  let ok = verdicts.get(id);
  if (ok === undefined) {
    ok = givesAll(check, files);
    if (verdicts.size >= MAX_KEPT) verdicts.clear();
    verdicts.set(id, ok);
  }
  return ok;
}

const spelled = new WeakMap<
  ProgramCheck,
  { lists: readonly (readonly Json[])[]; results: readonly string[] }
>();

function givesAll(check: ProgramCheck, files: Readonly<Record<string, string>>): boolean {
  let wanted = spelled.get(check);
  if (!wanted) {
    const lists = check.cases.map(({ args }) => args);
    wanted = { lists, results: check.cases.map(({ result }) => canonicalJson(result)) };
    spelled.set(check, wanted);
  }
  const { lists, results } = wanted;
  const outcomes = runCases(files, check.entry, lists);
  return (
    outcomes.length === results.length && results.every((one, i) => outcomes[i]!.spelled === one)
  );
}
