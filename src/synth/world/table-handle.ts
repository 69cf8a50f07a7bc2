// A table while a module is being built: columns and values by meaning instead of by name.

import type { Bilingual, Row, TableSpec, Value } from '../world-types.js';

export class TableHandle {
  readonly #keys: string[] = [];

  constructor(
    readonly spec: TableSpec,
    readonly rows: readonly Row[],
  ) {}

  get name(): string {
    return this.spec.name;
  }

  has(meaning: string): boolean {
    return this.spec.columns.some((column) => column.meaning === meaning);
  }

  /** Name of the column of this meaning. @throws RangeError if there is none */
  col(meaning: string): string {
    const column = this.spec.columns.find((one) => one.meaning === meaning);
    if (!column) throw new RangeError(`${this.spec.meaning} has no column of meaning ${meaning}`);
    return column.name;
  }

  /** How the column of this meaning reads. @throws RangeError if there is none */
  label(meaning: string): Bilingual {
    const name = this.col(meaning);
    return this.spec.columns.find((one) => one.name === name)!.label;
  }

  /** Names of those columns of these meanings that the table has. */
  cols(...meanings: readonly string[]): string[] {
    return meanings.filter((meaning) => this.has(meaning)).map((meaning) => this.col(meaning));
  }

  /** What tools may show, the key first. */
  get shown(): string[] {
    return this.spec.columns.filter(({ hidden }) => hidden !== true).map(({ name }) => name);
  }

  key(row: Row): string {
    return String(row[this.spec.key]);
  }

  value(row: Row, meaning: string): Value {
    return row[this.col(meaning)] ?? null;
  }

  /** Keys of the rows so far; rows are only ever added. */
  keys(): readonly string[] {
    while (this.#keys.length < this.rows.length) {
      this.#keys.push(this.key(this.rows[this.#keys.length]!));
    }
    return this.#keys;
  }
}
