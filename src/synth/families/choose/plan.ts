// Reads what a choice needs, through the tools, by several routes: each table as a whole, or for each
// slot as narrow as its demands allow; tables in either order. The routes are plans that all end with
// the same answer.

import { PlanRecorder, type TracedRow } from '../../plan-recorder.js';
import type { SolutionPlan } from '../../task-types.js';
import { Session } from '../../tools/session.js';
import type { Json, JsonObject } from '../../world-types.js';
import { clausesOf, tableOf, type Constraint } from '../constraint.js';
import { Reading, submitted } from '../reading.js';
import type { ChoiceWorld } from './world.js';

export interface Route {
  /** Narrow: by what is demanded of each slot; whole: every row of the table. */
  readonly scope: 'narrow' | 'whole';
  readonly reversed: boolean;
  /** Asks for something that it does not need. */
  readonly detour: boolean;
}

export const ROUTES: readonly Route[] = [
  { scope: 'narrow', reversed: false, detour: false },
  { scope: 'whole', reversed: false, detour: false },
  { scope: 'narrow', reversed: true, detour: false },
  { scope: 'narrow', reversed: false, detour: true },
  { scope: 'whole', reversed: true, detour: false },
];

/** What is read before the choice itself. */
export type Before = (reading: Reading) => void;

/** @throws PlanError if the tools do not show what is needed */
export function planChoice(
  world: ChoiceWorld,
  constraints: readonly Constraint[],
  answer: JsonObject,
  route: Route,
  before: Before = () => undefined,
): SolutionPlan {
  const recorder = new PlanRecorder(new Session(world.loaded, world.patch));
  const reading = new Reading(recorder);
  if (route.detour) detour(recorder);
  before(reading);
  const jobs = jobsFor(world, constraints, route.scope);
  for (const job of route.reversed ? jobs.toReversed() : jobs) read(world, reading, job);
  return submitted(recorder, answer, reading.evidence);
}

interface Job {
  readonly table: string;
  readonly where: Readonly<Record<string, Json>>;
  readonly paths: readonly (readonly string[])[];
}

function jobsFor(
  world: ChoiceWorld,
  constraints: readonly Constraint[],
  scope: Route['scope'],
): Job[] {
  const jobs = new Map<string, Job>();
  for (const { table, id } of world.slots) {
    const where = scope === 'narrow' ? demanded(constraints, id) : {};
    jobs.set(JSON.stringify([table, where]), {
      table,
      where,
      paths: pathsOf(world, constraints, table),
    });
  }
  return [...jobs.values()];
}

/** What is demanded of a slot without condition, as equalities of its own columns. */
function demanded(constraints: readonly Constraint[], slot: string): Record<string, Json> {
  const where: Record<string, Json> = {};
  for (const one of constraints) {
    if (one.kind === 'atom' && one.of === slot && one.op === '=' && one.path.length === 1) {
      where[one.path[0]!] = one.value;
    }
  }
  return where;
}

/** Paths that must be known of the rows of a table. */
function pathsOf(
  world: ChoiceWorld,
  constraints: readonly Constraint[],
  table: string,
): (readonly string[])[] {
  const { name, cost, group } = world.thing(table);
  const paths: (readonly string[])[] = [[name], [cost]];
  for (const constraint of constraints) {
    if (constraint.kind === 'group' && group !== null) paths.push([group]);
    if (constraint.kind === 'tiers' && tableOf(constraint.of) === table)
      paths.push(constraint.path);
    for (const clause of clausesOf(constraint)) {
      if (clause.kind === 'atom' && tableOf(clause.of) === table) paths.push(clause.path);
    }
  }
  return paths;
}

function read(world: ChoiceWorld, reading: Reading, { table, where, paths }: Job): void {
  const own = [...new Set(paths.map(([first]) => first!))];
  const rows = reading.rows(table, where, own);
  const references = new Map(
    world.db.spec(table).columns.map(({ name, references }) => [name, references]),
  );
  for (const [first, second] of paths) {
    const parent = references.get(first!);
    if (second === undefined || parent === undefined) continue;
    for (const row of rows) follow(reading, row, parent, first!, second);
  }
}

function follow(
  reading: Reading,
  row: TracedRow,
  parent: string,
  column: string,
  wanted: string,
): void {
  const key = row.fields.get(column)!;
  if (typeof key.value === 'string') reading.row(parent, key, [wanted]);
}

/** A harmless call: the policy, the time, or the first read tool without arguments. */
function detour(recorder: PlanRecorder): void {
  const tool = recorder.session.env.tools.find(
    ({ impl, side }) =>
      side === 'agent' &&
      (impl.archetype === 'list-policies' ||
        impl.archetype === 'current-time' ||
        impl.archetype === 'list-values'),
  );
  if (tool) recorder.call(tool.name, {});
}
