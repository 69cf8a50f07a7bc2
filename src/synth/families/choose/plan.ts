// Reads what a choice needs, through the tools, by several routes: each table as a whole, or for each
// slot as narrow as its demands allow; tables in either order. The routes are plans that all end with
// the same answer.

import { PlanRecorder } from '../../plan-recorder.js';
import type { SolutionPlan } from '../../task-types.js';
import { Session } from '../../tools/session.js';
import type { Json, JsonObject } from '../../world-types.js';
import { clausesOf, tableOf, type Atom, type Constraint } from '../constraint.js';
import { listParents, look, type Path } from '../look.js';
import { Reading, submitted } from '../reading.js';
import { detour, type Route } from '../routes.js';
import type { ChoiceWorld } from './world.js';

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
  if (route.detour === 'first') detour(recorder);
  before(reading);
  const jobs = jobsFor(world, constraints, route.rows);
  for (const job of route.reversed ? jobs.toReversed() : jobs) read(reading, job, route);
  if (route.detour === 'last') detour(recorder);
  return submitted(recorder, answer, reading.evidence);
}

interface Job {
  readonly table: string;
  readonly where: Readonly<Record<string, Json>>;
  /** What is demanded of each slot that the rows are for, whatever else is chosen. */
  readonly demands: Atom[][];
  readonly paths: readonly Path[];
}

function jobsFor(
  world: ChoiceWorld,
  constraints: readonly Constraint[],
  rows: Route['rows'],
): Job[] {
  const jobs = new Map<string, Job>();
  for (const { table, id } of world.slots) {
    const where = rows === 'narrow' ? demanded(constraints, id) : {};
    const name = JSON.stringify([table, where]);
    let job = jobs.get(name);
    if (!job) {
      job = { table, where, demands: [], paths: pathsOf(world, constraints, table) };
      jobs.set(name, job);
    }
    job.demands.push(
      constraints.filter((one): one is Atom => one.kind === 'atom' && one.of === id),
    );
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
function pathsOf(world: ChoiceWorld, constraints: readonly Constraint[], table: string): Path[] {
  const { name, cost, group } = world.thing(table);
  const paths: Path[] = [[name], [cost]];
  for (const constraint of constraints) {
    if (constraint.kind === 'group' && group !== null) paths.push([group]);
    if (constraint.kind === 'tiers' && tableOf(constraint.of) === table)
      paths.push(constraint.path);
    for (const clause of clausesOf(constraint)) {
      if (clause.kind === 'atom' && tableOf(clause.of) === table) paths.push(clause.path);
    }
  }
  return [...new Map(paths.map((path) => [path.join(), path])).values()];
}

function read(reading: Reading, { table, where, demands, paths }: Job, route: Route): void {
  if (route.parents === 'list') listParents(reading, table, paths);
  for (const row of reading.rows(table, where, [])) look(reading, row, paths, demands);
}
