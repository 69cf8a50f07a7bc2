// Draws changes to ask for: from what the environment can do, on rows that exist, with amounts near the
// limits that its rules name, so that what is allowed and what is not look alike.

import type { Random } from '../../random.js';
import type { Affordance, Column, Environment, Row, Value } from '../../world-types.js';
import type { Trial } from './attempt.js';
import { limitsIn } from './expr-parts.js';
import { affordancesOf, implOf, nameColumn, target, type Operation } from './operation.js';

type Draw = (random: Random) => Operation | null;

/** What the environment can do, each with a way to draw one. */
export function changesOf(trial: Trial, kinds?: readonly Operation['kind'][]): Draw[] {
  const { env } = trial.loaded;
  const isNamed = (table: string): boolean =>
    nameColumn(env, table) !== null && trial.db.rows(table).length > 0;
  const made = env.affordances.flatMap((one): { kind: Operation['kind']; draw: Draw }[] => {
    if (!tablesOf(env, one).every(isNamed)) return [];
    switch (one.kind) {
      case 'workflow':
        return [{ kind: 'move', draw: (random) => drawMove(trial, one, random) }];
      case 'editable':
        return settable(env, one).map((column) => ({
          kind: 'set',
          draw: (random: Random) => drawSet(trial, one, column, random),
        }));
      case 'balance':
        return [
          implOf(env, one.tool, 'adjust')
            ? { kind: 'adjust', draw: (random) => drawAdjust(trial, one, random) }
            : { kind: 'transfer', draw: (random) => drawTransfer(trial, one, random) },
        ];
      case 'stock':
        return [{ kind: 'restock', draw: (random) => drawRestock(trial, one, random) }];
      case 'booking':
        return [{ kind: 'book', draw: (random) => drawBooking(trial, one, random) }];
      case 'assignment':
        return [{ kind: 'assign', draw: (random) => drawAssign(trial, one, random) }];
      default:
        return [];
    }
  });
  const named = (kind: Operation['kind']): boolean => kinds === undefined || kinds.includes(kind);
  return made.filter(({ kind }) => named(kind)).map(({ draw }) => draw);
}

/** Tables whose rows a text would have to name. */
function tablesOf(env: Environment, one: Affordance): string[] {
  switch (one.kind) {
    case 'workflow':
    case 'editable':
    case 'balance':
      return [one.table];
    case 'stock':
      return [target(env, one.table, one.item), target(env, one.table, one.place)];
    case 'booking':
      return [one.resourceTable, target(env, one.bookingTable, one.owner)];
    case 'assignment':
      return [one.jobTable, one.workerTable];
    default:
      return [];
  }
}

export function settable(
  env: Environment,
  one: Extract<Affordance, { kind: 'editable' }>,
): Column[] {
  if (nameColumn(env, one.table) === null) return [];
  const spec = env.tables.find(({ name }) => name === one.table)!;
  return spec.columns.filter(
    ({ name, type }) =>
      one.columns.includes(name) &&
      (type === 'int' || type === 'money' || type === 'enum' || type === 'bool'),
  );
}

/** Limits that rules set on calls of a tool. */
function limitsOf(env: Environment, tool: string): number[] {
  return env.rules
    .filter(({ tools }) => tools.includes(tool))
    .flatMap(({ allows }) => limitsIn(allows));
}

/** Near a limit as often as not. */
function near(limits: readonly number[], free: number, random: Random): number {
  if (limits.length === 0 || random.chance(50)) return free;
  const limit = random.pick(limits);
  const step = limit >= 1000 ? 100 : 1;
  return Math.max(1, limit + random.int(-3, 3) * step);
}

function someRow(trial: Trial, table: string, random: Random): { row: Row; name: string } | null {
  const column = nameColumn(trial.loaded.env, table);
  const rows = trial.db.rows(table);
  if (column === null || rows.length === 0) return null;
  const row = random.pick(rows);
  return { row, name: String(row[column]) };
}

function drawMove(
  trial: Trial,
  { table, moves }: Extract<Affordance, { kind: 'workflow' }>,
  random: Random,
): Operation | null {
  const found = someRow(trial, table, random);
  return found && { kind: 'move', table, row: found.name, to: random.pick(moves).to };
}

/** A value other than the present one. */
export function otherValue(
  column: Column,
  now: Value,
  limits: readonly number[],
  random: Random,
): Value {
  switch (column.type) {
    case 'bool':
      return now !== true;
    case 'enum':
      return random.pick((column.values ?? []).filter((value) => value !== now));
    default: {
      const step = column.type === 'money' ? 50 : 1;
      const free = Math.max(1, Number(now ?? 0) + random.int(1, 9) * step);
      const value = near(limits, free, random);
      return value === now ? value + step : value;
    }
  }
}

function drawSet(
  trial: Trial,
  { table, tool }: Extract<Affordance, { kind: 'editable' }>,
  column: Column,
  random: Random,
): Operation | null {
  const found = someRow(trial, table, random);
  if (!found) return null;
  const limits = limitsOf(trial.loaded.env, tool);
  const value = otherValue(column, found.row[column.name] ?? null, limits, random);
  return { kind: 'set', table, row: found.name, column: column.name, value };
}

