// The reading archetypes. None changes anything. Lists come in pages of the tool's size, sorted by the
// tool's column and then by key, so that the pages together are the whole answer.

import { byCodeUnit } from '../canonical.js';
import type { Filter, Json, Row, ToolImpl, Value } from '../world-types.js';
import { PAGE_PARAM, type Arguments } from './parameters.js';
import { fail, succeed, type Session, type ToolResult } from './session.js';

type Impl<A extends ToolImpl['archetype']> = Extract<ToolImpl, { archetype: A }>;

export function get(impl: Impl<'get'>, args: Arguments, session: Session): ToolResult {
  const row = session.db.get(impl.table, String(args[impl.param]));
  return row ? succeed(pickColumns(row, impl.returns)) : notFound(impl.table, args[impl.param]!);
}

export function getBy(impl: Impl<'get-by'>, args: Arguments, session: Session): ToolResult {
  const [row] = select(session, impl.table, [impl.filter], args);
  return row
    ? succeed(pickColumns(row, impl.returns))
    : notFound(impl.table, args[impl.filter.param]!);
}

export function find(impl: Impl<'find'>, args: Arguments, session: Session): ToolResult {
  const rows = select(session, impl.table, impl.filters, args);
  return paged(sortRows(rows, impl.sort), impl, args);
}

export function children(impl: Impl<'children'>, args: Arguments, session: Session): ToolResult {
  const parent = String(args[impl.param]);
  const parentTable = referencedTable(session, impl.table, impl.parentColumn);
  if (!session.db.get(parentTable, parent)) return notFound(parentTable, parent);
  const rows = session.db.rowsBy(impl.table, impl.parentColumn, parent);
  return paged(sortRows(rows, impl.sort), impl, args);
}

export function history(impl: Impl<'history'>, args: Arguments, session: Session): ToolResult {
  const rows = session.db.rowsBy(impl.table, impl.parentColumn, String(args[impl.param]));
  return paged(sortRows(rows, impl.timeColumn).toReversed(), impl, args);
}

export function searchText(
  impl: Impl<'search-text'>,
  args: Arguments,
  session: Session,
): ToolResult {
  const words = String(args[impl.param]).toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return fail('empty_query', 'there are no words to look for');
  const { key } = session.db.spec(impl.table);
  const rows = session.db.rows(impl.table).filter((row) => {
    const text = impl.textColumns.map((name) => String(row[name] ?? '')).join('\n');
    const lower = text.toLowerCase();
    return words.every((word) => lower.includes(word));
  });
  return paged(sortRows(rows, key), impl, args);
}

export function readField(impl: Impl<'read-field'>, args: Arguments, session: Session): ToolResult {
  const row = session.db.get(impl.table, String(args[impl.param]));
  if (!row) return notFound(impl.table, args[impl.param]!);
  return succeed({ [impl.column]: row[impl.column] ?? null });
}

export function listValues(impl: Impl<'list-values'>, session: Session): ToolResult {
  const values = new Set(session.db.rows(impl.table).map((row) => String(row[impl.column] ?? '')));
  values.delete('');
  return succeed({ values: [...values].toSorted(byCodeUnit) });
}

export function count(impl: Impl<'count'>, args: Arguments, session: Session): ToolResult {
  return succeed({ count: select(session, impl.table, impl.filters, args).length });
}

export function extreme(impl: Impl<'extreme'>, args: Arguments, session: Session): ToolResult {
  const rows = sortRows(select(session, impl.table, impl.filters, args), impl.column);
  const known = rows.filter((row) => row[impl.column] !== null);
  const row = impl.order === 'min' ? known[0] : known.at(-1);
  return row ? succeed(pickColumns(row, impl.returns)) : fail('no_match', 'no row matches');
}

export function neighbours(
  impl: Impl<'neighbours'>,
  args: Arguments,
  session: Session,
): ToolResult {
  const from = String(args[impl.param]);
  const nodeTable = referencedTable(session, impl.edgeTable, impl.from);
  if (!session.db.get(nodeTable, from)) return notFound(nodeTable, from);
  const rows = session.db.rowsBy(impl.edgeTable, impl.from, from);
  return succeed({ items: sortRows(rows, impl.to).map((row) => pickColumns(row, impl.returns)) });
}

