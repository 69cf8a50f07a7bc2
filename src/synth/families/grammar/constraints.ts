// Sentences for the constraint IR, both ways: atoms and totals as clauses, conditions and tiers over
// clauses, groups, repeats and order. Built for the tables that a request chooses from; says nothing
// about what the request is for. Source: agents reference §6.7.

import {
  MAX_SLOTS,
  slotId,
  tableOf,
  type Atom,
  type Choosable,
  type Clause,
  type Constraint,
  type Slots,
  type Total,
} from '../constraint.js';
import type { Language } from '../../task-types.js';
import type { Column, Json } from '../../world-types.js';
import { choice, frame, listed, mapped, oneOf, remembered, type Form } from './form.js';
import { moneyForm } from './money.js';
import { inChinese } from './numbers.js';
import { mannerOf, predicateForm, type Mood, type Predicate } from './predicates.js';
import { withArticle } from '../../world/english.js';
import type { Words } from './words.js';

/** A column that constraints may speak of, reached from a row of the table. */
export interface Term {
  readonly table: string;
  readonly path: readonly string[];
  readonly column: Column;
  /** Table of the last column. */
  readonly owner: string;
}

/** What can be said about the things of a table: their own attributes, and those of what they refer to. */
export function termsOf(words: Words, thing: Choosable): Term[] {
  const plain = words.plainColumns(thing.table);
  const own = plain.filter(
    ({ name, type }) =>
      (name === thing.cost || thing.attributes.includes(name)) &&
      type !== 'ref' &&
      type !== 'id' &&
      type !== 'text',
  );
  const terms: Term[] = own.map((column) => ({
    table: thing.table,
    path: [column.name],
    column,
    owner: thing.table,
  }));
  for (const { name, type, references } of plain) {
    if (type !== 'ref' || references === undefined || references === thing.table) continue;
    const parent = words.table(references);
    if (!parent.visible) continue;
    for (const column of words.plainColumns(parent.name).filter(isPlainHop)) {
      terms.push({ table: thing.table, path: [name, column.name], column, owner: parent.name });
    }
  }
  return terms;
}

/** Columns of a row that another refers to: its attributes, and its name but no other text. */
function isPlainHop({ type, meaning }: Column): boolean {
  if (type === 'text') return meaning === 'name';
  return (
    type === 'enum' || type === 'int' || type === 'money' || type === 'bool' || type === 'date'
  );
}

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'];

/** `the first berth`, `berth 1`, for slots of some tables. */
export function subjectForm(words: Words, tables: readonly string[]): Form<string> {
  const numbers = Array.from({ length: MAX_SLOTS }, (_, i) => i + 1);
  return oneOf<string>(
    tables.flatMap((table) =>
      numbers.map((n): readonly [string, readonly string[]] => {
        const [thing, measure] = [words.thing(table), words.measure(table)];
        const texts =
          words.language === 'en'
            ? [`the ${ORDINALS[n - 1]!} ${thing}`, `${thing} no. ${n}`, `${thing} number ${n}`]
            : [`第${inChinese(n)}${measure}${thing}`, `${n}号${thing}`, `${thing}${n}`];
        return [slotId(table, n), texts];
      }),
    ),
  );
}

const AND: Readonly<Record<Language, { comma: string; and: string }>> = {
  en: { comma: ', ', and: ' and ' },
  zh: { comma: '、', and: '和' },
};

/** Sentences about the things chosen, with their final stop. */
export function constraintSentences(words: Words, things: readonly Choosable[]): Form<Constraint> {
  return new ConstraintGrammar(words, things).sentences();
}

const say = (words: Words, en: readonly string[], zh: readonly string[]): readonly string[] =>
  words.language === 'en' ? en : zh;

/** One slot or several, or all of the request. */
export function slotsForm(words: Words, tables: readonly string[]): Form<Slots> {
  const some = mapped<readonly string[], Slots>(
    listed(subjectForm(words, tables), AND[words.language]),
    (ids) => ids,
    (of) => (of === 'all' ? null : of),
  );
  const every = say(words, ['all the choices', 'all of them together'], ['所有选择', '全部选项']);
  return choice<Slots>([oneOf<Slots>([['all', every]]), some]);
}

/** The costs of some slots, or of all, added up. */
export function sumForm(words: Words, of: Form<Slots>): Form<{ of: Slots }> {
  return frame<{ of: Slots }>(
    say(
      words,
      ['the total cost of {of}', 'the combined cost of {of}', 'the sum of the costs of {of}'],
      ['{of}的总费用', '{of}的费用合计'],
    ),
    { of },
  );
}

