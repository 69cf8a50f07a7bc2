// Bookings at the earliest free time: drawn where something is in the way, solved by looking at every
// start in turn.

import { derived, literal } from '../plan-recorder.js';
import type { Random } from '../random.js';
import type { Candidate, Language, RowChange, SolutionPlan } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { Json, JsonObject } from '../world-types.js';
import { fieldIs, hasFields } from './choose/checks.js';
import type { RightEnd } from './family.js';
import { isWanted } from './horizon.js';
import { rawPlan, Trial } from './operate/attempt.js';
import { finish, formOf, record, TEXTS, type Decoy } from './operate/finish.js';
import { nameColumn, target } from './operate/operation.js';
import { Simulation } from './operate/simulation.js';
import {
  bookable,
  drawRequests,
  later,
  MIN_REQUESTS,
  type Book,
  type Booking,
  type Drawn,
} from './schedule-slots-draw.js';
import { renderSchedule } from './schedule-text.js';
import type { SlotRequest, SlotsIr } from './schedule-types.js';

/** The solver: every start from the first on, every resource in the order named. */
export function takeSlots(
  loaded: LoadedEnvironment,
  patch: readonly RowChange[],
  { table, requests }: SlotsIr,
): RightEnd {
  const world = new Simulation(loaded, patch);
  const starts: string[] = [];
  for (const { resources, owner, length, from, to } of requests) {
    let made: string | null = null;
    for (let start = from; made === null && later(start, length) <= to; start = later(start, 1)) {
      for (const row of resources) {
        const end = later(start, length);
        if (!world.do({ kind: 'book', table, row, owner, start, end })) continue;
        made = start;
        break;
      }
    }
    if (made === null) return { submission: { starts: [] }, changes: [] };
    starts.push(made);
  }
  return { submission: { starts }, changes: world.changes() };
}

export function proposeSlots(
  loaded: LoadedEnvironment,
  random: Random,
  language: Language,
  level: number,
): Candidate | null {
  const one = random.pick(bookable(loaded.env));
  const drawn = drawRequests(loaded, one, random, 2 + Math.min(level, 2));
  // Where each takes many calls, fewer are asked for.
  for (let count = drawn?.requests.length ?? 0; count >= MIN_REQUESTS; count--) {
    const some = firstOf(drawn!, count);
    const made = some && assembleSlots(loaded, one, some, random, language);
    if (made) return made;
  }
  return null;
}

function firstOf({ requests, books, calls, pushed }: Drawn, count: number): Drawn | null {
  const some = pushed.slice(0, count);
  return some.includes(true)
    ? {
        requests: requests.slice(0, count),
        books: books.slice(0, count),
        calls: calls.slice(0, count),
        pushed: some,
      }
    : null;
}