export function availability(
  impl: Impl<'availability'>,
  args: Arguments,
  session: Session,
): ToolResult {
  const resource = String(args[impl.resourceColumn]);
  if (!session.db.get(impl.resourceTable, resource)) return notFound(impl.resourceTable, resource);
  const start = String(args[impl.startColumn]);
  const end = String(args[impl.endColumn]);
  if (!(start < end)) return fail('bad_span', 'the end is not after the start');
  const taken = overlapping(session, impl, resource, start, end);
  return succeed({
    taken: sortRows(taken, impl.startColumn).map((row) =>
      pickColumns(row, [impl.startColumn, impl.endColumn]),
    ),
  });
}

/** Active bookings of a resource that overlap the span [start, end). */
export function overlapping(
  session: Session,
  impl: Pick<
    Impl<'availability'>,
    'bookingTable' | 'resourceColumn' | 'startColumn' | 'endColumn' | 'activeStates'
  > & { readonly statusColumn: string | null },
  resource: string,
  start: string,
  end: string,
): Row[] {
  return session.db.rowsBy(impl.bookingTable, impl.resourceColumn, resource).filter((row) => {
    const state = impl.statusColumn === null ? undefined : String(row[impl.statusColumn]);
    if (state !== undefined && !impl.activeStates.includes(state)) return false;
    return String(row[impl.startColumn]) < end && start < String(row[impl.endColumn]);
  });
}

export function compare(impl: Impl<'compare'>, args: Arguments, session: Session): ToolResult {
  const items: Json[] = [];
  for (const key of args[impl.param] as readonly string[]) {
    const row = session.db.get(impl.table, key);
    if (!row) return notFound(impl.table, key);
    items.push(pickColumns(row, [session.db.spec(impl.table).key, ...impl.columns]));
  }
  return succeed({ items });
}

/** Rows that pass every filter whose argument is given. */
function select(
  session: Session,
  table: string,
  filters: readonly Filter[],
  args: Arguments,
): Row[] {
  const given = filters.filter(({ param }) => args[param] !== undefined);
  const indexed = given.find(
    ({ op, column, param }) => op === 'eq' && column !== '' && typeof args[param] === 'string',
  );
  const rows = indexed
    ? session.db.rowsBy(table, indexed.column, String(args[indexed.param]))
    : session.db.rows(table);
  return rows.filter((row) =>
    given.every(({ column, op, param }) => passes(row[column] ?? null, op, args[param]!)),
  );
}

function passes(value: Value, op: Filter['op'], wanted: Json): boolean {
  if (op === 'eq') return value === wanted;
  if (op === 'contains') {
    return String(value ?? '')
      .toLowerCase()
      .includes(String(wanted).toLowerCase());
  }
  if (value === null || typeof value !== typeof wanted) return false;
  return op === 'ge' ? value >= (wanted as Value)! : value <= (wanted as Value)!;
}

function paged(
  rows: readonly Row[],
  { returns, pageSize }: { returns: readonly string[]; pageSize: number },
  args: Arguments,
): ToolResult {
  const page = (args[PAGE_PARAM] as number | undefined) ?? 1;
  const pages = Math.max(1, Math.ceil(rows.length / pageSize));
  if (page > pages) return fail('no_such_page', `there are ${pages} pages`);
  const items = rows.slice((page - 1) * pageSize, page * pageSize);
  return succeed({ items: items.map((row) => pickColumns(row, returns)), page, pages });
}

/** By one column, nulls first, equal ones in order of keys (the order they come in). */
function sortRows(rows: readonly Row[], column: string): Row[] {
  const rank = (value: Value): number => (value === null ? 0 : 1);
  return rows.toSorted((a, b) => {
    const left = a[column] ?? null;
    const right = b[column] ?? null;
    if (left === right) return 0;
    if (left === null || right === null) return rank(left) - rank(right);
    return left < right ? -1 : left > right ? 1 : 0;
  });
}

function pickColumns(row: Row, columns: readonly string[]): Json {
  return Object.fromEntries(columns.map((name) => [name, row[name] ?? null]));
}

export function notFound(table: string, key: Json): ToolResult {
  return fail('not_found', `there is no row ${JSON.stringify(key).slice(0, 80)} in ${table}`);
}

function referencedTable(session: Session, table: string, column: string): string {
  const spec = session.db.spec(table);
  return spec.columns.find(({ name }) => name === column)?.references ?? table;
}
