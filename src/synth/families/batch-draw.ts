// Draws a batch: what is worked through, in which order, what is left out, the budget and the change. A
// batch is kept only if every one of its rules matters to the end.

import type { Random } from '../random.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { Column, Environment, JsonObject, Row } from '../world-types.js';
import type { BatchAction, BatchIr } from './batch-types.js';
import { otherValue, settable } from './operate/draw.js';
import { affordancesOf, implOf, nameColumn } from './operate/operation.js';

const MAX_DRAWS = 100;
const MIN_ROWS = 10;
const MAX_ROWS = 34;
/** Rows that are changed in the end: with fewer there are too few calls. */
export const MIN_DONE = 7;

type CarryOut = (
  loaded: LoadedEnvironment,
  ir: BatchIr,
) => { readonly names: readonly string[]; readonly answer: JsonObject };

/** null where no batch comes off. */
export function drawBatch(
  loaded: LoadedEnvironment,
  random: Random,
  level: number,
  carryOut: CarryOut,
): BatchIr | null {
  const actions = workable(loaded);
  if (actions.length === 0) return null;
  for (let i = 0; i < MAX_DRAWS; i++) {
    const { action, queues } = random.pick(actions);
    const ir = drawOne(action, random.pick(queues), random, level);
    const kept = limited(loaded, ir, random, carryOut);
    if (kept) return kept;
  }
  return null;
}

interface Drawable {
  readonly table: string;
  /** What it changes. */
  readonly column: string;
  readonly draw: (random: Random) => BatchAction;
}

/** Changes that make sense for many rows alike. */
function actionsOf(env: Environment): Drawable[] {
  const found: Drawable[] = [];
  for (const { table, column, moves } of affordancesOf(env, 'workflow')) {
    if (nameColumn(env, table) === null) continue;
    found.push({ table, column, draw: (random) => ({ kind: 'move', to: random.pick(moves).to }) });
  }
  for (const one of affordancesOf(env, 'editable')) {
    for (const column of settable(env, one)) {
      const draw = (random: Random): BatchAction => ({
        kind: 'set',
        column: column.name,
        value: otherValue(column, column.type === 'bool' ? random.chance(50) : null, [], random),
      });
      found.push({ table: one.table, column: column.name, draw });
    }
  }
  for (const { table, column, tool } of affordancesOf(env, 'balance')) {
    if (nameColumn(env, table) === null || !implOf(env, tool, 'adjust')) continue;
    const draw = (random: Random): BatchAction => ({
      kind: 'adjust',
      column,
      by: random.int(1, 20) * (random.chance(70) ? 1 : -1),
    });
    found.push({ table, column, draw });
  }
  return found;
}

const MEASURES: readonly Column['type'][] = ['int', 'money'];
const ORDERED: readonly Column['type'][] = ['int', 'money', 'date', 'datetime'];

/** Rows that can be worked through: what they have in common, and what can order and limit them. */
interface Queue {
  readonly filter: BatchIr['filter'];
  readonly rows: readonly Row[];
  readonly columns: readonly Column[];
  readonly orders: readonly Column[];
  readonly budgets: readonly Column[];
}

interface Workable {
  readonly action: Drawable;
  readonly queues: readonly Queue[];
}

const known = new WeakMap<LoadedEnvironment, readonly Workable[]>();

/** What an environment has batches for. Made once for each. */
function workable(loaded: LoadedEnvironment): readonly Workable[] {
  let found = known.get(loaded);
  if (!found) {
    found = actionsOf(loaded.env)
      .map((action) => ({ action, queues: queuesFor(loaded, action) }))
      .filter(({ queues }) => queues.length > 0);
    known.set(loaded, found);
  }
  return found;
}

function queuesFor(loaded: LoadedEnvironment, { table, column: changed }: Drawable): Queue[] {
  const spec = loaded.env.tables.find(({ name }) => name === table)!;
  const columns = spec.columns.filter(({ name, hidden }) => hidden !== true && name !== changed);
  const all = [...loaded.base.table(table).values()];
  const filters = columns.flatMap(({ name, type, values = [] }) =>
    type === 'enum' ? values.map((value) => ({ column: name, value })) : [],
  );
  return filters.flatMap((filter) => {
    const rows = all.filter((row) => row[filter.column] === filter.value);
    if (rows.length < MIN_ROWS || rows.length > MAX_ROWS) return [];
    const orders = columns.filter(
      ({ name, type }) =>
        ORDERED.includes(type) && new Set(rows.map((row) => row[name])).size === rows.length,
    );
    const budgets = columns.filter(
      ({ name, type }) => MEASURES.includes(type) && rows.every((row) => Number(row[name]) > 0),
    );
    const isUsable = orders.length > 0 && budgets.length > 0;
    return isUsable ? [{ filter, rows, columns, orders, budgets }] : [];
  });
}

function drawOne(
  { table, draw }: Drawable,
  { filter, rows: own, columns, orders, budgets }: Queue,
  random: Random,
  level: number,
): BatchIr {
  const action = draw(random);
  const order = random.pick(orders).name;
  const budget = random.pick(budgets).name;
  const others = columns.filter(({ name }) => name !== filter.column && name !== budget);
  const skip = level >= 1 || random.chance(60) ? drawSkip(others, own, random) : null;
  return {
    table,
    filter,
    skip,
    order: { column: order, descending: random.chance(50) },
    budget: { column: budget, limit: Number.MAX_SAFE_INTEGER, mode: random.pick(['skip', 'stop']) },
    action,
  };
}

function drawSkip(
  columns: readonly Column[],
  rows: readonly Row[],
  random: Random,
): BatchIr['skip'] {
  const usable = columns.filter(({ type }) => ['enum', 'bool', 'int', 'money'].includes(type));
  if (usable.length === 0) return null;
  const { name, type } = random.pick(usable);
  const value = random.pick(rows)[name]!;
  if (value === null) return null;
  if (type === 'enum' || type === 'bool') return { column: name, op: '=', value };
  return { column: name, op: random.pick(['<', '<=', '>', '>='] as const), value };
}

/** The batch with a limit under which every rule matters; null if none was found. */
function limited(
  loaded: LoadedEnvironment,
  ir: BatchIr,
  random: Random,
  carryOut: CarryOut,
): BatchIr | null {
  const all = carryOut(loaded, ir);
  if (all.names.length <= MIN_DONE) return null;
  const total = Number(all.answer['total']);
  const share = random.int(45, 80);
  const unit = total > 10_000 ? 100 : total > 1000 ? 10 : 1;
  const limit = Math.floor((total * share) / 100 / unit) * unit;
  const whole: BatchIr = { ...ir, budget: { ...ir.budget, limit } };
  const result = (one: BatchIr): string => carryOut(loaded, one).names.toSorted().join('\n');
  const right = result(whole);
  const { budget, order } = whole;
  const others: BatchIr[] = [
    { ...whole, order: { ...order, descending: !order.descending } },
    { ...whole, budget: { ...budget, mode: budget.mode === 'skip' ? 'stop' : 'skip' } },
    ...(whole.skip ? [{ ...whole, skip: null }] : []),
  ];
  const isLong = carryOut(loaded, whole).names.length >= MIN_DONE;
  return isLong && others.every((one) => result(one) !== right) ? whole : null;
}