function assembleSlots(
  loaded: LoadedEnvironment,
  one: Booking,
  { requests, books, calls }: Drawn,
  random: Random,
  language: Language,
): Candidate | null {
  const ir: SlotsIr = { kind: 'slots', table: one.bookingTable, requests };
  const answer: JsonObject = { starts: books.map(({ start }) => start) };
  const owners = target(loaded.env, one.bookingTable, one.owner);
  const places = one.capacity === null ? [] : [one.capacity];
  const route = (early: boolean, turned: boolean, order: readonly number[]): SolutionPlan | null =>
    record(loaded, [], answer, (reader) => {
      const look = (i: number) => {
        const { resources, owner, from, to } = requests[i]!;
        reader.named(owners, owner);
        const list = turned ? resources.toReversed() : resources;
        return list.map((name) => {
          const row = reader.named(one.resourceTable, name, places);
          const span = { [one.start]: literal(from), [one.end]: literal(to) };
          return reader.times(one.bookTool, { [one.resource]: row.key, ...span });
        });
      };
      const seen = early ? requests.map((_, i) => look(i)) : [];
      for (const i of order) {
        const shown = seen[i] ?? look(i);
        const { start, end } = books[i]!;
        const span = { [one.start]: derived(start, shown), [one.end]: derived(end, shown) };
        reader.consult(calls[i]!, true);
        reader.run(calls[i]!, span);
      }
      return [];
    });
  const inOrder = requests.map((_, i) => i);
  const solution = route(false, false, inOrder);
  if (!solution || !isWanted(solution)) return null;
  const end = takeSlots(loaded, [], ir);
  const world = new Simulation(loaded, []);
  books.forEach((book) => world.do(book));
  return end.changes?.length === 0
    ? null
    : finish(loaded, {
        family: 'schedule',
        skeleton: `schedule/slots/${requests.map(({ resources }) => resources.length).join('+')}/${one.capacity === null ? 'one' : 'many'}`,
        language,
        ir: ir as unknown as JsonObject,
        request: renderSchedule(ir, loaded.env, language, random),
        patch: [],
        submissionSchema: formOf({ starts: TEXTS }),
        verifier: {
          submissionChecks: [hasFields(['starts']), fieldIs('starts', answer['starts']!)],
        },
        solution,
        alternatives: [
          route(true, false, inOrder),
          route(false, true, inOrder),
          route(true, true, inOrder),
          route(true, false, inOrder.toReversed()),
        ],
        decoys: decoysOf(loaded, one, requests, books, answer),
        size: {
          constraints: requests.length * 3,
          candidatesLog10: Math.round(
            requests.reduce((sum, { resources }) => sum + Math.log10(resources.length * 24), 0) + 1,
          ),
          solverNodes: world.nodes,
        },
      });
}

function decoysOf(
  loaded: LoadedEnvironment,
  one: Booking,
  requests: readonly SlotRequest[],
  books: readonly Book[],
  answer: JsonObject,
): Decoy[] {
  const plan = (list: readonly Book[], submission: Json) => {
    const trial = new Trial(loaded);
    const calls = list.flatMap((book) => {
      const call = trial.callFor(book);
      if (call) trial.perform(call);
      return call ? [call] : [];
    });
    return rawPlan(calls, submission);
  };
  const found: Decoy[] = [];
  const add = (id: string, list: readonly Book[], submission: Json = answer): void => {
    found.push({ id, plan: plan(list, submission) });
  };
  const starts = (list: readonly Book[]): JsonObject => ({
    starts: list.map(({ start }) => start),
  });
  const owners = target(loaded.env, one.bookingTable, one.owner);
  const people = new Trial(loaded).db
    .rows(owners)
    .map((row) => String(row[nameColumn(loaded.env, owners)!]));
  add('nothing', []);
  add('half', books.slice(0, Math.floor(books.length / 2)));
  add('report-empty', books, {});
  add('report-turned', books, { starts: books.map(({ start }) => start).toReversed() });
  add('report-ends', books, { starts: books.map(({ end }) => end) });
  add('report-text', books, { starts: books[0]!.start });
  books.forEach((book, i) => {
    const instead = (next: Book): Book[] => books.map((old, at) => (at === i ? next : old));
    const variant = (id: string, next: Book): void => {
      add(`${id}:${i}`, instead(next), starts(instead(next)));
    };
    const { resources, from, length } = requests[i]!;
    add(
      `without:${i}`,
      books.filter((old) => old !== book),
    );
    variant('later', { ...book, start: later(book.start, 1), end: later(book.end, 1) });
    variant('longer', { ...book, end: later(book.end, 1) });
    variant('shorter', { ...book, end: later(book.end, -1) });
    variant('at-once', { ...book, start: from, end: later(from, length) });
    variant('other-owner', { ...book, owner: people.find((name) => name !== book.owner) ?? '' });
    for (const row of resources) if (row !== book.row) variant(`resource-${row}`, { ...book, row });
    add(`twice:${i}`, [...books, { ...book, start: book.end, end: later(book.end, length) }]);
    add(`told-later:${i}`, books, starts(instead({ ...book, start: later(book.start, 1) })));
  });
  return found;
}
