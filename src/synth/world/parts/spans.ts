// Something that is taken for a span of time: a resource and its bookings, which overlap no more often
// than the resource has places.

import { choice, date, datetime, ref, type ColumnDraft } from '../columns.js';
import { dateAt, timeAt } from '../dates.js';
import type { Kit } from '../kit.js';
import { children } from '../read-makers.js';
import { one } from '../english.js';
import { atMost, notice } from '../rule-makers.js';
import type { TableHandle } from '../table-handle.js';
import { transition } from '../write-makers.js';
import type { Value } from '../../world-types.js';

interface SpanOptions {
  readonly booking: string;
  /** Meaning of the booking's columns that say what and who. */
  readonly resourceColumn: string;
  readonly ownerColumn: string;
  readonly hours: boolean;
  readonly capacity: boolean;
  /** A state that waits for confirmation comes first. */
  readonly confirmation: boolean;
  readonly count: number;
}

/** Bookings over resources and owners whose rows are there, with tools, rules and affordances. */
export function spans(
  kit: Kit,
  resources: TableHandle,
  owners: TableHandle,
  options: SpanOptions,
): TableHandle {
  const { random, clock } = kit;
  const moment = (meaning: string): ColumnDraft =>
    options.hours ? datetime(meaning) : date(meaning);
  const states = [...(options.confirmation ? ['requested'] : []), 'confirmed', 'cancelled'];
  const active = states.filter((state) => state !== 'cancelled');
  const table = kit.table(options.booking, [
    ref(options.resourceColumn, resources),
    ref(options.ownerColumn, owners),
    moment('starts'),
    moment('ends'),
    choice('status', states),
  ]);
  const taken = new Map<string, { starts: string; ends: string }[]>();
  for (let i = 0; i < options.count; i++) {
    const resource = random.pick(resources.rows);
    const capacity = options.capacity ? Number(resources.value(resource, 'capacity')) : 1;
    const day = random.int(-6, 24);
    const hour = random.int(7, 17);
    const [starts, ends] = options.hours
      ? [timeAt(clock, day, hour), timeAt(clock, day, hour + random.int(1, 4))]
      : [dateAt(clock, day), dateAt(clock, day + random.int(1, 6))];
    const status = random.pick([...active, ...active, 'cancelled']);
    const own = taken.get(resources.key(resource)) ?? [];
    const overlapping = own.filter((one) => one.starts < ends && starts < one.ends).length;
    if (status !== 'cancelled') {
      if (overlapping >= capacity) continue;
      taken.set(resources.key(resource), [...own, { starts, ends }]);
    }
    const values: Record<string, Value> = {
      [options.resourceColumn]: resources.key(resource),
      [options.ownerColumn]: random.pick(owners.keys()),
      starts,
      ends,
      status,
    };
    kit.add(table, values);
  }
  tools(kit, resources, table, options, active);
  return table;
}

function tools(
  kit: Kit,
  resources: TableHandle,
  table: TableHandle,
  options: SpanOptions,
  active: readonly string[],
): void {
  const columns = {
    resourceTable: resources.name,
    bookingTable: table.name,
    resourceColumn: table.col(options.resourceColumn),
    startColumn: table.col('starts'),
    endColumn: table.col('ends'),
    statusColumn: table.col('status'),
    activeStates: active,
  };
  const capacity = options.capacity ? resources.col('capacity') : null;
  const ownerColumn = table.col(options.ownerColumn);
  const availabilityTool = kit.tool('check', [resources.name, 'availability'], {
    archetype: 'availability',
    ...columns,
  });
  const bookTool = kit.tool('book', [resources.name], {
    archetype: 'book',
    ...columns,
    ownerColumn,
    capacityColumn: capacity,
    defaults: { [table.col('status')]: active[0]! },
  });
  children(kit, table, options.resourceColumn, { sort: 'starts' });
  children(kit, table, options.ownerColumn, { sort: 'starts', extra: true });
  const cancelTool = transition(kit, 'cancel', table, active, 'cancelled');
  const moves = [{ from: active, to: 'cancelled', tool: cancelTool }];
  if (options.confirmation) {
    const tool = transition(kit, 'confirm', table, ['requested'], 'confirmed');
    moves.push({ from: ['requested'], to: 'confirmed', tool });
  }
  const action = { en: `cancel ${one(table.spec.label.en)}`, zh: `取消${table.spec.label.zh}` };
  notice(kit, cancelTool, table, 'starts', kit.random.int(1, 5), action);
  atMost(kit, bookTool, table, options.ownerColumn, active, kit.random.int(4, 7));
  kit.affords({
    kind: 'booking',
    resourceTable: resources.name,
    bookingTable: table.name,
    resource: columns.resourceColumn,
    owner: ownerColumn,
    start: columns.startColumn,
    end: columns.endColumn,
    capacity,
    status: columns.statusColumn,
    bookTool,
    cancelTool,
    availabilityTool,
  });
  kit.affords({ kind: 'workflow', table: table.name, column: table.col('status'), moves });
}
