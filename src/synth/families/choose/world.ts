// The part of an environment that a request chooses from: what can be chosen, its rows in the state the
// task starts from, and the words for it.

import { Database } from '../../database.js';
import type { Language, RowChange } from '../../task-types.js';
import type { LoadedEnvironment } from '../../tools/session.js';
import type { Environment, Row } from '../../world-types.js';
import { slotId, type Choosable, type Slot } from '../constraint.js';
import { Words } from '../grammar/words.js';
import { Search } from './search.js';
import { Truth } from './truth.js';

/** How many of a table are to be chosen. */
export type Picks = { readonly table: string; readonly count: number };

/** What can be chosen in an environment: things with a price in money, one affordance per table. */
export function choosables(env: Environment): Choosable[] {
  const found = new Map<string, Choosable>();
  for (const affordance of env.affordances) {
    if (affordance.kind !== 'selectable') continue;
    const { table, name, cost, attributes, group } = affordance;
    const columns = env.tables.find((one) => one.name === table)?.columns ?? [];
    const isMoney = columns.some((column) => column.name === cost && column.type === 'money');
    if (isMoney && !found.has(table)) found.set(table, { table, name, cost, attributes, group });
  }
  return [...found.values()];
}

export function slotsFor(picks: readonly Picks[]): Slot[] {
  return picks.flatMap(({ table, count }) =>
    Array.from({ length: count }, (_, i) => ({ id: slotId(table, i + 1), table })),
  );
}

export class ChoiceWorld {
  readonly db: Database;
  readonly things: readonly Choosable[];
  readonly slots: readonly Slot[];
  readonly truth: Truth;
  readonly search: Search;
  /** Rows of each slot's table. */
  readonly domains: readonly (readonly Row[])[];

  /** @throws RangeError for a table that nothing is chosen from */
  constructor(
    readonly loaded: LoadedEnvironment,
    readonly patch: readonly RowChange[],
    readonly picks: readonly Picks[],
  ) {
    this.db = new Database(loaded.base);
    this.db.apply(patch);
    const known = choosables(loaded.env);
    this.things = picks.map(({ table }) => {
      const thing = known.find((one) => one.table === table);
      if (!thing) throw new RangeError(`nothing is chosen from ${table}`);
      return thing;
    });
    this.slots = slotsFor(picks);
    const rows = new Map(picks.map(({ table }) => [table, this.db.rows(table)]));
    this.domains = this.slots.map(({ table }) => rows.get(table)!);
    this.truth = new Truth(this.db, this.slots, this.things);
    this.search = new Search(this.truth, this.domains);
  }

  words(language: Language): Words {
    return new Words(this.loaded.env, language);
  }

  thing(table: string): Choosable {
    return this.things.find((one) => one.table === table)!;
  }

  /** Whether names tell the rows of every table apart. */
  hasPlainNames(): boolean {
    return this.things.every(({ table, name }) => {
      const names = this.db.rows(table).map((row) => row[name]);
      return new Set(names).size === names.length && names.every((one) => typeof one === 'string');
    });
  }

  /** log10 of all ways to fill the slots, in whole tenths kept as a number. */
  candidatesLog10(): number {
    const log = this.domains.reduce((sum, rows) => sum + Math.log10(Math.max(1, rows.length)), 0);
    return Math.floor(log * 10) / 10;
  }

  /**
   * Whether it takes a thing twice. Asked for "three rooms", one reader takes a room twice and another
   * three different ones: a right answer must be right for both, and the best for both.
   */
  repeats(pick: readonly Row[]): boolean {
    return new Set(pick).size < pick.length;
  }

  /** The names of a choice, by slot. */
  named(pick: readonly Row[]): Record<string, string> {
    return Object.fromEntries(
      this.slots.map(({ id, table }, i) => [id, String(pick[i]![this.thing(table).name])]),
    );
  }
}