function drawAdjust(
  trial: Trial,
  { table, column, tool }: Extract<Affordance, { kind: 'balance' }>,
  random: Random,
): Operation | null {
  const found = someRow(trial, table, random);
  if (!found) return null;
  const amount = near(limitsOf(trial.loaded.env, tool), random.int(2, 60), random);
  const by = random.chance(70) ? amount : -amount;
  return { kind: 'adjust', table, row: found.name, column, by };
}

function drawTransfer(
  trial: Trial,
  { table, tool }: Extract<Affordance, { kind: 'balance' }>,
  random: Random,
): Operation | null {
  const [from, to] = [someRow(trial, table, random), someRow(trial, table, random)];
  if (!from || !to || from.name === to.name) return null;
  const amount = near(limitsOf(trial.loaded.env, tool), random.int(2, 200) * 50, random);
  return { kind: 'transfer', table, row: from.name, to: to.name, amount };
}

function drawRestock(
  trial: Trial,
  one: Extract<Affordance, { kind: 'stock' }>,
  random: Random,
): Operation | null {
  const { env } = trial.loaded;
  const rows = trial.db.rows(one.table);
  const from = random.pick(rows);
  const others = rows.filter(
    (row) => row[one.item] === from[one.item] && row[one.place] !== from[one.place],
  );
  if (others.length === 0) return null;
  const name = (column: string, row: Row): string =>
    trial.nameOf(target(env, one.table, column), String(row[column]));
  const free = Math.max(1, random.int(1, Number(from[one.quantity]) + 2));
  return {
    kind: 'restock',
    table: one.table,
    row: name(one.item, from),
    from: name(one.place, from),
    to: name(one.place, random.pick(others)),
    amount: near(limitsOf(env, one.tool), free, random),
  };
}

/** A span some days from now; half of them touch a booking that is there. */
function drawBooking(
  trial: Trial,
  one: Extract<Affordance, { kind: 'booking' }>,
  random: Random,
): Operation | null {
  const { env } = trial.loaded;
  const resource = someRow(trial, one.resourceTable, random);
  const owner = someRow(trial, target(env, one.bookingTable, one.owner), random);
  if (!resource || !owner) return null;
  const spec = trial.db.spec(one.bookingTable);
  const hours = spec.columns.find(({ name }) => name === one.start)?.type === 'datetime';
  const key = String(resource.row[trial.db.spec(one.resourceTable).key]);
  const taken = trial.db
    .rowsBy(one.bookingTable, one.resource, key)
    .map((row) => String(row[one.start]))
    .filter((start) => start > env.clock);
  const day = addDays(env.clock.slice(0, 10), random.int(2, 26));
  const start =
    taken.length > 0 && random.chance(50)
      ? random.pick(taken)
      : hours
        ? `${day}T${String(random.int(7, 17)).padStart(2, '0')}:00`
        : day;
  const end = hours ? addHours(start, random.int(1, 4)) : addDays(start, random.int(1, 6));
  return {
    kind: 'book',
    table: one.bookingTable,
    row: resource.name,
    owner: owner.name,
    start,
    end,
  };
}

function drawAssign(
  trial: Trial,
  one: Extract<Affordance, { kind: 'assignment' }>,
  random: Random,
): Operation | null {
  const { env } = trial.loaded;
  const open = trial.db.rows(one.jobTable).filter((row) => row[one.job.assignee] === null);
  const [jobs, workers] = [nameColumn(env, one.jobTable), nameColumn(env, one.workerTable)];
  if (open.length === 0 || jobs === null || workers === null) return null;
  const job = random.pick(open);
  const all = trial.db.rows(one.workerTable);
  const fit = all.filter((row) => row[one.worker.skill] === job[one.job.needs]);
  const worker = random.pick(fit.length > 0 && random.chance(70) ? fit : all);
  return {
    kind: 'assign',
    table: one.jobTable,
    row: String(job[jobs]),
    to: String(worker[workers]),
  };
}

const DAY_MS = 86_400_000;

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

export function addHours(time: string, hours: number): string {
  return new Date(Date.parse(`${time}:00Z`) + hours * 3_600_000).toISOString().slice(0, 16);
}

/** Rows that an operation reads or writes, so that several do not meet. */
export function touched(op: Operation): string[] {
  const own = `${op.table} ${op.row}`;
  switch (op.kind) {
    case 'transfer':
      return [own, `${op.table} ${op.to}`];
    case 'book':
      return [own, `owner ${op.owner}`];
    case 'assign':
      return [own, `worker ${op.to}`];
    default:
      return [own];
  }
}

export function canChange(env: Environment): boolean {
  return (
    affordancesOf(env, 'workflow').some(({ table }) => nameColumn(env, table) !== null) ||
    affordancesOf(env, 'editable').some((one) => settable(env, one).length > 0)
  );
}
