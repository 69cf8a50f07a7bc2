// How the changes of requests are said, both ways: one phrase for each thing that tools of the environment
// can do, in the imperative, without a full stop. Built from labels; knows no module.

import type { Affordance, Environment, Json } from '../../world-types.js';
import { choice, frame, GrammarError, mapped, type Form } from '../grammar/form.js';
import { nameForm } from '../grammar/names.js';
import { valueForm, type Words } from '../grammar/words.js';
import { implOf, nameColumn, target, type Operation } from './operation.js';

type Fields = Readonly<Record<string, Json>>;

/** Phrases of an environment in one language. */
export class Phrases {
  readonly #env: Environment;

  constructor(
    readonly words: Words,
    env: Environment,
  ) {
    this.#env = env;
  }

  say(en: readonly string[], zh: readonly string[]): readonly string[] {
    return this.words.language === 'en' ? en : zh;
  }

  /** A row by its name: `the pier "North"`. */
  row(table: string): Form<string> {
    const thing = this.words.thing(table);
    return mapped<{ name: string }, string>(
      frame<{ name: string }>(this.say([`the ${thing} {name}`], [`${thing}{name}`]), {
        name: nameForm(this.words.language),
      }),
      ({ name }) => name,
      (name) => ({ name }),
    );
  }

  /** A value of a column. */
  value(table: string, column: string): Form<Json> {
    return valueForm(this.words.column(table, column), this.words.language);
  }

  amount(table: string, column: string): Form<number> {
    return mapped<Json, number>(
      this.value(table, column),
      (value) => (typeof value === 'number' ? value : null),
      (value) => value,
    );
  }

  moment(table: string, column: string): Form<string> {
    return mapped<Json, string>(
      this.value(table, column),
      (value) => (typeof value === 'string' ? value : null),
      (value) => value,
    );
  }

  /** Every change that can be asked for. @throws GrammarError if there is none */
  changes(): Form<Operation> {
    const forms = this.#env.affordances.flatMap((one) => this.#of(one));
    if (forms.length === 0) throw new GrammarError('nothing can be changed here');
    return choice<Operation>(forms);
  }

