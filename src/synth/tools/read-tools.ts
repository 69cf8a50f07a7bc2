// The reading archetypes. None changes anything. Lists come in pages of the tool's size, sorted by the
// tool's column and then by key, so that the pages together are the whole answer.

import { byCodeUnit } from '../canonical.js';
import { evaluate } from '../evaluate.js';
import { byColumn } from '../row-order.js';
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
  return paged(select(session, impl.table, impl.filters, args, impl.sort), impl, args);
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
  const rows = session.db.list(impl.table).filter((row) => {
    const text = textOf(row, impl.textColumns);
    return words.every((word) => text.includes(word));
  });
  return paged(rows, impl, args);
}

const texts = new WeakMap<readonly string[], WeakMap<Row, string>>();

/** What is searched of a row, in small letters. Rows never change, so it is made once. */
function textOf(row: Row, columns: readonly string[]): string {
  let known = texts.get(columns);
  if (!known) texts.set(columns, (known = new WeakMap()));
  let text = known.get(row);
  if (text === undefined) {
    text = columns
      .map((name) => String(row[name] ?? ''))
      .join('\n')
      .toLowerCase();
    known.set(row, text);
  }
  return text;
}

export function readField(impl: Impl<'read-field'>, args: Arguments, session: Session): ToolResult {
  const row = session.db.get(impl.table, String(args[impl.param]));
  if (!row) return notFound(impl.table, args[impl.param]!);
  return succeed({ [impl.column]: row[impl.column] ?? null });
}

export function listValues(impl: Impl<'list-values'>, session: Session): ToolResult {
  const values = new Set(session.db.list(impl.table).map((row) => String(row[impl.column] ?? '')));
  values.delete('');
  return succeed({ values: [...values].toSorted(byCodeUnit) });
}

export function count(impl: Impl<'count'>, args: Arguments, session: Session): ToolResult {
  return succeed({ count: select(session, impl.table, impl.filters, args).length });
}

export function extreme(impl: Impl<'extreme'>, args: Arguments, session: Session): ToolResult {
  const rows = select(session, impl.table, impl.filters, args, impl.column);
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
      pick(row, [impl.startColumn, impl.endColumn]),
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
    items.push(pick(row, [session.db.spec(impl.table).key, ...impl.columns]));
  }
  return succeed({ items });
}

/** Rows that pass every filter whose argument is given, in order of a column, else of keys. */
function select(
  session: Session,
  table: string,
  filters: readonly Filter[],
  args: Arguments,
  sort?: string,
): readonly Row[] {
  const given = filters.filter(({ param }) => args[param] !== undefined);
  const indexed = given.find(
    ({ op, column, param }) => op === 'eq' && column !== '' && typeof args[param] === 'string',
  );
  const passing = (rows: readonly Row[]): readonly Row[] =>
    rows.filter((row) =>
      given.every(({ column, op, param }) => passes(row[column] ?? null, op, args[param]!)),
    );
  if (!indexed) {
    const rows = session.db.list(table, sort);
    return given.length === 0 ? rows : passing(rows);
  }
  const rows = passing(session.db.rowsBy(table, indexed.column, String(args[indexed.param])));
  return sort === undefined ? rows : sortRows(rows, sort);
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
  return rows.toSorted(byColumn(column));
}

const shown = new WeakMap<readonly string[], WeakMap<Row, Row>>();

/** What a tool shows of a row. Rows never change, so it is made once for each list of columns. */
function pickColumns(row: Row, columns: readonly string[]): Row {
  let known = shown.get(columns);
  if (!known) shown.set(columns, (known = new WeakMap()));
  let picked = known.get(row);
  if (picked === undefined) {
    known.set(row, (picked = Object.freeze(pick(row, columns))));
  }
  return picked;
}

function pick(row: Row, columns: readonly string[]): Row {
  return Object.fromEntries(columns.map((name) => [name, row[name] ?? null]));
}

const MAX_COMPUTED = 100;

/** Plain values only: a row as a whole would show columns that no tool may. */
export function compute(impl: Impl<'compute'>, args: Arguments, session: Session): ToolResult {
  const variables = { args, clock: session.env.clock };
  const value = evaluate(impl.result, { before: session.db, after: session.db, variables });
  const isPlain = (one: Json): boolean => typeof one !== 'object';
  const isList = Array.isArray(value) && value.length <= MAX_COMPUTED && value.every(isPlain);
  if (isList || isPlain(value)) return succeed({ result: value });
  return fail('no_value', 'nothing can be worked out from this');
}

export function notFound(table: string, key: Json): ToolResult {
  return fail('not_found', `there is no row ${JSON.stringify(key).slice(0, 80)} in ${table}`);
}

function referencedTable(session: Session, table: string, column: string): string {
  const spec = session.db.spec(table);
  return spec.columns.find(({ name }) => name === column)?.references ?? table;
}
