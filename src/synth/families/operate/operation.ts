// What a request can ask to be changed, by names and never by ids: moves of a status, values, amounts,
// transfers, stock, bookings, assignments. Says which tool each one means; knows neither texts nor plans.
// Source: agents reference §6.4 F3, F9, F10.

import type { Affordance, Environment, Json, Row, ToolImpl, ToolSpec } from '../../world-types.js';

export type Operation =
  | { readonly kind: 'move'; readonly table: string; readonly row: string; readonly to: string }
  | {
      readonly kind: 'set';
      readonly table: string;
      readonly row: string;
      readonly column: string;
      readonly value: Json;
    }
  | {
      readonly kind: 'adjust';
      readonly table: string;
      readonly row: string;
      readonly column: string;
      readonly by: number;
    }
  | {
      readonly kind: 'transfer';
      readonly table: string;
      readonly row: string;
      readonly to: string;
      readonly amount: number;
    }
  | {
      readonly kind: 'restock';
      readonly table: string;
      readonly row: string;
      readonly from: string;
      readonly to: string;
      readonly amount: number;
    }
  | {
      readonly kind: 'book';
      readonly table: string;
      readonly row: string;
      readonly owner: string;
      readonly start: string;
      readonly end: string;
    }
  | { readonly kind: 'assign'; readonly table: string; readonly row: string; readonly to: string };

/** A tool with its arguments, keys and all. */
export interface Call {
  readonly tool: string;
  readonly args: Row;
}

/** How names lead to rows: the proposer and the solver each have their own. */
export interface Lookup {
  byName(table: string, name: string): string | undefined;
  /** The row that has these values. */
  by(table: string, values: Row): string | undefined;
  row(table: string, key: string): Row | undefined;
}

/** Column by which rows of a table are named in texts: the first unique text that tools show. */
export function nameColumn({ tables }: Pick<Environment, 'tables'>, table: string): string | null {
  const spec = tables.find(({ name }) => name === table);
  const column = spec?.columns.find(
    ({ type, unique, hidden }) => type === 'text' && unique === true && hidden !== true,
  );
  return column?.name ?? null;
}

export function affordancesOf<K extends Affordance['kind']>(
  env: Pick<Environment, 'affordances'>,
  kind: K,
): Extract<Affordance, { kind: K }>[] {
  return env.affordances.filter(
    (one): one is Extract<Affordance, { kind: K }> => one.kind === kind,
  );
}

export function implOf<A extends ToolImpl['archetype']>(
  env: Pick<Environment, 'tools'>,
  tool: string,
  archetype: A,
): Extract<ToolImpl, { archetype: A }> | null {
  const impl = env.tools.find(({ name }) => name === tool)?.impl;
  return impl?.archetype === archetype ? (impl as Extract<ToolImpl, { archetype: A }>) : null;
}

export function agentTool(env: Environment, tool: string): ToolSpec | undefined {
  return env.tools.find(({ name, side }) => name === tool && side === 'agent');
}

/** The table that a column refers to. */
export function target(env: Pick<Environment, 'tables'>, table: string, column: string): string {
  const spec = env.tables.find(({ name }) => name === table);
  return spec?.columns.find(({ name }) => name === column)?.references ?? table;
}

/** The call that an operation means now; null where a name leads nowhere or no tool does it. */
export function callFor(env: Environment, op: Operation, find: Lookup): Call | null {
  switch (op.kind) {
    case 'move':
      return moveCall(env, op, find);
    case 'set': {
      const key = find.byName(op.table, op.row);
      for (const { table, tool, columns } of affordancesOf(env, 'editable')) {
        if (table !== op.table || !columns.includes(op.column)) continue;
        const impl = implOf(env, tool, 'update');
        const param = impl?.params.find(({ column }) => column === op.column)?.param;
        if (!impl || key === undefined || param === undefined) return null;
        return { tool, args: { [impl.param]: key, [param]: op.value as Row[string] } };
      }
      return null;
    }
    case 'adjust':
      for (const { table, tool, column } of affordancesOf(env, 'balance')) {
        const impl = implOf(env, tool, 'adjust');
        if (table !== op.table || column !== op.column || !impl) continue;
        const key = find.byName(table, op.row);
        return key === undefined
          ? null
          : { tool, args: { [impl.param]: key, [impl.amountParam]: op.by } };
      }
      return null;
    case 'transfer':
      for (const { table, tool } of affordancesOf(env, 'balance')) {
        const impl = implOf(env, tool, 'transfer');
        if (table !== op.table || !impl) continue;
        const [from, to] = [find.byName(table, op.row), find.byName(table, op.to)];
        if (from === undefined || to === undefined) return null;
        const args = { [impl.fromParam]: from, [impl.toParam]: to, [impl.amountParam]: op.amount };
        return { tool, args };
      }
      return null;
    case 'restock':
      return restockCall(env, op, find);
    case 'book':
      for (const one of affordancesOf(env, 'booking')) {
        if (one.bookingTable !== op.table) continue;
        const resource = find.byName(one.resourceTable, op.row);
        const owner = find.byName(target(env, op.table, one.owner), op.owner);
        if (resource === undefined || owner === undefined) return null;
        const span = { [one.start]: op.start, [one.end]: op.end };
        return {
          tool: one.bookTool,
          args: { [one.resource]: resource, [one.owner]: owner, ...span },
        };
      }
      return null;
    case 'assign':
      for (const { jobTable, workerTable, tool } of affordancesOf(env, 'assignment')) {
        const impl = implOf(env, tool, 'assign');
        if (jobTable !== op.table || !impl) continue;
        const [job, worker] = [find.byName(jobTable, op.row), find.byName(workerTable, op.to)];
        if (job === undefined || worker === undefined) return null;
        return { tool, args: { [impl.param]: job, [impl.targetParam]: worker } };
      }
      return null;
  }
}

/** Several tools may lead to a state: the one that starts from the present state, else the first. */
function moveCall(
  env: Environment,
  op: Extract<Operation, { kind: 'move' }>,
  find: Lookup,
): Call | null {
  const key = find.byName(op.table, op.row);
  const workflow = affordancesOf(env, 'workflow').find(({ table }) => table === op.table);
  const moves = (workflow?.moves ?? []).filter(({ to }) => to === op.to);
  if (key === undefined || !workflow || moves.length === 0) return null;
  const state = String(find.row(op.table, key)?.[workflow.column]);
  const { tool } = moves.find(({ from }) => from.includes(state)) ?? moves[0]!;
  const impl = implOf(env, tool, 'transition');
  return impl && { tool, args: { [impl.param]: key } };
}

function restockCall(
  env: Environment,
  op: Extract<Operation, { kind: 'restock' }>,
  find: Lookup,
): Call | null {
  for (const { table, item, place, tool } of affordancesOf(env, 'stock')) {
    const impl = implOf(env, tool, 'move-quantity');
    if (table !== op.table || !impl) continue;
    const thing = find.byName(target(env, table, item), op.row);
    const places = [op.from, op.to].map((name) => find.byName(target(env, table, place), name));
    if (thing === undefined || places.includes(undefined)) return null;
    const [from, to] = places.map((key) => find.by(table, { [item]: thing, [place]: key! }));
    if (from === undefined || to === undefined) return null;
    return {
      tool,
      args: { [impl.fromParam]: from, [impl.toParam]: to, [impl.amountParam]: op.amount },
    };
  }
  return null;
}
