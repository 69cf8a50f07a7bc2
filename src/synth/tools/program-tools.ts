// Tools over source files: a text read line by line, changed where a piece of it occurs exactly once, and
// tests run in the isolate over the files as they are now. Their programs come from agents: what they do
// is bounded by programs/run-cases.ts and never throws here.

import { runCases, showOutcome, spelledResult, type Outcome } from '../programs/run-cases.js';
import { entryOf, filesOf } from '../programs/program-files.js';
import type { Json, ToolImpl } from '../world-types.js';
import { PAGE_PARAM, type Arguments } from './parameters.js';
import { notFound } from './read-tools.js';
import { fail, succeed, type Session, type ToolResult } from './session.js';

type Impl<A extends ToolImpl['archetype']> = Extract<ToolImpl, { archetype: A }>;

/** Of a file after a change, in UTF-16 units. */
const MAX_SOURCE = 20_000;
const MAX_MESSAGE = 400;

export function readLines(impl: Impl<'read-lines'>, args: Arguments, session: Session): ToolResult {
  const row = session.db.get(impl.table, String(args[impl.param]));
  if (!row) return notFound(impl.table, args[impl.param]!);
  const lines = String(row[impl.column] ?? '').split('\n');
  const page = (args[PAGE_PARAM] as number | undefined) ?? 1;
  const pages = Math.ceil(lines.length / impl.linesPerPage);
  if (page > pages) return fail('no_such_page', `there are ${pages} pages`);
  const from = (page - 1) * impl.linesPerPage;
  const shown = lines.slice(from, from + impl.linesPerPage);
  return succeed({ first_line: from + 1, text: shown.join('\n'), page, pages });
}

export function replaceText(
  impl: Impl<'replace-text'>,
  args: Arguments,
  session: Session,
): ToolResult {
  const key = String(args[impl.param]);
  const row = session.db.get(impl.table, key);
  if (!row) return notFound(impl.table, key);
  const source = String(row[impl.column] ?? '');
  const [old, replacement] = [String(args[impl.oldParam]), String(args[impl.newParam])];
  const at = old === '' ? -1 : source.indexOf(old);
  if (at < 0) return fail('text_not_found', 'the old text does not occur');
  if (source.indexOf(old, at + 1) >= 0) {
    return fail(
      'text_not_unique',
      'the old text occurs more than once; give more of what is around',
    );
  }
  if (old === replacement) return fail('nothing_to_change', 'both texts are the same');
  const changed = source.slice(0, at) + replacement + source.slice(at + old.length);
  if (changed.length > MAX_SOURCE) return fail('too_long', `more than ${MAX_SOURCE} characters`);
  session.db.update(impl.table, key, { [impl.column]: changed });
  return succeed({ replaced: true, first_line: source.slice(0, at).split('\n').length });
}

export function runTests(impl: Impl<'run-tests'>, args: Arguments, session: Session): ToolResult {
  const key = String(args[impl.param]);
  const row = session.db.get(impl.table, key);
  if (!row) return notFound(impl.table, key);
  const tests = session.db.rowsBy(impl.testTable, impl.file, key);
  if (tests.length === 0) return fail('no_tests', 'no test calls this file');
  const { folder, entry } = entryOf(String(row[impl.path]));
  const files = filesOf(session.db, impl, folder);
  const outcomes = outcomesOf(
    files,
    entry,
    tests.map((test) => String(test[impl.args])),
  );
  const items = tests.map((test, i): Json => {
    const outcome = outcomes[i]!;
    const wanted = spelledResult(String(test[impl.result]));
    const ok = outcome.spelled !== null && outcome.spelled === wanted;
    const told = `expected ${wanted}; ${showOutcome(outcome)}`.slice(0, MAX_MESSAGE);
    return { name: test[impl.name] ?? '', passed: ok, ...(!ok && { message: told }) };
  });
  const passed = items.filter((item) => (item as { passed: boolean }).passed).length;
  return succeed({ passed, failed: items.length - passed, tests: items });
}

/** Runs that are kept: plans of one task run the same tests on the same files again and again. */
const MAX_KEPT = 16;
const kept = new Map<string, readonly Outcome[]>();

function outcomesOf(
  files: Readonly<Record<string, string>>,
  entry: string,
  args: readonly string[],
): readonly Outcome[] {
  const id = JSON.stringify([entry, files, args]);
  let outcomes = kept.get(id);
  if (!outcomes) {
    const cases = args.map(parsedList);
    const all = runCases(files, entry, cases);
    // A test that breaks the bounds takes the others with it: then each runs alone.
    outcomes = cases.map((one, i) => all[i] ?? runCases(files, entry, [one])[0]!);
    if (kept.size >= MAX_KEPT) kept.delete(kept.keys().next().value!);
    kept.set(id, outcomes);
  }
  return outcomes;
}

/** What a test gives its function; a test that was spoilt calls it without anything. */
function parsedList(text: string): readonly Json[] {
  try {
    const value = JSON.parse(text) as Json;
    return Array.isArray(value) ? (value as readonly Json[]) : [];
  } catch {
    return [];
  }
}
