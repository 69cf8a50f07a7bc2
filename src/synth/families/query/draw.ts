// Draws questions around rows that are there: conditions that a planted row meets, until they leave few
// rows, or one. Every condition matters: without it the answer is another.

import type { Database } from '../../database.js';
import type { Random } from '../../random.js';
import type { Environment, Json, Row, Value } from '../../world-types.js';
import type { Comparison } from '../constraint.js';
import { mannerOf } from '../grammar/predicates.js';
import { Words } from '../grammar/words.js';
import { answer, matching, valueOf } from './answers.js';
import type { Condition, Question } from './ir.js';
import { placesOf, plainTables, type Place } from './sentences.js';

const MIN_ROWS = 20;
const MAX_CONDITIONS = 4;
/** Different values that an answer must be one of. */
const MIN_VALUES = 20;

export interface Drawn {
  readonly question: Question;
  /** log10 of the answers that a guess would choose from. */
  readonly log10: number;
}

export class QuestionDraw {
  readonly #places = new Map<string, readonly Place[]>();
  readonly #tables: readonly string[];

  constructor(
    readonly env: Environment,
    readonly db: Database,
    readonly random: Random,
  ) {
    this.#tables = plainTables(env).filter((table) => db.rows(table).length >= MIN_ROWS);
  }

  /** A count, or a sum, highest or lowest value over the rows of a measure. */
  aggregate(kind: 'count' | 'sum' | 'max' | 'min', conditions: number): Drawn | null {
    const measures = this.env.affordances.flatMap((one) =>
      one.kind === 'measure' && this.#tables.includes(one.table) ? [one] : [],
    );
    if (measures.length === 0) return null;
    const { table, measure: column } = this.random.pick(measures);
    const where = this.#conditions(table, conditions, [column]);
    if (!where) return null;
    const question: Question =
      kind === 'count' ? { kind, table, where } : { kind, table, where, column };
    const found = matching(this.db, table, where).length;
    const all = this.db.rows(table);
    if (found < 3 || found * 10 > all.length * 7 || !this.#isTight(question)) return null;
    const cells = all.map((row) => row[column] as number);
    const answers = {
      count: all.length,
      sum: cells.reduce((sum, cell) => sum + Math.abs(cell), 0),
      max: new Set(cells).size,
      min: new Set(cells).size,
    }[kind];
    return { question, log10: Math.log10(Math.max(1, answers)) };
  }

  /** Something about the only row that fits, or about the row that is first by a number. */
  lookUp(kind: 'only' | 'extreme', conditions: number): Drawn | null {
    if (this.#tables.length === 0) return null;
    const table = this.random.pick(this.#tables);
    const question =
      kind === 'only' ? this.#only(table, conditions) : this.#extreme(table, conditions);
    if (!question || !this.#isTight(question)) return null;
    const path = question.kind === 'only' || question.kind === 'extreme' ? question.ask : [];
    return { question, log10: Math.log10(this.#valuesOf(table, path)) };
  }

  #only(table: string, least: number): Question | null {
    const planted = this.random.pick(this.db.rows(table));
    let where: Condition[] = [];
    for (let tries = 0; where.length < MAX_CONDITIONS && tries < 16; tries++) {
      const condition = this.#condition(table, planted, where);
      if (condition) where.push(condition);
      if (where.length >= least && matching(this.db, table, where).length === 1) break;
    }
    if (matching(this.db, table, where).length !== 1) return null;
    for (const one of this.random.shuffled(where)) {
      const rest = where.filter((other) => other !== one);
      if (matching(this.db, table, rest).length === 1) where = rest;
    }
    const ask = this.#ask(table, where);
    return ask && where.length > 0 ? { kind: 'only', table, where, ask } : null;
  }

  #extreme(table: string, conditions: number): Question | null {
    const columns = this.#of(table).filter(
      ({ path, column }) => path.length === 1 && mannerOf(column.type) === 'amount',
    );
    if (columns.length === 0) return null;
    const column = this.random.pick(columns).path[0]!;
    const where = this.#conditions(table, conditions, [column]);
    const ask = where && this.#ask(table, where, column);
    if (!ask) return null;
    const order = this.random.chance(50) ? 'highest' : 'lowest';
    return { kind: 'extreme', table, where, order, column, ask };
  }

  /** What to ask: a value that tells much, and that no condition gives away. */
  #ask(table: string, where: readonly Condition[], besides = ''): readonly string[] | null {
    const used = new Set(where.map(({ path }) => path.join()));
    const open = this.#of(table).filter(({ path, column }) => {
      if (used.has(path.join()) || path.join() === besides) return false;
      // Of dates and labels there are too few.
      const isName = column.type === 'text' && column.meaning.includes('name');
      if (!isName && mannerOf(column.type) !== 'amount') return false;
      return this.#valuesOf(table, path) >= MIN_VALUES;
    });
    return open.length === 0 ? null : this.random.pick(open).path;
  }

  /** How many different values the place has. */
  #valuesOf(table: string, path: readonly string[]): number {
    return new Set(this.db.rows(table).map((row) => valueOf(this.db, table, row, path))).size;
  }

  #conditions(table: string, count: number, besides: readonly string[]): Condition[] | null {
    const planted = this.random.pick(this.db.rows(table));
    const where: Condition[] = [];
    for (let tries = 0; where.length < count && tries < 10; tries++) {
      const condition = this.#condition(table, planted, where);
      if (condition && !besides.includes(condition.path.join())) where.push(condition);
    }
    return where.length === count ? where : null;
  }

  /** A condition that the row meets, on something no condition speaks of yet. */
  #condition(table: string, planted: Row, where: readonly Condition[]): Condition | null {
    const used = new Set(where.map(({ path }) => path.join()));
    const open = this.#of(table).filter(({ path, column }) => {
      const isName = column.type === 'text' && (path.length === 1 || column.meaning !== 'name');
      return !isName && !used.has(path.join());
    });
    if (open.length === 0) return null;
    const far = open.filter(({ path }) => path.length > 1);
    const place = this.random.pick(far.length > 0 && this.random.chance(45) ? far : open);
    const cell = (row: Row): Value => valueOf(this.db, table, row, place.path);
    const value = cell(planted);
    const other = cell(this.random.pick(this.db.rows(table)));
    if (value === null) return null;
    const { path } = place;
    if (mannerOf(place.column.type) === 'label') {
      const isOther =
        place.column.type === 'enum' && other !== null && other !== value && this.random.chance(25);
      return isOther ? { path, op: '!=', value: other } : { path, op: '=', value };
    }
    if (other === null || other === value) return null;
    const op: Comparison = value < other ? '<=' : '>=';
    return { path, op, value: other as Json };
  }

  /** Whether it has an answer that every condition matters for. */
  #isTight(question: Question): boolean {
    const { db } = this;
    const right = answer(db, question);
    return (
      right !== null &&
      question.where.every((one) => {
        const where = question.where.filter((other) => other !== one);
        return answer(db, { ...question, where }) !== right;
      })
    );
  }

  /** Places that texts can name in both languages. */
  #of(table: string): readonly Place[] {
    let places = this.#places.get(table);
    if (!places) {
      const zh = new Set(placesOf(new Words(this.env, 'zh'), table).map(({ path }) => path.join()));
      places = placesOf(new Words(this.env, 'en'), table).filter(({ path }) => zh.has(path.join()));
      this.#places.set(table, places);
    }
    return places;
  }
}
