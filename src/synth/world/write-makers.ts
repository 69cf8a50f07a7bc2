// The writing tools of modules, written by meaning. Parameters are spelled `meaning`, or `meaning?` where
// they may be left out.

import type { ParamColumn, Row, Value } from '../world-types.js';
import type { Kit, ToolOptions } from './kit.js';
import { keyParam } from './read-makers.js';
import type { TableHandle } from './table-handle.js';

type Values = Readonly<Record<string, Value>>;

function paramsOf(table: TableHandle, spelled: readonly string[]): ParamColumn[] {
  return spelled
    .map((one) => ({ meaning: one.replace('?', ''), required: !one.endsWith('?') }))
    .filter(({ meaning }) => table.has(meaning))
    .map(({ meaning, required }) => {
      const column = table.col(meaning);
      return { param: column, column, required };
    });
}

/** Values by name, without those whose columns the table lacks. */
function valuesOf(table: TableHandle, values: Values): Row {
  const known = Object.entries(values).filter(([meaning]) => table.has(meaning));
  return Object.fromEntries(known.map(([meaning, value]) => [table.col(meaning), value]));
}

export function create(
  kit: Kit,
  table: TableHandle,
  params: readonly string[],
  defaults: Values = {},
  options: ToolOptions = { extra: true },
): string {
  const impl = {
    archetype: 'create',
    table: table.name,
    params: paramsOf(table, params),
    defaults: valuesOf(table, defaults),
  } as const;
  return kit.tool('create', [table.name], impl, options);
}

export function postMessage(
  kit: Kit,
  table: TableHandle,
  params: readonly string[],
  time: string,
  defaults: Values = {},
): string {
  const impl = {
    archetype: 'post-message',
    table: table.name,
    params: paramsOf(table, params),
    timeColumn: table.col(time),
    defaults: valuesOf(table, defaults),
  } as const;
  return kit.tool('post', [table.name], impl, { extra: true });
}

export function update(
  kit: Kit,
  table: TableHandle,
  params: readonly string[],
  options: ToolOptions = {},
): string {
  const impl = {
    archetype: 'update',
    table: table.name,
    param: keyParam(table),
    params: paramsOf(
      table,
      params.map((one) => `${one}?`),
    ),
  } as const;
  return kit.tool('update', [table.name], impl, options);
}

export function remove(kit: Kit, table: TableHandle): string {
  const impl = { archetype: 'delete', table: table.name, param: keyParam(table) } as const;
  return kit.tool('delete', [table.name], impl, { extra: true });
}

/** A move of a status: `verb` the table's row. */
export function transition(
  kit: Kit,
  verb: string,
  table: TableHandle,
  from: readonly string[],
  to: string,
  { column = 'status', stamp, ...options }: ToolOptions & { column?: string; stamp?: string } = {},
): string {
  const impl = {
    archetype: 'transition',
    table: table.name,
    param: keyParam(table),
    column: table.col(column),
    from,
    to,
    stampColumn: stamp !== undefined && table.has(stamp) ? table.col(stamp) : null,
  } as const;
  return kit.tool(verb, [table.name], impl, options);
}

export function adjust(
  kit: Kit,
  table: TableHandle,
  meaning: string,
  max: number,
  options: ToolOptions = {},
): string {
  const column = table.col(meaning);
  const impl = {
    archetype: 'adjust',
    table: table.name,
    param: keyParam(table),
    amountParam: 'change',
    column,
    min: 0,
    max,
  } as const;
  return kit.tool('adjust', [table.name, column], impl, options);
}

export function transfer(
  kit: Kit,
  table: TableHandle,
  meaning: string,
  log: TableHandle | undefined,
): string {
  const impl = {
    archetype: 'transfer',
    table: table.name,
    fromParam: `from_${table.name}_id`,
    toParam: `to_${table.name}_id`,
    amountParam: 'amount',
    column: table.col(meaning),
    floor: 0,
    log: log
      ? {
          table: log.name,
          from: log.col('source'),
          to: log.col('target'),
          amount: log.col('amount'),
          time: log.col('time'),
        }
      : null,
  } as const;
  return kit.tool('transfer', [table.name, table.col(meaning)], impl);
}

export function moveQuantity(kit: Kit, table: TableHandle, meaning: string): string {
  const impl = {
    archetype: 'move-quantity',
    table: table.name,
    fromParam: `from_${table.name}_id`,
    toParam: `to_${table.name}_id`,
    amountParam: 'amount',
    column: table.col(meaning),
  } as const;
  return kit.tool('move', [table.name, table.col(meaning)], impl);
}

export function assign(
  kit: Kit,
  table: TableHandle,
  meaning: string,
  target: TableHandle,
  options: ToolOptions = {},
): string {
  const impl = {
    archetype: 'assign',
    table: table.name,
    param: keyParam(table),
    column: table.col(meaning),
    targetTable: target.name,
    targetParam: keyParam(target),
  } as const;
  return kit.tool('assign', [table.name, 'to', target.name], impl, options);
}

export function unassign(kit: Kit, table: TableHandle, meaning: string): string {
  const column = table.col(meaning);
  const impl = {
    archetype: 'unassign',
    table: table.name,
    param: keyParam(table),
    column,
  } as const;
  return kit.tool('clear', [table.name, column], impl, { extra: true });
}

/** Both tools of a table of pairs. */
export function linking(
  kit: Kit,
  table: TableHandle,
  left: { readonly meaning: string; readonly table: TableHandle },
  right: { readonly meaning: string; readonly table: TableHandle },
): { readonly link: string; readonly unlink: string } {
  const pair = {
    table: table.name,
    leftColumn: table.col(left.meaning),
    rightColumn: table.col(right.meaning),
    leftParam: keyParam(left.table),
    rightParam: keyParam(right.table),
  };
  return {
    link: kit.tool('add', [table.name], { archetype: 'link', ...pair }, { extra: true }),
    unlink: kit.tool('remove', [table.name], { archetype: 'unlink', ...pair }, { extra: true }),
  };
}

export function setFlag(
  kit: Kit,
  verb: string,
  table: TableHandle,
  meaning: string,
  value: boolean,
  options: ToolOptions = { extra: true },
): string {
  const impl = {
    archetype: 'set-flag',
    table: table.name,
    param: keyParam(table),
    column: table.col(meaning),
    value,
  } as const;
  return kit.tool(verb, [table.name], impl, options);
}