/** `the price of the first berth`; the value is the slot. */
export function termForm(
  words: Words,
  { table, path, owner }: Term,
  of: Form<string>,
): Form<{ of: string }> {
  const last = words.label(owner, path.at(-1)!);
  const first = path.length === 1 ? '' : words.label(table, path[0]!);
  const texts =
    path.length === 1
      ? say(words, [`the ${last} of {of}`, `for {of}, the ${last}`], [`{of}的${last}`])
      : say(
          words,
          [`the ${last} of the ${first} of {of}`, `the ${last} of {of}'s ${first}`],
          // What it belongs to is said once.
          [
            `{of}的${first}的${last}`,
            ...(first.startsWith('所') ? [] : [`{of}所属${first}的${last}`]),
          ],
        );
  return frame<{ of: string }>(texts, { of });
}

type Condition = { readonly check: Clause; readonly yes: Clause };

class ConstraintGrammar {
  readonly #tables: readonly string[];
  readonly #terms: readonly Term[];
  readonly #subject: Form<string>;
  readonly #subjects: ReadonlyMap<string, Form<string>>;
  readonly #sum: Form<{ of: Slots }>;
  readonly #demand: Form<Clause>;
  readonly #condition: Form<Clause>;

  constructor(
    readonly words: Words,
    readonly things: readonly Choosable[],
  ) {
    this.#tables = things.map(({ table }) => table);
    this.#terms = things.flatMap((thing) => termsOf(words, thing));
    this.#subject = remembered(subjectForm(words, this.#tables));
    this.#subjects = new Map(
      this.#tables.map((table) => [table, remembered(subjectForm(words, [table]))]),
    );
    this.#sum = remembered(sumForm(words, slotsForm(words, this.#tables)));
    this.#demand = remembered(this.#clause('demand'));
    this.#condition = remembered(this.#clause('condition'));
  }

  sentences(): Form<Constraint> {
    const demands = remembered(
      choice<Constraint>([
        this.#demand,
        this.#between(),
        ...this.#groups(),
        this.#distinct(),
        this.#order(),
        this.#if(),
        ...this.#terms
          .filter(({ column }) => mannerOf(column.type) === 'amount')
          .map((term) => this.#tiers(term)),
      ]),
    );
    const plain = this.#say(
      ['{said}.', 'Please note that {said}.', 'One requirement: {said}.'],
      ['{said}。', '请注意，{said}。', '有一项要求：{said}。'],
    );
    const assured = this.#say(
      ['Make sure that {said}.', 'See to it that {said}.'],
      ['请确保{said}。', '务必做到{said}。'],
    );
    return choice<Constraint>([
      unwrapped(frame<{ said: Constraint }>(plain, { said: demands })),
      unwrapped(frame<{ said: Constraint }>(assured, { said: this.#condition })),
    ]);
  }

  #say(en: readonly string[], zh: readonly string[]): readonly string[] {
    return this.words.language === 'en' ? en : zh;
  }

  #clause(mood: Mood): Form<Clause> {
    return choice<Clause>([
      ...this.#terms.map((term) => this.#atom(term, mood)),
      this.#total(mood),
    ]);
  }

  #atom(term: Term, mood: Mood): Form<Clause> {
    const { path, column, owner } = term;
    const build = (of: string, { op, value }: Predicate): Atom => ({
      kind: 'atom',
      of,
      path,
      op,
      value,
    });
    const isMine = (clause: Clause): clause is Atom =>
      clause.kind === 'atom' &&
      clause.path.join() === path.join() &&
      tableOf(clause.of) === term.table;
    if (column.type === 'bool') {
      const form = frame<{ subject: string; mark: boolean }>(['{subject}{mark}'], {
        subject: this.#subjects.get(term.table)!,
        mark: this.#mark(column, path, mood),
      });
      return mapped<{ subject: string; mark: boolean }, Clause>(
        form,
        ({ subject, mark }) => build(subject, { op: '=', value: mark }),
        (clause) =>
          isMine(clause) && clause.op === '=' && typeof clause.value === 'boolean'
            ? { subject: clause.of, mark: clause.value }
            : null,
      );
    }
    const predicate = predicateForm(
      this.words.language,
      mood,
      mannerOf(column.type),
      this.words.values(owner, column.name),
    );
    const form = frame<{ term: { of: string }; predicate: Predicate }>(['{term}{predicate}'], {
      term: termForm(this.words, term, this.#subjects.get(term.table)!),
      predicate,
    });
    return mapped<{ term: { of: string }; predicate: Predicate }, Clause>(
      form,
      (parts) => build(parts.term.of, parts.predicate),
      (clause) =>
        isMine(clause)
          ? { term: { of: clause.of }, predicate: { op: clause.op, value: clause.value } }
          : null,
    );
  }

  /** ` must be marked “step-free”`, with the way there for columns of the group. */
  #mark(column: Column, path: readonly string[], mood: Mood): Form<boolean> {
    const label = column.label[this.words.language];
    const en = mood === 'demand' ? ['must', 'must not'] : ['is', 'is not'];
    const be = mood === 'demand' ? ' be' : '';
    const zh = mood === 'demand' ? ['必须', '不得'] : ['已经', '并未'];
    if (path.length === 1) {
      return oneOf<boolean>([
        [true, this.#say([` ${en[0]}${be} marked as "${label}"`], [`${zh[0]}标为“${label}”`])],
        [false, this.#say([` ${en[1]}${be} marked as "${label}"`], [`${zh[1]}标为“${label}”`])],
      ]);
    }
    const way = this.words.label(this.#terms.find((one) => one.path === path)!.table, path[0]!);
    const has = mood === 'demand' ? ['must have', 'must not have'] : ['has', 'does not have'];
    const at = (verb: string): readonly string[] => [
      ` ${verb} ${withArticle(way)} marked as "${label}"`,
    ];
    return oneOf<boolean>([
      [true, this.#say(at(has[0]!), [`的${way}${zh[0]}标为“${label}”`])],
      [false, this.#say(at(has[1]!), [`的${way}${zh[1]}标为“${label}”`])],
    ]);
  }

  #total(mood: Mood): Form<Clause> {
    type Parts = { sum: { of: Slots }; predicate: Predicate };
    const values = mapped<number, Json>(
      moneyForm(this.words.language),
      (value) => value,
      (value) => (typeof value === 'number' ? value : null),
    );
    const form = frame<Parts>(['{sum}{predicate}'], {
      sum: this.#sum,
      predicate: predicateForm(this.words.language, mood, 'amount', values),
    });
    return mapped<Parts, Clause>(
      form,
      ({ sum, predicate: { op, value } }): Total => ({
        kind: 'total',
        of: sum.of,
        op,
        value: value as number,
      }),
      (clause) =>
        clause.kind === 'total'
          ? { sum: { of: clause.of }, predicate: { op: clause.op, value: clause.value } }
          : null,
    );
  }

  #between(): Form<Constraint> {
    type Parts = { sum: { of: Slots }; low: number; high: number };
    const form = frame<Parts>(
      this.#say(
        [
          '{sum} must lie between {low} and {high}, both included',
          '{sum} must not leave the range from {low} to {high}',
        ],
        ['{sum}必须在{low}到{high}之间（含两端）', '{sum}须介于{low}与{high}之间，两端均可'],
      ),
      {
        sum: this.#sum,
        low: moneyForm(this.words.language),
        high: moneyForm(this.words.language),
      },
    );
    return mapped<Parts, Constraint>(
      form,
      ({ sum, low, high }) => ({ kind: 'between', of: sum.of, low, high }),
      (one) =>
        one.kind === 'between' ? { sum: { of: one.of }, low: one.low, high: one.high } : null,
    );
  }

  /** One form per label that group columns have. */
  #groups(): Form<Constraint>[] {
    const byLabel = new Map<string, string[]>();
    for (const { table, group } of this.things) {
      if (group === null) continue;
      const label = this.words.label(table, group);
      byLabel.set(label, [...(byLabel.get(label) ?? []), table]);
    }
    return [...byLabel].map(([label, tables]) => {
      const rule = oneOf<'same' | 'different'>([
        [
          'same',
          this.#say(
            [` must share the same ${label}`, ` must agree in their ${label}`],
            [`的${label}必须相同`, `必须属于同一${label}`],
          ),
        ],
        [
          'different',
          this.#say(
            [` must differ from each other in their ${label}`],
            [`的${label}必须各不相同`, `必须分属不同的${label}`],
          ),
        ],
      ]);
      type Parts = { of: Slots; rule: 'same' | 'different' };
      const form = frame<Parts>(['{of}{rule}'], { of: slotsForm(this.words, tables), rule });
      return mapped<Parts, Constraint>(
        form,
        (parts) => ({ kind: 'group', ...parts }),
        (one) =>
          one.kind === 'group' && (one.of === 'all' || tables.includes(tableOf(one.of[0] ?? '')))
            ? { of: one.of, rule: one.rule }
            : null,
      );
    });
  }

  #distinct(): Form<Constraint> {
    const table = oneOf<string>(
      this.#tables.map((name) => [name, [this.words.thing(name)]] as const),
    );
    const form = frame<{ table: string }>(
      this.#say(
        ['no {table} may be chosen twice', 'the same {table} must not appear more than once'],
        ['不得重复选择同一{table}', '同一{table}最多只能出现一次'],
      ),
      { table },
    );
    return mapped<{ table: string }, Constraint>(
      form,
      (parts) => ({ kind: 'distinct', ...parts }),
      (one) => (one.kind === 'distinct' ? { table: one.table } : null),
    );
  }

  #order(): Form<Constraint> {
    type Parts = { low: string; high: string };
    const form = frame<Parts>(
      this.#say(
        ['{low} must cost less than {high}', '{high} must cost more than {low}'],
        ['{low}必须比{high}便宜', '{high}必须比{low}贵'],
      ),
      { low: this.#subject, high: this.#subject },
    );
    return mapped<Parts, Constraint>(
      form,
      (parts) => ({ kind: 'order', ...parts }),
      (one) => (one.kind === 'order' ? { low: one.low, high: one.high } : null),
    );
  }

  #if(): Form<Constraint> {
    const parts = { check: this.#condition, yes: this.#demand };
    const without = mapped<Condition, Constraint>(
      frame<Condition>(
        this.#say(
          ['if {check}, then {yes}', 'in case {check}, {yes}'],
          ['如果{check}，则{yes}', '若{check}，那么{yes}'],
        ),
        parts,
      ),
      ({ check, yes }) => ({ kind: 'if', if: check, yes, no: null }),
      (one) => (one.kind === 'if' && one.no === null ? { check: one.if, yes: one.yes } : null),
    );
    type Both = Condition & { readonly no: Clause };
    const withElse = mapped<Both, Constraint>(
      frame<Both>(
        this.#say(
          ['if {check}, then {yes}; otherwise {no}', 'in case {check}, {yes}; if not, {no}'],
          ['如果{check}，则{yes}；否则{no}', '若{check}，那么{yes}；不然的话，{no}'],
        ),
        { ...parts, no: this.#demand },
      ),
      ({ check, yes, no }) => ({ kind: 'if', if: check, yes, no }),
      (one) =>
        one.kind === 'if' && one.no !== null ? { check: one.if, yes: one.yes, no: one.no } : null,
    );
    return choice<Constraint>([without, withElse]);
  }

  #tiers(term: Term): Form<Constraint> {
    type Parts = {
      term: { of: string };
      high: Json;
      low: Json;
      atHigh: Clause;
      atLow: Clause;
      below: Clause;
    };
    const values = this.words.values(term.owner, term.column.name);
    const clause = this.#demand;
    const form = frame<Parts>(
      this.#say(
        [
          'if {term} is at least {high}, {atHigh}; if it is lower but at least {low}, {atLow}; below that, {below}',
          'when {term} reaches {high}, {atHigh}; when it only reaches {low}, {atLow}; in all other cases, {below}',
        ],
        [
          '如果{term}达到{high}，{atHigh}；如果未达到但不低于{low}，{atLow}；再低则{below}',
          '{term}在{high}以上（含）时，{atHigh}；仅在{low}以上（含）时，{atLow}；其余情况下，{below}',
        ],
      ),
      {
        term: termForm(this.words, term, this.#subjects.get(term.table)!),
        high: values,
        low: values,
        atHigh: clause,
        atLow: clause,
        below: clause,
      },
    );
    return mapped<Parts, Constraint>(
      form,
      ({ term: { of }, high, low, ...rest }) =>
        typeof high === 'number' && typeof low === 'number'
          ? { kind: 'tiers', of, path: term.path, high, low, ...rest }
          : null,
      (one) => {
        if (one.kind !== 'tiers') return null;
        const { of, path, high, low, atHigh, atLow, below } = one;
        if (path.join() !== term.path.join() || tableOf(of) !== term.table) return null;
        return { term: { of }, high, low, atHigh, atLow, below };
      },
    );
  }
}

function unwrapped(form: Form<{ said: Constraint }>): Form<Constraint> {
  return mapped<{ said: Constraint }, Constraint>(
    form,
    ({ said }) => said,
    (said) => ({ said }),
  );
}
