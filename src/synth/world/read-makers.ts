// The reading tools of modules, written by meaning. Page sizes are set by the composer, which sees how
// many rows there are. Filters are spelled `meaning` (equal), `meaning<=`, `meaning>=`, `meaning~` (part of).

import type { Filter } from '../world-types.js';
import type { Kit, ToolOptions } from './kit.js';
import type { TableHandle } from './table-handle.js';

const PAGE_SIZE = 10;

export const keyParam = (table: TableHandle): string => `${table.name}_id`;

export function filterOf(table: TableHandle, spelled: string): Filter {
  const [, meaning, mark] = /^([a-z_0-9]+)(<=|>=|~)?$/.exec(spelled)!;
  const column = table.col(meaning!);
  switch (mark) {
    case '<=':
      return { param: `max_${column}`, column, op: 'le', required: false };
    case '>=':
      return { param: `min_${column}`, column, op: 'ge', required: false };
    case '~':
      return { param: `${column}_contains`, column, op: 'contains', required: false };
    default:
      return { param: column, column, op: 'eq', required: false };
  }
}

/** Those filters whose columns the table has in this environment. */
function filtersOf(table: TableHandle, filters: readonly string[]): Filter[] {
  return filters
    .filter((spelled) => table.has(/^[a-z_0-9]+/.exec(spelled)![0]))
    .map((spelled) => filterOf(table, spelled));
}

/** What a result shows of a table. */
function returnsOf(table: TableHandle, { omit = [] }: ToolOptions): string[] {
  const omitted = new Set(table.cols(...omit));
  return table.shown.filter((name) => !omitted.has(name));
}

export function get(kit: Kit, table: TableHandle, options: ToolOptions = {}): string {
  const param = keyParam(table);
  const impl = {
    archetype: 'get',
    table: table.name,
    param,
    returns: returnsOf(table, options),
  } as const;
  return kit.tool('get', [table.name], impl, options);
}

export function getBy(
  kit: Kit,
  table: TableHandle,
  meaning: string,
  options?: ToolOptions,
): string {
  const filter = { ...filterOf(table, meaning), required: true };
  const impl = {
    archetype: 'get-by',
    table: table.name,
    filter,
    returns: [table.spec.key, ...table.cols(meaning)],
  } as const;
  return kit.tool('get', [table.name, 'by', filter.column], impl, { extra: true, ...options });
}

export function find(
  kit: Kit,
  table: TableHandle,
  filters: readonly string[],
  options: ToolOptions & { readonly sort?: string } = {},
): string {
  const impl = {
    archetype: 'find',
    table: table.name,
    filters: filtersOf(table, filters),
    returns: returnsOf(table, options),
    sort: options.sort === undefined ? table.spec.key : table.col(options.sort),
    pageSize: PAGE_SIZE,
  } as const;
  return kit.tool('find', [table.name], impl, options);
}

export function children(
  kit: Kit,
  table: TableHandle,
  parent: string,
  options: ToolOptions & { readonly sort?: string } = {},
): string {
  const parentColumn = table.col(parent);
  const parentTable = table.spec.columns.find(({ name }) => name === parentColumn)!.references!;
  const impl = {
    archetype: 'children',
    table: table.name,
    parentColumn,
    param: `${parentTable}_id`,
    returns: returnsOf(table, options),
    sort: options.sort === undefined ? table.spec.key : table.col(options.sort),
    pageSize: PAGE_SIZE,
  } as const;
  return kit.tool('list', [table.name, 'of', parentTable], impl, options);
}

export function searchText(
  kit: Kit,
  table: TableHandle,
  meanings: readonly string[],
  shows: readonly string[],
  options: ToolOptions = {},
): string {
  const impl = {
    archetype: 'search-text',
    table: table.name,
    textColumns: table.cols(...meanings),
    param: 'query',
    returns: [table.spec.key, ...table.cols(...shows)],
    pageSize: PAGE_SIZE,
  } as const;
  return kit.tool('search', [table.name], impl, options);
}

export function readField(kit: Kit, table: TableHandle, meaning: string): string {
  const column = table.col(meaning);
  const impl = {
    archetype: 'read-field',
    table: table.name,
    param: keyParam(table),
    column,
  } as const;
  return kit.tool('get', [table.name, column], impl, { extra: true });
}

export function listValues(kit: Kit, table: TableHandle, meaning: string): string {
  const column = table.col(meaning);
  const impl = { archetype: 'list-values', table: table.name, column } as const;
  return kit.tool('list', [table.name, column, 'values'], impl, { extra: true });
}

export function count(kit: Kit, table: TableHandle, filters: readonly string[]): string {
  const impl = {
    archetype: 'count',
    table: table.name,
    filters: filtersOf(table, filters),
  } as const;
  return kit.tool('count', [table.name], impl, { extra: true });
}

export function extreme(
  kit: Kit,
  table: TableHandle,
  meaning: string,
  order: 'min' | 'max',
  filters: readonly string[],
): string {
  const column = table.col(meaning);
  const impl = {
    archetype: 'extreme',
    table: table.name,
    filters: filtersOf(table, filters),
    column,
    order,
    returns: [table.spec.key, column],
  } as const;
  const word = order === 'min' ? 'lowest' : 'highest';
  return kit.tool('get', [table.name, 'with', word, column], impl, { extra: true });
}

export function compare(kit: Kit, table: TableHandle, ...meanings: readonly string[]): string {
  const impl = {
    archetype: 'compare',
    table: table.name,
    param: `${table.name}_ids`,
    columns: table.cols(...meanings),
  } as const;
  return kit.tool('compare', [table.name], impl, { extra: true });
}

export function history(kit: Kit, table: TableHandle, parent: string, time: string): string {
  const parentColumn = table.col(parent);
  const parentTable = table.spec.columns.find(({ name }) => name === parentColumn)!.references!;
  const impl = {
    archetype: 'history',
    table: table.name,
    parentColumn,
    timeColumn: table.col(time),
    param: `${parentTable}_id`,
    returns: table.shown,
    pageSize: PAGE_SIZE,
  } as const;
  return kit.tool('recent', [table.name, 'of', parentTable], impl, { extra: true });
}
