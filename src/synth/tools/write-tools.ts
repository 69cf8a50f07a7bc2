// The writing archetypes. Each checks what it needs, writes in one go or not at all, and returns the
// row as it then stands. Rules that the tool enforces were asked before (call-tool.ts); references
// and types are the database's own concern.

import type { Json, Row, ToolImpl } from '../world-types.js';
import type { Arguments } from './parameters.js';
import { notFound, overlapping } from './read-tools.js';
import { fail, succeed, type Session, type ToolResult } from './session.js';

type Impl<A extends ToolImpl['archetype']> = Extract<ToolImpl, { archetype: A }>;

export function create(
  impl: Pick<Impl<'create'>, 'table' | 'params' | 'defaults'>,
  args: Arguments,
  session: Session,
  stamp: Row = {},
): ToolResult {
  const given = Object.fromEntries(
    impl.params.flatMap(({ param, column }) =>
      args[param] === undefined ? [] : [[column, args[param] as Row[string]]],
    ),
  );
  const missing = Object.fromEntries(
    session.db
      .spec(impl.table)
      .columns.filter(({ nullable }) => nullable === true)
      .map(({ name }) => [name, null]),
  );
  return insert(session, impl.table, { ...missing, ...impl.defaults, ...stamp, ...given });
}

export function postMessage(
  impl: Impl<'post-message'>,
  args: Arguments,
  session: Session,
): ToolResult {
  return create(impl, args, session, { [impl.timeColumn]: session.env.clock });
}

export function update(impl: Impl<'update'>, args: Arguments, session: Session): ToolResult {
  const key = String(args[impl.param]);
  if (!session.db.get(impl.table, key)) return notFound(impl.table, key);
  const changes = Object.fromEntries(
    impl.params.flatMap(({ param, column }) =>
      args[param] === undefined ? [] : [[column, args[param] as Row[string]]],
    ),
  );
  if (Object.keys(changes).length === 0) return fail('nothing_to_change', 'no field was given');
  return change(session, impl.table, key, changes);
}

export function remove(impl: Impl<'delete'>, args: Arguments, session: Session): ToolResult {
  const key = String(args[impl.param]);
  if (!session.db.get(impl.table, key)) return notFound(impl.table, key);
  session.db.delete(impl.table, key);
  return succeed({ deleted: key });
}

export function transition(
  impl: Impl<'transition'>,
  args: Arguments,
  session: Session,
): ToolResult {
  const key = String(args[impl.param]);
  const row = session.db.get(impl.table, key);
  if (!row) return notFound(impl.table, key);
  const state = String(row[impl.column]);
  if (!impl.from.includes(state)) {
    return fail('wrong_state', `it is ${state}; this needs ${impl.from.join(' or ')}`);
  }
  const stamp = impl.stampColumn === null ? {} : { [impl.stampColumn]: session.env.clock };
  return change(session, impl.table, key, { [impl.column]: impl.to, ...stamp });
}

export function transfer(impl: Impl<'transfer'>, args: Arguments, session: Session): ToolResult {
  const moved = move(impl, args, session, impl.floor);
  if (!moved.ok || !impl.log) return moved;
  const { table, from, to, amount, time } = impl.log;
  return insert(session, table, {
    [from]: String(args[impl.fromParam]),
    [to]: String(args[impl.toParam]),
    [amount]: args[impl.amountParam] as number,
    [time]: session.env.clock,
  });
}

export function moveQuantity(
  impl: Impl<'move-quantity'>,
  args: Arguments,
  session: Session,
): ToolResult {
  return move(impl, args, session, 0);
}

function move(
  impl: Pick<Impl<'transfer'>, 'table' | 'fromParam' | 'toParam' | 'amountParam' | 'column'>,
  args: Arguments,
  session: Session,
  floor: number,
): ToolResult {
  const [from, to] = [String(args[impl.fromParam]), String(args[impl.toParam])];
  if (from === to) return fail('same_row', 'both sides are the same');
  const [source, target] = [session.db.get(impl.table, from), session.db.get(impl.table, to)];
  if (!source) return notFound(impl.table, from);
  if (!target) return notFound(impl.table, to);
  const amount = args[impl.amountParam] as number;
  const left = (source[impl.column] as number) - amount;
  if (left < floor) return fail('insufficient', `only ${String(source[impl.column])} there`);
  session.db.update(impl.table, from, { [impl.column]: left });
  const after = { [impl.column]: (target[impl.column] as number) + amount };
  session.db.update(impl.table, to, after);
  return succeed({ from: { id: from, [impl.column]: left }, to: { id: to, ...after } });
}

