// Words of an environment: how its tables, columns and values read in one language, and the forms for
// values of a column. Knows no sentences.

import type { Language } from '../../task-types.js';
import type { Column, Environment, Json, TableSpec } from '../../world-types.js';
import { counted, withArticle } from '../../world/english.js';
import { withNouns } from '../../world/nouns.js';
import { dateForm, datetimeForm } from './dates.js';
import { mapped, oneOf, type Form } from './form.js';
import { moneyForm } from './money.js';
import { nameForm } from './names.js';
import { numberForm } from './numbers.js';

export class Words {
  readonly #tables: ReadonlyMap<string, TableSpec>;

  constructor(
    readonly env: Pick<Environment, 'tables'>,
    readonly language: Language,
  ) {
    this.#tables = new Map(withNouns(env.tables).map((table) => [table.name, table]));
  }

  /** @throws RangeError for an unknown table */
  table(name: string): TableSpec {
    const table = this.#tables.get(name);
    if (!table) throw new RangeError(`there is no table ${name}`);
    return table;
  }

  /** @throws RangeError for an unknown column */
  column(table: string, name: string): Column {
    const column = this.table(table).columns.find((one) => one.name === name);
    if (!column) throw new RangeError(`there is no column ${table}.${name}`);
    return column;
  }

  /** The word for one row of the table. */
  thing(table: string): string {
    const word = this.table(table).label[this.language];
    return this.language === 'en' ? counted(word) : word;
  }

  /** The same with its article, in English. */
  aThing(table: string): string {
    return withArticle(this.thing(table));
  }

  /** The word for several rows. Chinese has no plural. */
  things(table: string): string {
    const word = this.thing(table);
    return this.language === 'en' ? plural(word) : word;
  }

  /** What Chinese counts rows of the table in. */
  measure(table: string): string {
    return MEASURES[this.table(table).meaning] ?? '个';
  }

  label(table: string, column: string): string {
    return this.column(table, column).label[this.language];
  }

  /** How values of a column are said. References have none: they are said by what they refer to. */
  values(table: string, column: string): Form<Json> {
    return valueForm(this.column(table, column), this.language);
  }

  /** Visible columns whose label no other column of the table has in this language. */
  plainColumns(table: string): Column[] {
    const { columns } = this.table(table);
    const label = (column: Column): string => column.label[this.language].toLowerCase();
    return columns.filter(
      (column) =>
        column.hidden !== true &&
        columns.filter((other) => label(other) === label(column)).length === 1,
    );
  }
}

/** By meaning of the table. */
const MEASURES: Readonly<Record<string, string>> = {
  person: '名',
  worker: '名',
  user: '名',
  contact: '名',
  guest: '名',
  fitter: '名',
  approver: '名',
  supplier: '家',
  company: '家',
  device: '台',
  equipment: '件',
  product: '件',
  variant: '种',
  document: '份',
  agreement: '份',
  subscription: '份',
  invoice: '张',
  order: '张',
  room: '间',
  line: '条',
  departure: '班',
};

const YES_NO: Readonly<Record<Language, Form<Json>>> = {
  en: oneOf<Json>([
    [true, ['yes', 'true']],
    [false, ['no', 'false']],
  ]),
  zh: oneOf<Json>([
    [true, ['是']],
    [false, ['否']],
  ]),
};

/** @throws RangeError for ids and references: texts name things by what they are */
export function valueForm(column: Column, language: Language): Form<Json> {
  switch (column.type) {
    case 'int':
      return numbers(numberForm(language));
    case 'money':
      return numbers(moneyForm(language));
    case 'date':
      return texts(dateForm(language));
    case 'datetime':
      return texts(datetimeForm(language));
    case 'text':
      return texts(nameForm(language));
    case 'bool':
      return YES_NO[language];
    case 'enum':
      return oneOf<Json>(
        (column.values ?? []).map((value) => [
          value,
          [column.valueLabels?.[value]?.[language] ?? value.replaceAll('_', ' ')],
        ]),
      );
    case 'id':
    case 'ref':
      throw new RangeError(`${column.name} holds an id, which texts do not show`);
  }
}

const numbers = (form: Form<number>): Form<Json> =>
  mapped<number, Json>(
    form,
    (value) => value,
    (value) => (typeof value === 'number' ? value : null),
  );
const texts = (form: Form<string>): Form<Json> =>
  mapped<string, Json>(
    form,
    (value) => value,
    (value) => (typeof value === 'string' ? value : null),
  );

const IRREGULAR: Readonly<Record<string, string>> = {
  person: 'people',
  child: 'children',
  staff: 'staff members',
  shelf: 'shelves',
};

/** English plural of a singular label; the last word changes. */
export function plural(label: string): string {
  if (label.startsWith('piece of ')) return `pieces${label.slice('piece'.length)}`;
  const at = label.lastIndexOf(' ') + 1;
  const word = label.slice(at);
  const irregular = IRREGULAR[word.toLowerCase()];
  if (irregular !== undefined) return label.slice(0, at) + irregular;
  if (/[^aeiou]y$/.test(label)) return `${label.slice(0, -1)}ies`;
  if (/(?:s|x|z|ch|sh)$/.test(label)) return `${label}es`;
  return `${label}s`;
}
