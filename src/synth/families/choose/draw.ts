// Draws constraints that a given choice meets: the world and the target come first, what the request
// says follows from them. Thresholds come from values that other rows have, so that they cut.
// Source: agents reference §6.4, generation direction.

import type { Random } from '../../random.js';
import type { Json, Row, Value } from '../../world-types.js';
import type { Atom, Clause, Comparison, Constraint, Slots, Total } from '../constraint.js';
import { termsOf, type Term } from '../grammar/constraints.js';
import { mannerOf } from '../grammar/predicates.js';
import type { Pick } from './truth.js';
import type { ChoiceWorld } from './world.js';

const MONEY_STEP = 100;
/** Values of other rows that a limit is chosen from, unless told. */
const NEIGHBOURS = 3;
/** Share of demands that go through a reference, where there is one: more where there is one table. */
const FAR_PERCENT = { oneTable: 65, moreTables: 30 };

export class Draw {
  readonly #terms: ReadonlyMap<string, readonly Term[]>;

  constructor(
    readonly world: ChoiceWorld,
    readonly random: Random,
  ) {
    // The same columns are plain in both languages, so that a task exists in both.
    const [en, zh] = [world.words('en'), world.words('zh')];
    this.#terms = new Map(
      world.things.map((thing) => {
        const known = new Set(termsOf(zh, thing).map(({ path }) => path.join('.')));
        return [thing.table, termsOf(en, thing).filter(({ path }) => known.has(path.join('.')))];
      }),
    );
  }

  get #farPercent(): number {
    return this.world.things.length === 1 ? FAR_PERCENT.oneTable : FAR_PERCENT.moreTables;
  }

  /** A random row for every slot, no row twice. */
  pick(): Row[] {
    const pick: Row[] = [];
    for (const rows of this.world.domains) {
      let row = this.random.pick(rows);
      for (let tries = 0; pick.includes(row) && tries < 20; tries++) row = this.random.pick(rows);
      pick.push(row);
    }
    return pick;
  }

  /**
   * A demand on one slot that the choice meets.
   * @param neighbours values of other rows that a limit is chosen from: the more, the more it cuts
   */
  atom(pick: Pick, at: number, neighbours = NEIGHBOURS): Atom | null {
    const slot = this.world.slots[at]!;
    const terms = this.#terms.get(slot.table)!;
    const far = terms.filter(({ path }) => path.length > 1);
    const near = terms.filter(({ path }) => path.length === 1);
    const useFar = far.length > 0 && this.random.chance(this.#farPercent);
    const term = this.random.pick(useFar ? far : near);
    const cell = (row: Row): Value => this.world.truth.cell(slot.table, row, term.path);
    const value = cell(pick[at]!);
    if (value === null) return null;
    const other = nearest(value, this.random.sample(this.world.domains[at]!, neighbours).map(cell));
    const { op, limit } = this.#comparison(term, value, other);
    return op === null ? null : { kind: 'atom', of: slot.id, path: term.path, op, value: limit };
  }

  #comparison(
    { column }: Term,
    value: Value,
    other: Value,
  ): { op: Comparison | null; limit: Json } {
    const manner = mannerOf(column.type);
    if (manner === 'label') {
      if (column.type === 'enum' && other !== null && other !== value && this.random.chance(30)) {
        return { op: '!=', limit: other };
      }
      return { op: '=', limit: value };
    }
    if (other === null || other === value) return { op: null, limit: null };
    if (manner === 'date') {
      const [from, to] = [String(value), String(other)];
      return { op: from < to ? '<=' : '>=', limit: other };
    }
    const [here, there] = [Number(value), Number(other)];
    const step = column.type === 'money' ? MONEY_STEP : 1;
    if (here < there) {
      const limit = Math.floor(there / step) * step;
      return here <= limit ? { op: '<=', limit } : { op: null, limit };
    }
    const limit = Math.ceil(there / step) * step;
    return here >= limit ? { op: '>=', limit } : { op: null, limit };
  }

  /** A limit on the cost of some slots that the choice meets, near what it costs. */
  total(pick: Pick, of: Slots, percent: number): Total {
    const cost = this.world.truth.total(this.world.truth.positions(of), pick);
    const slack = Math.floor((cost * this.random.int(0, percent)) / 100);
    const [value, op]: [number, Comparison] = this.random.chance(65)
      ? [Math.ceil((cost + slack) / MONEY_STEP) * MONEY_STEP, '<=']
      : [Math.floor((cost - slack) / MONEY_STEP) * MONEY_STEP, '>='];
    return { kind: 'total', of, op, value };
  }

  /** The cost lies in a window of about this width around that of the choice. */
  window(pick: Pick, of: Slots, percent: number): Constraint {
    const cost = this.world.truth.total(this.world.truth.positions(of), pick);
    const width = Math.max(MONEY_STEP, Math.floor((cost * percent) / 100));
    const below = this.random.int(0, width);
    return {
      kind: 'between',
      of,
      low: Math.floor((cost - below) / MONEY_STEP) * MONEY_STEP,
      high: Math.ceil((cost - below + width) / MONEY_STEP) * MONEY_STEP,
    };
  }

  /** A demand that the choice meets; none on what `besides` speaks of already. */
  #clause(pick: Pick, besides?: Clause): Clause | null {
    if (this.random.chance(35) && this.world.slots.length > 1 && besides?.kind !== 'total') {
      return this.total(pick, this.someSlots(), 12);
    }
    const atom = this.atom(pick, this.random.int(0, this.world.slots.length - 1));
    const isSame = besides?.kind === 'atom' && besides.of === atom?.of;
    return isSame && besides.path.join() === atom!.path.join() ? null : atom;
  }

  /** Two or more slots, in order; all of them is said as such. */
  someSlots(): Slots {
    const ids = this.world.slots.map(({ id }) => id);
    const count = this.random.int(2, ids.length);
    if (count === ids.length) return 'all';
    const chosen = new Set(this.random.sample(ids, count));
    return ids.filter((id) => chosen.has(id));
  }

  /** A condition with its consequences; which branch the choice takes is left to chance. */
  conditional(pick: Pick): Constraint | null {
    const asked = this.random.chance(60) ? this.#clause(pick) : this.#clause(this.pick());
    if (!asked) return null;
    const taken = this.world.truth.test(asked)(pick);
    const right = this.#clause(pick, asked);
    const other = this.#clause(this.pick(), asked);
    if (!right || !other) return null;
    const [yes, no] = taken ? [right, other] : [other, right];
    const hasElse = !taken || this.random.chance(70);
    return { kind: 'if', if: asked, yes, no: hasElse ? no : null };
  }

  /** Three price tiers of one slot, each with its own demand, as in the release's trip example. */
  tiers(pick: Pick): Constraint | null {
    const at = this.random.int(0, this.world.slots.length - 1);
    const slot = this.world.slots[at]!;
    const { cost } = this.world.thing(slot.table);
    const costs = this.world.domains[at]!.map((row) => row[cost] as number).toSorted(
      (a, b) => a - b,
    );
    const level = (share: number): number => {
      const value = costs[Math.floor((costs.length * share) / 100)] ?? 0;
      return Math.round(value / MONEY_STEP) * MONEY_STEP;
    };
    const high = level(this.random.int(55, 80));
    const low = level(this.random.int(20, 45));
    if (low >= high || low <= 0) return null;
    const mine = pick[at]![cost] as number;
    const branch = mine >= high ? 0 : mine >= low ? 1 : 2;
    // Only the slot and the column count here.
    const asked: Clause = { kind: 'atom', of: slot.id, path: [cost], op: '>=', value: high };
    const clauses = [0, 1, 2].map((i) => this.#clause(i === branch ? pick : this.pick(), asked));
    const [atHigh, atLow, below] = clauses;
    if (!atHigh || !atLow || !below) return null;
    return { kind: 'tiers', of: slot.id, path: [cost], high, low, atHigh, atLow, below };
  }

  /** Relations between slots that the choice happens to meet. */
  relations(pick: Pick): Constraint[] {
    const found: Constraint[] = [];
    for (const { table, count } of this.world.picks) {
      if (count > 1) found.push({ kind: 'distinct', table });
    }
    const { slots, truth } = this.world;
    for (const [i, low] of slots.entries()) {
      for (const [j, high] of slots.entries()) {
        if (i !== j && truth.cost(i, pick[i]!) < truth.cost(j, pick[j]!)) {
          found.push({ kind: 'order', low: low.id, high: high.id });
        }
      }
    }
    found.push(...this.#groups(pick));
    return this.random.shuffled(found);
  }

  #groups(pick: Pick): Constraint[] {
    const grouped = this.world.picks.filter(
      ({ table, count }) =>
        count > 1 &&
        this.world.thing(table).group !== null &&
        (this.#terms.get(table)?.length ?? 0) > 0,
    );
    return grouped.flatMap(({ table }) => {
      const of = this.world.slots.filter((slot) => slot.table === table).map(({ id }) => id);
      const slots: Slots = of.length === this.world.slots.length ? 'all' : of;
      return (['same', 'different'] as const)
        .map((rule): Constraint => ({ kind: 'group', rule, of: slots }))
        .filter((constraint) => this.world.truth.test(constraint)(pick));
    });
  }
}

/** Of some values the one next to this but not the same; numbers and texts in their own order. */
function nearest(value: Value, others: readonly Value[]): Value {
  const different = others.filter((other) => other !== null && other !== value);
  if (typeof value !== 'number') return different[0] ?? null;
  const distance = (other: Value): number => Math.abs(Number(other) - value);
  return different.toSorted((a, b) => distance(a) - distance(b))[0] ?? null;
}

/** The roundest amount in low .. high. */
export function roundBetween(low: number, high: number, random: Random): number {
  for (const step of [1000, 500, 100, 50, 10]) {
    const first = Math.ceil(low / step) * step;
    if (first <= high) return first + step * random.int(0, Math.floor((high - first) / step));
  }
  return random.int(low, high);
}