export function adjust(impl: Impl<'adjust'>, args: Arguments, session: Session): ToolResult {
  const key = String(args[impl.param]);
  const row = session.db.get(impl.table, key);
  if (!row) return notFound(impl.table, key);
  const value = (row[impl.column] as number) + (args[impl.amountParam] as number);
  if (value < impl.min || value > impl.max) {
    return fail(
      'out_of_range',
      `${impl.column} would be ${value}; ${impl.min} to ${impl.max} is possible`,
    );
  }
  return change(session, impl.table, key, { [impl.column]: value });
}

export function book(impl: Impl<'book'>, args: Arguments, session: Session): ToolResult {
  const resource = String(args[impl.resourceColumn]);
  const row = session.db.get(impl.resourceTable, resource);
  if (!row) return notFound(impl.resourceTable, resource);
  const start = String(args[impl.startColumn]);
  const end = String(args[impl.endColumn]);
  if (!(start < end)) return fail('bad_span', 'the end is not after the start');
  const capacity = impl.capacityColumn === null ? 1 : (row[impl.capacityColumn] as number);
  const taken = overlapping(session, impl, resource, start, end);
  if (taken.length >= capacity) return fail('not_available', 'it is taken for that time');
  return insert(session, impl.bookingTable, {
    ...impl.defaults,
    [impl.resourceColumn]: resource,
    [impl.ownerColumn]: String(args[impl.ownerColumn]),
    [impl.startColumn]: start,
    [impl.endColumn]: end,
  });
}

export function assign(impl: Impl<'assign'>, args: Arguments, session: Session): ToolResult {
  const target = String(args[impl.targetParam]);
  if (!session.db.get(impl.targetTable, target)) return notFound(impl.targetTable, target);
  return setColumn(session, impl.table, String(args[impl.param]), impl.column, target);
}

export function setColumn(
  session: Session,
  table: string,
  key: string,
  column: string,
  value: Row[string],
): ToolResult {
  if (!session.db.get(table, key)) return notFound(table, key);
  return change(session, table, key, { [column]: value ?? null });
}

export function link(impl: Impl<'link'>, args: Arguments, session: Session): ToolResult {
  const pair = pairOf(impl, args);
  if (linked(session, impl, pair)) return fail('already_linked', 'they are linked already');
  return insert(session, impl.table, pair);
}

export function unlink(impl: Impl<'unlink'>, args: Arguments, session: Session): ToolResult {
  const row = linked(session, impl, pairOf(impl, args));
  if (!row) return fail('not_linked', 'they are not linked');
  const key = String(row[session.db.spec(impl.table).key]);
  session.db.delete(impl.table, key);
  return succeed({ deleted: key });
}

type Pair = Pick<Impl<'link'>, 'table' | 'leftColumn' | 'rightColumn' | 'leftParam' | 'rightParam'>;

function pairOf(impl: Pair, args: Arguments): Row {
  return {
    [impl.leftColumn]: String(args[impl.leftParam]),
    [impl.rightColumn]: String(args[impl.rightParam]),
  };
}

function linked(session: Session, impl: Pair, pair: Row): Row | undefined {
  const left = String(pair[impl.leftColumn]);
  return session.db
    .rowsBy(impl.table, impl.leftColumn, left)
    .find((row) => row[impl.rightColumn] === pair[impl.rightColumn]);
}

function insert(session: Session, table: string, row: Row): ToolResult {
  const { key } = session.db.spec(table);
  const id = session.newKey(table, row);
  session.db.insert(table, { [key]: id, ...row });
  return succeed(session.db.get(table, id) as Json);
}

function change(session: Session, table: string, key: string, changes: Row): ToolResult {
  session.db.update(table, key, changes);
  const { key: keyColumn } = session.db.spec(table);
  return succeed({ [keyColumn]: key, ...changes });
}
