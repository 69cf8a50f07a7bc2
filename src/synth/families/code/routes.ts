// Reference plans of repairs: what somebody does who lists the files, runs and reads the tests, reads the
// sources page by page, changes what is wrong and runs the tests again.

import { derived, literal, PlanError, PlanRecorder, type Traced } from '../../plan-recorder.js';
import { entryOf } from '../../programs/program-files.js';
import { ENTRY } from '../../programs/program.js';
import type { RowChange, SolutionPlan } from '../../task-types.js';
import { PAGE_PARAM } from '../../tools/parameters.js';
import { Session, type LoadedEnvironment } from '../../tools/session.js';
import type { Json, JsonObject, ToolImpl } from '../../world-types.js';
import { implOf } from '../operate/operation.js';
import type { Edit } from './edits.js';
import type { Programs, Workup } from './workup.js';

export interface RouteOptions {
  /** Names of files in the order in which they are read. */
  readonly order: readonly string[];
  readonly edits: readonly Edit[];
  /** Whether the tests are looked at before the sources. */
  readonly testsFirst: boolean;
}

/** null where the tools do not allow it. */
export function repairRoute(
  loaded: LoadedEnvironment,
  programs: Programs,
  { folder }: Workup,
  patch: readonly RowChange[],
  { order, edits, testsFirst }: RouteOptions,
): SolutionPlan | null {
  const recorder = new PlanRecorder(new Session(loaded, patch));
  try {
    const files = listed(recorder, programs, folder);
    const seen: Traced[] = [];
    const tests = (): void => {
      const entry = files.get(ENTRY)!;
      const run = implOf(loaded.env, programs.testTool, 'run-tests')!;
      seen.push(recorder.call(programs.testTool, { [run.param]: entry }));
      const columns = [programs.name, programs.args, programs.result];
      for (const { fields } of recorder.rows(
        programs.testTable,
        { [programs.file]: entry },
        columns,
      )) {
        seen.push(...fields.values());
      }
    };
    if (testsFirst) tests();
    for (const name of order) seen.push(...pagesOf(recorder, programs, files.get(name)!));
    if (!testsFirst) tests();
    const replace = implOf(loaded.env, programs.replaceTool, 'replace-text')!;
    for (const { file, old, text } of edits) {
      recorder.call(programs.replaceTool, {
        [replace.param]: files.get(file)!,
        [replace.oldParam]: derived(old, seen),
        [replace.newParam]: derived(text, seen),
      });
    }
    const run = implOf(loaded.env, programs.testTool, 'run-tests')!;
    recorder.call(programs.testTool, { [run.param]: files.get(ENTRY)! });
    return recorder.plan();
  } catch (error) {
    if (error instanceof PlanError) return null;
    throw error;
  }
}

/** Keys of the program's files by name. */
function listed(recorder: PlanRecorder, programs: Programs, folder: string): Map<string, Traced> {
  const { env } = recorder.session;
  const impl = implOf(env, programs.findTool, 'find')!;
  const filter = impl.filters.find(
    ({ column, op }) => column === programs.path && op === 'contains',
  );
  if (!filter) throw new PlanError('files cannot be found by their folder');
  const { key } = recorder.session.db.spec(programs.fileTable);
  const found = new Map<string, Traced>();
  for (let page = 1; ; page++) {
    const result = recorder.call(programs.findTool, {
      [filter.param]: literal(folder),
      ...(page > 1 && { [PAGE_PARAM]: derived(page, []) }),
    });
    const { items, pages } = result.value as unknown as { items: JsonObject[]; pages: number };
    items.forEach((item, i) => {
      const { entry } = entryOf(String(item[programs.path]));
      found.set(entry, recorder.at(result, 'items', i, key));
    });
    if (page >= pages) return found;
  }
}

function pagesOf(recorder: PlanRecorder, programs: Programs, file: Traced): Traced[] {
  const impl = implOf(recorder.session.env, programs.readTool, 'read-lines') as Extract<
    ToolImpl,
    { archetype: 'read-lines' }
  >;
  const seen: Traced[] = [];
  for (let page = 1; ; page++) {
    const result = recorder.call(programs.readTool, {
      [impl.param]: file,
      ...(page > 1 && { [PAGE_PARAM]: derived(page, []) }),
    });
    seen.push(recorder.at(result, 'text'));
    if (page >= (result.value as { pages: number }).pages) return seen;
  }
}

/** A plan without looking: what an agent writes into files by key. */
export function blindPlan(
  loaded: LoadedEnvironment,
  programs: Programs,
  { rows }: Workup,
  edits: readonly Edit[],
): SolutionPlan {
  const impl = implOf(loaded.env, programs.replaceTool, 'replace-text')!;
  const { key } = loaded.base.specs.get(programs.fileTable)!;
  const value = (one: Json) => ({ literal: one });
  return {
    steps: edits.map(({ file, old, text }) => ({
      tool: programs.replaceTool,
      arguments: {
        [impl.param]: value(rows[file]![key]!),
        [impl.oldParam]: value(old),
        [impl.newParam]: value(text),
      },
    })),
  };
}
