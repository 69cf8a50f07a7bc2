// Damage to bookings: a resource that one can have at a time is booked twice. Mended by cancelling the
// booking that begins later.

import type { RowChange } from '../task-types.js';
import type { Affordance, Environment, Expr, Row } from '../world-types.js';
import { Trial } from './operate/attempt.js';
import { addDays, addHours } from './operate/draw.js';
import { affordancesOf, implOf, nameColumn } from './operate/operation.js';
import type { Fault, RepairKind } from './repair-types.js';

type Booking = Extract<Affordance, { kind: 'booking' }>;

function partsOf(
  env: Environment,
  table: string,
): Booking & { active: readonly string[]; param: string } {
  const one = affordancesOf(env, 'booking').find(({ resourceTable }) => resourceTable === table)!;
  const active = implOf(env, one.bookTool, 'book')!.activeStates;
  return { ...one, active, param: implOf(env, one.cancelTool, 'transition')!.param };
}

const clashes = (a: Row, b: Row, { start, end }: Booking): boolean =>
  String(a[start]) < String(b[end]) && String(b[start]) < String(a[end]);

export const bookingRepair: RepairKind = {
  id: 'bookings',
  tables: (env) =>
    affordancesOf(env, 'booking')
      .filter(
        ({ capacity, resourceTable, cancelTool }) =>
          capacity === null &&
          nameColumn(env, resourceTable) !== null &&
          implOf(env, cancelTool, 'transition') !== null,
      )
      .map(({ resourceTable }) => resourceTable),
  damage(loaded, table, random, level) {
    const parts = partsOf(loaded.env, table);
    const { bookingTable, resource, owner, start, end, status, active, cancelTool, param } = parts;
    const trial = new Trial(loaded);
    const spec = trial.db.spec(bookingTable);
    const hours = spec.columns.find(({ name }) => name === start)?.type === 'datetime';
    const all = trial.db.rows(bookingTable);
    const isActive = (row: Row): boolean => active.includes(String(row[status]));
    const doubled = (key: string): RowChange | null => {
      const own = all.filter((row) => row[resource] === key && isActive(row));
      const [there] = random.shuffled(own.filter((row) => String(row[start]) > loaded.env.clock));
      if (!there) return null;
      const from = hours ? addHours(String(there[start]), 1) : addDays(String(there[start]), 1);
      const span = random.int(2, 4);
      const until = hours ? addHours(from, span) : addDays(from, span);
      const sample = String(there[spec.key]);
      const id = sample.replace(/[a-z0-9]+$/i, (part) => random.token(part.length));
      const after: Row = {
        ...there,
        [spec.key]: id,
        [owner]: random.pick(all)[owner]!,
        [start]: from,
        [end]: until,
      };
      const others = own.filter((row) => clashes(row, after, parts));
      if (others.length !== 1 || others[0] !== there || trial.row(bookingTable, id)) return null;
      return { table: bookingTable, key: id, before: null, after };
    };
    const count = 5 + Math.min(level, 3);
    const wrong = random.int(2, Math.min(4, 2 + level));
    const keys = random.shuffled(
      trial.db.rows(table).map((row) => String(row[trial.db.spec(table).key])),
    );
    const made: { key: string; change: RowChange }[] = [];
    for (const key of keys) {
      const change = made.length < wrong + 1 ? doubled(key) : null;
      if (change) made.push({ key, change });
    }
    if (made.length < wrong + 1) return null;
    const inside = made.slice(0, wrong).map(({ key }) => key);
    const rest = keys.filter((key) => !made.some((one) => one.key === key));
    const scope = random.shuffled([...inside, ...rest.slice(0, count - wrong)]);
    if (scope.length < count) return null;
    const call = ({ change }: (typeof made)[number]) => ({
      tool: cancelTool,
      args: { [param]: change.key },
    });
    return {
      patch: made.map(({ change }) => change),
      names: scope.map((key) => trial.nameOf(table, key)),
      // In the order in which they are looked at.
      faults: scope.flatMap((key) =>
        made
          .filter((one) => one.key === key)
          .map((one) => ({ name: trial.nameOf(table, key), call: call(one) })),
      ),
      outside: made.slice(wrong).map(call),
    };
  },
  inspect(reader, table, name) {
    const { bookingTable, resource, start, end, status } = partsOf(reader.env, table);
    const row = reader.named(table, name);
    const own = reader.list(bookingTable, { [resource]: row.key }, [start, end, status]);
    return own.flatMap(({ fields }) => [fields.get(start)!, fields.get(end)!]);
  },
  values: () => ({}),
  faults(world, table, names) {
    const parts = partsOf(world.env, table);
    const { bookingTable, resource, start, status, active, cancelTool, param } = parts;
    return names.flatMap((name): Fault[] => {
      const key = world.byName(table, name);
      const own = world
        .rows(bookingTable)
        .filter((row) => row[resource] === key && active.includes(String(row[status])));
      const later = own.filter((row) =>
        own.some(
          (other) =>
            other !== row &&
            clashes(row, other, parts) &&
            String(other[start]) < String(row[start]),
        ),
      );
      return later.map((row) => ({
        name,
        call: { tool: cancelTool, args: { [param]: world.key(bookingTable, row) } },
      }));
    });
  },
  checks(env, table, { faults }, fixed) {
    const { bookingTable, status, active, param } = partsOf(env, table);
    return faults
      .filter(({ name }) => fixed.has(name))
      .map(({ call }, i) => {
        const row: Expr = {
          op: 'row',
          db: 'after',
          table: bookingTable,
          key: { op: 'const', value: call.args[param]! },
        };
        const state: Expr = { op: 'field', of: row, name: status };
        const still: Expr = { op: 'in', left: state, right: { op: 'const', value: active } };
        return { id: `free:${i + 1}`, expr: { op: 'not', of: still } };
      });
  },
  /** The other one of the two. */
  wrongCall(loaded, table, { patch }, call) {
    const parts = partsOf(loaded.env, table);
    const { bookingTable, resource, status, active, param } = parts;
    const trial = new Trial(loaded, patch);
    const row = trial.row(bookingTable, String(call.args[param]))!;
    const other = trial.db
      .rows(bookingTable)
      .find(
        (one) =>
          one !== row &&
          one[resource] === row[resource] &&
          active.includes(String(one[status])) &&
          clashes(one, row, parts),
      );
    return other ? { ...call, args: { [param]: other[trial.db.spec(bookingTable).key]! } } : null;
  },
};