  #of(one: Affordance): Form<Operation>[] {
    switch (one.kind) {
      case 'workflow':
        return nameColumn(this.#env, one.table) === null ? [] : [this.#move(one)];
      case 'editable':
        return nameColumn(this.#env, one.table) === null
          ? []
          : one.columns.flatMap((column) => this.#set(one.table, column));
      case 'balance':
        return nameColumn(this.#env, one.table) === null ? [] : this.#balance(one);
      case 'stock':
        return this.#restock(one);
      case 'booking':
        return this.#book(one);
      case 'assignment':
        return this.#assign(one);
      default:
        return [];
    }
  }

  #move({ table, column }: Extract<Affordance, { kind: 'workflow' }>): Form<Operation> {
    const label = this.words.label(table, column);
    type Parts = { row: string; to: string };
    const form = frame<Parts>(
      this.say(
        [`bring {row} to the ${label} {to}`, `see that the ${label} of {row} becomes {to}`],
        [`把{row}的${label}转为{to}`, `让{row}进入${label}{to}`],
      ),
      { row: this.row(table), to: this.moment(table, column) },
    );
    return mapped<Parts, Operation>(
      form,
      (parts) => ({ kind: 'move', table, ...parts }),
      (op) => (op.kind === 'move' && op.table === table ? { row: op.row, to: op.to } : null),
    );
  }

  #set(table: string, column: string): Form<Operation>[] {
    const { type } = this.words.column(table, column);
    if (type === 'ref' || type === 'id' || type === 'text') return [];
    const label = this.words.label(table, column);
    type Parts = { row: string; value: Json };
    const form = frame<Parts>(
      this.say(
        [`set the ${label} of {row} to {value}`, `enter {value} as the ${label} of {row}`],
        [`把{row}的${label}改为{value}`, `将{row}的${label}登记为{value}`],
      ),
      { row: this.row(table), value: this.value(table, column) },
    );
    return [
      mapped<Parts, Operation>(
        form,
        (parts) => ({ kind: 'set', table, column, ...parts }),
        (op) =>
          op.kind === 'set' && op.table === table && op.column === column
            ? { row: op.row, value: op.value }
            : null,
      ),
    ];
  }

  #balance({ table, column, tool }: Extract<Affordance, { kind: 'balance' }>): Form<Operation>[] {
    const label = this.words.label(table, column);
    const amount = this.amount(table, column);
    if (implOf(this.#env, tool, 'adjust')) {
      type Parts = { row: string; amount: number };
      const way = (up: boolean, en: readonly string[], zh: readonly string[]): Form<Operation> =>
        mapped<Parts, Operation>(
          frame<Parts>(this.say(en, zh), { row: this.row(table), amount }),
          (parts) => {
            const by = up ? parts.amount : -parts.amount;
            return parts.amount > 0 ? { kind: 'adjust', table, row: parts.row, column, by } : null;
          },
          (op) =>
            op.kind === 'adjust' && op.table === table && op.column === column && op.by > 0 === up
              ? { row: op.row, amount: Math.abs(op.by) }
              : null,
        );
      return [
        way(
          true,
          [`raise the ${label} of {row} by {amount}`, `add {amount} to the ${label} of {row}`],
          [`把{row}的${label}增加{amount}`],
        ),
        way(
          false,
          [`lower the ${label} of {row} by {amount}`, `take {amount} off the ${label} of {row}`],
          [`把{row}的${label}减少{amount}`],
        ),
      ];
    }
    type Parts = { row: string; to: string; amount: number };
    const form = frame<Parts>(
      this.say(
        [`transfer {amount} from {row} to {to}`, `move {amount} from {row} over to {to}`],
        [`从{row}向{to}转{amount}`, `由{row}转出{amount}至{to}`],
      ),
      { row: this.row(table), to: this.row(table), amount },
    );
    return [
      mapped<Parts, Operation>(
        form,
        (parts) => ({ kind: 'transfer', table, ...parts }),
        (op) =>
          op.kind === 'transfer' && op.table === table
            ? { row: op.row, to: op.to, amount: op.amount }
            : null,
      ),
    ];
  }

  #restock(one: Extract<Affordance, { kind: 'stock' }>): Form<Operation>[] {
    const { table } = one;
    const things = target(this.#env, table, one.item);
    const places = target(this.#env, table, one.place);
    if (!nameColumn(this.#env, things) || !nameColumn(this.#env, places)) return [];
    type Parts = { row: string; from: string; to: string; amount: number };
    const form = frame<Parts>(
      this.say(
        [
          'carry {amount} pieces of {row} from {from} to {to}',
          'take {amount} pieces of {row} out of {from} and put them into {to}',
        ],
        ['把{amount}件{row}从{from}搬到{to}', '从{from}取出{amount}件{row}放入{to}'],
      ),
      {
        row: this.row(things),
        from: this.row(places),
        to: this.row(places),
        amount: this.amount(table, one.quantity),
      },
    );
    return [
      mapped<Parts, Operation>(
        form,
        (parts) => ({ kind: 'restock', table, ...parts }),
        (op) => {
          if (op.kind !== 'restock' || op.table !== table) return null;
          const { row, from, to, amount } = op;
          return { row, from, to, amount };
        },
      ),
    ];
  }

  #book(one: Extract<Affordance, { kind: 'booking' }>): Form<Operation>[] {
    const { bookingTable: table, resourceTable } = one;
    const owners = target(this.#env, table, one.owner);
    if (!nameColumn(this.#env, owners) || !nameColumn(this.#env, resourceTable)) return [];
    type Parts = { row: string; owner: string; start: string; end: string };
    const form = frame<Parts>(
      this.say(
        [
          'book {row} for {owner} from {start} until {end}',
          'reserve {row} from {start} to {end} for {owner}',
        ],
        ['为{owner}预订{row}，从{start}到{end}', '预订{row}给{owner}，自{start}起至{end}止'],
      ),
      {
        row: this.row(resourceTable),
        owner: this.row(owners),
        start: this.moment(table, one.start),
        end: this.moment(table, one.end),
      },
    );
    return [
      mapped<Parts, Operation>(
        form,
        (parts) => ({ kind: 'book', table, ...parts }),
        (op) => {
          if (op.kind !== 'book' || op.table !== table) return null;
          const { row, owner, start, end } = op;
          return { row, owner, start, end };
        },
      ),
    ];
  }

  #assign({
    jobTable: table,
    workerTable,
  }: Extract<Affordance, { kind: 'assignment' }>): Form<Operation>[] {
    if (!nameColumn(this.#env, table) || !nameColumn(this.#env, workerTable)) return [];
    type Parts = Fields & { row: string; to: string };
    const form = frame<Parts>(
      this.say(
        ['give {row} to {to}', 'put {to} in charge of {row}'],
        ['把{row}交给{to}', '由{to}负责{row}'],
      ),
      { row: this.row(table), to: this.row(workerTable) } as never,
    );
    return [
      mapped<Parts, Operation>(
        form,
        ({ row, to }) => ({ kind: 'assign', table, row, to }),
        (op) => (op.kind === 'assign' && op.table === table ? { row: op.row, to: op.to } : null),
      ),
    ];
  }
}

/** What is made once for an environment and language. */
export function perLanguage<T>(make: (env: Environment, language: 'en' | 'zh') => T) {
  const known = new WeakMap<Environment, Map<string, T>>();
  return (env: Environment, language: 'en' | 'zh'): T => {
    let made = known.get(env);
    if (!made) known.set(env, (made = new Map<string, T>()));
    let one = made.get(language);
    if (one === undefined) made.set(language, (one = make(env, language)));
    return one;
  };
}
