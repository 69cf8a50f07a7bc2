// Draws bookings to be made at the earliest free time: requests that start where something is in the way,
// and what each of them comes to, worked out from gap to gap.

import type { Random } from '../random.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { Affordance, Environment, Row } from '../world-types.js';
import { Trial } from './operate/attempt.js';
import { addDays, addHours } from './operate/draw.js';
import {
  affordancesOf,
  implOf,
  nameColumn,
  target,
  type Call,
  type Operation,
} from './operate/operation.js';
import type { SlotRequest } from './schedule-types.js';

export type Booking = Extract<Affordance, { kind: 'booking' }>;
export type Book = Extract<Operation, { kind: 'book' }>;

export function bookable(env: Environment): Booking[] {
  return affordancesOf(env, 'booking').filter(
    ({ resourceTable, bookingTable, owner, bookTool }) =>
      nameColumn(env, resourceTable) !== null &&
      nameColumn(env, target(env, bookingTable, owner)) !== null &&
      implOf(env, bookTool, 'book') !== null,
  );
}

export function hasHours(env: Environment, { bookingTable, start }: Booking): boolean {
  const spec = env.tables.find(({ name }) => name === bookingTable);
  return spec?.columns.find(({ name }) => name === start)?.type === 'datetime';
}

export const MIN_REQUESTS = 2;

export const later = (time: string, by: number): string =>
  time.includes('T') ? addHours(time, by) : addDays(time, by);

/** The proposer: from gap to gap, on what the availability of each resource shows. */
function earliest(trial: Trial, one: Booking, request: SlotRequest): Book | null {
  const { resources, owner, length, from, to } = request;
  const book = implOf(trial.loaded.env, one.bookTool, 'book')!;
  const spec = trial.db.spec(one.resourceTable);
  let best: Book | null = null;
  for (const row of resources) {
    const key = trial.byName(one.resourceTable, row)!;
    const resource = trial.row(one.resourceTable, key)!;
    const places = one.capacity === null ? 1 : Number(resource[one.capacity]);
    const taken = trial.db
      .rowsBy(one.bookingTable, one.resource, String(resource[spec.key]))
      .filter((booking) => book.activeStates.includes(String(booking[one.status])));
    const free = (start: string, end: string): boolean =>
      taken.filter(
        (booking) => String(booking[one.start]) < end && start < String(booking[one.end]),
      ).length < places;
    // A span becomes possible at the first moment or when some booking ends.
    const moments = [from, ...taken.map((booking) => String(booking[one.end]))]
      .filter((start) => start >= from && later(start, length) <= to)
      .toSorted();
    const start = moments.find((moment) => free(moment, later(moment, length)));
    if (start === undefined || (best && best.start <= start)) continue;
    best = { kind: 'book', table: one.bookingTable, row, owner, start, end: later(start, length) };
  }
  return best;
}

export interface Drawn {
  readonly requests: readonly SlotRequest[];
  readonly books: readonly Book[];
  readonly calls: readonly Call[];
  /** Whether it cannot have its first wish. */
  readonly pushed: readonly boolean[];
}

/** Requests of which at least one cannot have its first wish; null if there are none. */
export function drawRequests(
  loaded: LoadedEnvironment,
  one: Booking,
  random: Random,
  count: number,
): Drawn | null {
  const { env } = loaded;
  const trial = new Trial(loaded);
  const hours = hasHours(env, one);
  const owners = target(env, one.bookingTable, one.owner);
  const resources = trial.db.rows(one.resourceTable);
  const names = (table: string, rows: readonly Row[]): string[] =>
    rows.map((row) => String(row[nameColumn(env, table)!]));
  const future = trial.db
    .rows(one.bookingTable)
    .filter((row) => String(row[one.start]) > env.clock);
  const requests: SlotRequest[] = [];
  const books: Book[] = [];
  const calls: Call[] = [];
  const pushed: boolean[] = [];
  for (let i = 0; i < 30 && requests.length < count; i++) {
    const busy = random.pick(future);
    const first = trial.nameOf(one.resourceTable, String(busy[one.resource]));
    const others = names(one.resourceTable, random.sample(resources, 2)).filter(
      (name) => name !== first,
    );
    const from = String(busy[one.start]);
    const request: SlotRequest = {
      resources: [first, ...others].slice(0, random.int(1, 3)),
      owner: random.pick(names(owners, trial.db.rows(owners))),
      length: hours ? random.int(1, 4) : random.int(2, 6),
      from,
      to: later(from, hours ? random.int(10, 14) : random.int(12, 24)),
    };
    const book = earliest(trial, one, request);
    const call = book && trial.callFor(book);
    if (!book || !call || !trial.perform(call)) continue;
    pushed.push(book.start !== from || book.row !== first);
    requests.push(request);
    books.push(book);
    calls.push(call);
  }
  return requests.length >= MIN_REQUESTS ? { requests, books, calls, pushed } : null;
}
