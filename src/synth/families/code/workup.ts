// What is known of one program of an environment before anything is planted: its files, its tests, more
// calls with right results, small mistakes and what each of them does to those calls. Made once per
// program and environment, since every task about the program draws from it.

import { canonicalJson } from '../../canonical.js';
import { makeProgram } from '../../programs/library.js';
import { mutate, mutationsOf, type Mutation } from '../../programs/mutations.js';
import { ENTRY } from '../../programs/program.js';
import { entryOf } from '../../programs/program-files.js';
import { runCases } from '../../programs/run-cases.js';
import { poolCases, type Case } from '../../programs/sample-cases.js';
import { tokensOf } from '../../programs/tokens.js';
import { Random } from '../../random.js';
import type { LoadedEnvironment } from '../../tools/session.js';
import type { Affordance, Json, Row } from '../../world-types.js';

export type Programs = Extract<Affordance, { kind: 'programs' }>;
export type Files = Readonly<Record<string, string>>;

/** Mistakes that are tried out, of the hundred or so that could be made. */
const MAX_TRIED = 20;
/** Calls that a verifier makes besides the visible ones. */
const HIDDEN = 24;
/** Of these, so many tell a mistake if the pool has them. */
const MIN_TELLING = 2;

export interface Mistake {
  readonly file: string;
  readonly mutation: Mutation;
  /** Calls that go wrong, by position in `cases`. */
  readonly wrong: ReadonlySet<number>;
  /** The program comes to no end, or to no result at all. */
  readonly breaks: boolean;
}

export interface Workup {
  readonly id: string;
  readonly folder: string;
  /** By name. */
  readonly files: Files;
  readonly rows: Readonly<Record<string, Row>>;
  /** Key of the row of the entry. */
  readonly entry: string;
  /** The visible ones first. */
  readonly cases: readonly Case[];
  readonly visible: number;
  /** Positions in `cases` of what a verifier asks, the visible ones among them. */
  readonly hidden: readonly number[];
  /** Those that change something. */
  readonly mistakes: readonly Mistake[];
  /** log10 of how many changes of one token there are. */
  readonly changesLog10: number;
}

const known = new WeakMap<LoadedEnvironment, Map<string, Workup>>();

export function workupOf(loaded: LoadedEnvironment, programs: Programs, folder: string): Workup {
  let all = known.get(loaded);
  if (!all) known.set(loaded, (all = new Map()));
  let workup = all.get(folder);
  if (!workup) all.set(folder, (workup = make(loaded, programs, folder)));
  return workup;
}

function make(loaded: LoadedEnvironment, programs: Programs, folder: string): Workup {
  const { base } = loaded;
  const program = programs.programs.find((one) => one.folder === folder)!;
  const rows: Record<string, Row> = {};
  for (const row of base.table(programs.fileTable).values()) {
    const place = entryOf(String(row[programs.path]));
    if (place.folder === folder) rows[place.entry] = row;
  }
  const names = Object.keys(rows).toSorted();
  const files = Object.fromEntries(
    names.map((name) => [name, String(rows[name]![programs.source])]),
  );
  const entry = String(rows[ENTRY]![base.specs.get(programs.fileTable)!.key]);
  const tests = [...base.table(programs.testTable).values()]
    .filter((row) => row[programs.file] === entry)
    .map((row): Case => ({
      args: JSON.parse(String(row[programs.args])) as readonly Json[],
      result: JSON.parse(String(row[programs.result])) as Json,
    }));
  const pool = poolCases(program, makeProgram(program, programs.words), tests);
  const cases = [...tests, ...pool];
  const random = new Random('mistakes', program.id, program.seed);
  const places = names.flatMap((file) =>
    mutationsOf(files[file]!).map((mutation) => ({ file, mutation })),
  );
  const mistakes = random
    .sample(places, MAX_TRIED)
    .map(({ file, mutation }) => tried(files, file, mutation, cases))
    .filter(({ wrong }) => wrong.size > 0);
  const tokens = names.flatMap((name) => tokensOf(files[name]!).map(({ text }) => text));
  return {
    id: program.id,
    folder,
    files,
    rows,
    entry,
    cases,
    visible: tests.length,
    hidden: hiddenOf(mistakes, tests.length, cases.length, random),
    mistakes,
    changesLog10: Math.floor(Math.log10(tokens.length * new Set(tokens).size)),
  };
}

function tried(files: Files, file: string, mutation: Mutation, cases: readonly Case[]): Mistake {
  const mistaken = { ...files, [file]: mutate(files[file]!, mutation) };
  const wrong = wrongOf(mistaken, cases);
  if (wrong) return { file, mutation, wrong: new Set(wrong), breaks: false };
  return { file, mutation, wrong: new Set(cases.keys()), breaks: true };
}

const spelled = new WeakMap<
  readonly Case[],
  { lists: readonly (readonly Json[])[]; results: readonly string[] }
>();

/** Arguments and results of calls, as running and comparing needs them. */
export function spelledCases(cases: readonly Case[]) {
  let known = spelled.get(cases);
  if (!known) {
    const lists = cases.map(({ args }) => args);
    spelled.set(
      cases,
      (known = { lists, results: cases.map(({ result }) => canonicalJson(result)) }),
    );
  }
  return known;
}

/** Positions of the calls that go wrong; null where the program comes to no end. */
export function wrongOf(files: Files, cases: readonly Case[]): number[] | null {
  const { lists, results } = spelledCases(cases);
  const outcomes = runCases(files, ENTRY, lists);
  if (outcomes.length < cases.length) return null;
  return [...results.keys()].filter((i) => outcomes[i]!.spelled !== results[i]);
}

/** All visible calls, then those that tell the mistakes that are told least so far, then any. */
function hiddenOf(
  mistakes: readonly Mistake[],
  visible: number,
  count: number,
  random: Random,
): number[] {
  const chosen = new Set(Array.from({ length: visible }, (_, i) => i));
  const most = visible + HIDDEN;
  const order = random.shuffled(Array.from({ length: count - visible }, (_, i) => visible + i));
  // Mistakes that few calls tell have the first choice.
  for (const { wrong } of mistakes.toSorted((a, b) => a.wrong.size - b.wrong.size)) {
    const telling = order.filter((i) => wrong.has(i));
    let told = telling.filter((i) => chosen.has(i)).length;
    for (const i of telling) {
      if (told >= MIN_TELLING || chosen.size >= most) break;
      if (chosen.has(i)) continue;
      chosen.add(i);
      told++;
    }
  }
  for (const i of order) if (chosen.size < most) chosen.add(i);
  return [...chosen].toSorted((a, b) => a - b);
}
