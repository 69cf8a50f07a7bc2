// Whether a program that an attempt left behind does what it must: the verifier's part for code tasks.
// A verdict is kept as long as its check lives, by the text of the files: the same program is judged
// many times while a task goes through its gates.

import type { Database } from '../database.js';
import { canonicalJson } from '../canonical.js';
import type { ProgramCheck } from '../task-types.js';
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

function givesAll(
  { entry, cases }: ProgramCheck,
  files: Readonly<Record<string, string>>,
): boolean {
  const outcomes = runCases(
    files,
    entry,
    cases.map(({ args }) => args),
  );
  return (
    outcomes.length === cases.length &&
    cases.every(({ result }, i) => outcomes[i]!.spelled === canonicalJson(result))
  );
}
