// F13, code: a program of the environment has been damaged by one or two small mistakes; the request
// tells calls that go wrong. The sources must be mended so that calls which nobody has seen come out
// right as well; tests and all other files stay as they are. Source: agents reference §6.4 F13, §7.1.

import type { Random } from '../random.js';
import type { Candidate, Language, RowChange } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { Environment, JsonObject } from '../world-types.js';
import { ENTRY } from '../programs/program.js';
import { editsBetween } from './code/edits.js';
import { plant, type Planted } from './code/plant.js';
import { repairRoute } from './code/routes.js';
import { solveRepair, type RepairIr } from './code/solve.js';
import { readRepairOf, renderRepairOf } from './code/text.js';
import { decoysOf, rightVersions, type Decoy } from './code/variants.js';
import { workupOf, type Files, type Programs, type Workup } from './code/workup.js';
import type { TaskFamily } from './family.js';
import { affordancesOf } from './operate/operation.js';
import { tried } from './operate/finish.js';

const MIN_ALTERNATIVES = 3;
const MIN_DECOYS = 12;
const MAX_DECOYS = 22;
/** Reads and runs that the repair rests on, at least: a shorter one is found by luck. */
const MIN_READS = 9;
/** Calls that the verifier makes for a wrong attempt that its others do not tell. */
const EXTRA_TELLING = 2;
/** A program of few words leaves too little to guess wrong. */
const MIN_CHANGES_LOG10 = 4;
/** From this level on two mistakes are planted, in two files. */
const TWO_FROM_LEVEL = 2;

const programsOf = (env: Environment): Programs | undefined => affordancesOf(env, 'programs')[0];

export const code: TaskFamily = {
  id: 'code',
  applies: (env) => programsOf(env) !== undefined,
  propose: (loaded, random, language, level) =>
    tried(() => propose(loaded, random, language, level)),
  parse: (text, env, language) => readRepairOf(text, env, language) as unknown as JsonObject | null,
  solve: (loaded, patch, ir) =>
    solveRepair(loaded, programsOf(loaded.env)!, patch, ir as unknown as RepairIr),
};

function propose(
  loaded: LoadedEnvironment,
  random: Random,
  language: Language,
  level: number,
): Candidate | null {
  const programs = programsOf(loaded.env)!;
  const open = programs.programs.filter(({ folder }) => !isFrozen(loaded, programs, folder));
  if (open.length === 0) return null;
  const { folder } = random.pick(open);
  const workup = workupOf(loaded, programs, folder);
  const two = level >= TWO_FROM_LEVEL ? plant(workup, 2, random) : null;
  const planted = two ?? plant(workup, 1, random);
  if (!planted || workup.changesLog10 < MIN_CHANGES_LOG10) return null;
  const patch = patchOf(loaded, programs, workup, planted);
  const ir: RepairIr = { kind: 'repair', folder, symptoms: planted.symptoms };
  const names = Object.keys(workup.files);
  const route = (order: readonly string[], testsFirst: boolean, files: Files = workup.files) => {
    const edits = editsBetween(planted.files, files);
    return edits && repairRoute(loaded, programs, workup, patch, { order, edits, testsFirst });
  };
  const entryFirst = [ENTRY, ...names.filter((name) => name !== ENTRY)];
  const solution = route(entryFirst, true);
  if (!solution || solution.steps.length < MIN_READS + planted.mistakes.length + 1) return null;
  const alternatives = [
    route(names.toReversed(), false),
    route(random.shuffled(names), true),
    ...rightVersions(workup, planted).map(({ files }) => route(entryFirst, false, files)),
  ].filter((plan) => plan !== null);
  const decoys = decoysOf(loaded, programs, workup, planted, random).slice(0, MAX_DECOYS);
  if (alternatives.length < MIN_ALTERNATIVES || decoys.length < MIN_DECOYS) return null;
  const operators = planted.mistakes.map(({ mutation }) => mutation.operator);
  return {
    family: 'code',
    skeleton: `code/repair/${workup.id}/${operators.join('+')}`,
    language,
    ir: ir as unknown as JsonObject,
    request: renderRepairOf(ir, language, random),
    patch,
    verifier: {
      programs: [
        {
          id: folder.slice(0, -1),
          table: programs.fileTable,
          path: programs.path,
          source: programs.source,
          folder,
          entry: ENTRY,
          cases: asked(workup, decoys).map((i) => workup.cases[i]!),
        },
      ],
      allowedWrites: [
        {
          table: programs.fileTable,
          keys: names.map((name) => keyOf(loaded, programs, workup, name)),
          // No tool changes another column, and without its path a file is not found.
          columns: 'all',
        },
      ],
    },
    solution,
    alternatives,
    decoys: decoys.map(({ id, plan }) => ({ id, plan })),
    size: {
      constraints: planted.symptoms.length,
      candidatesLog10: workup.changesLog10 * planted.mistakes.length,
      solverNodes: 2 ** planted.mistakes.length,
    },
  };
}

/** Calls of the verifier: those of every task about the program, and what tells wrong attempts at this one. */
function asked({ hidden }: Workup, decoys: readonly Decoy[]): number[] {
  const positions = new Set(hidden);
  for (const { wrong } of decoys) {
    if (wrong.some((i) => positions.has(i))) continue;
    for (const i of wrong.slice(0, EXTRA_TELLING)) positions.add(i);
  }
  return [...positions].toSorted((a, b) => a - b);
}

function isFrozen({ base }: LoadedEnvironment, programs: Programs, folder: string): boolean {
  const { frozen, fileTable, path } = programs;
  if (frozen === null) return false;
  const files = [...base.table(fileTable).values()];
  return files.some((row) => String(row[path]).startsWith(folder) && row[frozen] !== false);
}

function keyOf({ base }: LoadedEnvironment, programs: Programs, { rows }: Workup, name: string) {
  return String(rows[name]![base.specs.get(programs.fileTable)!.key]);
}

function patchOf(
  loaded: LoadedEnvironment,
  programs: Programs,
  workup: Workup,
  { mistakes, files }: Planted,
): RowChange[] {
  return mistakes.map(({ file }) => {
    const before = workup.rows[file]!;
    const after = { ...before, [programs.source]: files[file]! };
    const key = keyOf(loaded, programs, workup, file);
    return { table: programs.fileTable, key, before, after };
  });
}
