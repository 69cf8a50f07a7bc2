// Random requests rendered and read back, for property tests: constraints of every kind with values of
// every type, true or not, drawn without regard to any world.

import { canonicalJson, sameJson } from '../../canonical.js';
import { Random } from '../../random.js';
import type { Language } from '../../task-types.js';
import type { Json } from '../../world-types.js';
import { canonicalIr, readChoice, renderChoice, type ChoiceIr } from '../choose/meaning.js';
import { rulebooks, type Ruled } from '../choose/ruled.js';
import { choosables, slotsFor } from '../choose/world.js';
import type { Atom, Clause, Comparison, Constraint, Slot, Slots } from '../constraint.js';
import { harbour } from '../fixture.js';
import { termsOf, type Term } from './constraints.js';
import { mannerOf } from './predicates.js';
import { Words } from './words.js';

const AMOUNTS: readonly Comparison[] = ['=', '!=', '<', '<=', '>', '>='];

class Sampler {
  readonly env = harbour(1);
  readonly things = choosables(this.env);
  readonly words: Words;

  constructor(
    language: Language,
    readonly random: Random,
  ) {
    this.words = new Words(this.env, language);
  }

  ir(): ChoiceIr {
    const { random } = this;
    const picks = random
      .sample(this.things, random.int(1, 2))
      .map(({ table }) => ({ table, count: random.int(1, 4) }));
    const slots = slotsFor(picks);
    const [book] = rulebooks(this.env);
    const topics = this.words.column(book!.clauseTable, book!.topic).values!;
    const ruled = (): Ruled => {
      const where = { title: `Rules ${random.token(4)}`, topic: random.pick(topics) };
      const op = random.pick(['<=', '>='] as const);
      return {
        kind: 'ruled-total',
        of: this.#slots(slots),
        op,
        ...where,
        unit: random.int(1, 9999),
      };
    };
    return canonicalIr({
      picks,
      constraints: Array.from({ length: random.int(1, 5) }, () => this.#constraint(slots)),
      ruled: random.chance(30) ? [ruled()] : [],
      objective: random.chance(50)
        ? {
            goal: random.pick(['cheapest', 'dearest'] as const),
            ties: random.sample(slots, random.int(1, slots.length)).map(({ id }) => id),
          }
        : null,
      refuse: random.chance(50),
    });
  }

  #constraint(slots: readonly Slot[]): Constraint {
    const { random } = this;
    const clause = (): Clause => this.#clause(slots);
    switch (random.int(0, 6)) {
      case 0: {
        const low = random.int(0, 90_000);
        return { kind: 'between', of: this.#slots(slots), low, high: low + random.int(0, 5000) };
      }
      case 1:
        return {
          kind: 'if',
          if: clause(),
          yes: clause(),
          no: random.chance(50) ? clause() : null,
        };
      case 2: {
        const slot = random.pick(slots);
        const terms = this.#terms(slot).filter(({ column }) => mannerOf(column.type) === 'amount');
        const { path } = random.pick(terms);
        const low = random.int(1, 5000);
        return {
          kind: 'tiers',
          of: slot.id,
          path,
          low,
          high: low + random.int(1, 900),
          atHigh: clause(),
          atLow: clause(),
          below: clause(),
        };
      }
      case 3: {
        const { table } = random.pick(slots);
        const of = slots.filter((slot) => slot.table === table).map(({ id }) => id);
        return { kind: 'group', rule: random.pick(['same', 'different'] as const), of };
      }
      case 4:
        return { kind: 'distinct', table: random.pick(slots).table };
      case 5:
        return { kind: 'order', low: random.pick(slots).id, high: random.pick(slots).id };
      default:
        return clause();
    }
  }

  #terms({ table }: Slot): Term[] {
    return termsOf(
      this.words,
      this.things.find((thing) => thing.table === table)!,
    );
  }

  #slots(slots: readonly Slot[]): Slots {
    return this.random.chance(30)
      ? 'all'
      : this.random.sample(slots, this.random.int(1, slots.length)).map(({ id }) => id);
  }

  #clause(slots: readonly Slot[]): Clause {
    const { random } = this;
    if (random.chance(30)) {
      const op = random.pick(AMOUNTS);
      return { kind: 'total', of: this.#slots(slots), op, value: random.int(0, 2_000_000) };
    }
    const slot = random.pick(slots);
    const { path, column } = random.pick(this.#terms(slot));
    const isLabel = mannerOf(column.type) === 'label';
    const op =
      column.type === 'bool' ? '=' : random.pick(isLabel ? (['=', '!='] as const) : AMOUNTS);
    return { kind: 'atom', of: slot.id, path, op, value: this.#value(column) } satisfies Atom;
  }

  #value(column: Term['column']): Json {
    const { random } = this;
    switch (column.type) {
      case 'bool':
        return random.chance(50);
      case 'enum':
        return random.pick(column.values!);
      case 'date':
        return `20${random.int(10, 39)}-0${random.int(1, 9)}-${random.int(10, 28)}`;
      case 'int':
        return random.int(0, random.pick([20, 999, 20_000]));
      case 'money':
        return random.int(0, random.pick([999, 100_000, 9_000_000]));
      default:
        return `Pier ${random.token(4)}`;
    }
  }
}

/** Renders and reads `count` random requests; what failed is told by its text and meaning. */
export function roundTrips(
  language: Language,
  count: number,
  seed: string,
): { readonly tried: number; readonly failed: readonly string[] } {
  const random = new Random('round-trips', seed, language);
  const sampler = new Sampler(language, random);
  const failed: string[] = [];
  let tried = 0;
  for (; tried < count; tried++) {
    const ir = sampler.ir();
    const text = renderChoice(ir, sampler.env, language, random);
    const read = readChoice(text, sampler.env, language);
    if (!read || !sameJson(read as unknown as Json, ir as unknown as Json)) {
      failed.push(`${text}\nmeant ${canonicalJson(ir as unknown as Json)}`);
    }
  }
  return { tried, failed };
}
