// Tables in memory: a frozen base that all sessions of an environment share, and a session's own
// changes over it (copy-on-write), so that ten thousand open sessions cost their changes only. Keys,
// types and references are checked on every write; it knows no tools, rules or tasks.

import { byCodeUnit, contentHash, sameJson } from './canonical.js';
import type { RowChange } from './task-types.js';
import type { Json, Row, Tables, TableSpec } from './world-types.js';

/** The write is impossible whatever the rules say: unknown table, wrong type, dangling reference. */
export class DataError extends Error {
  override name = 'DataError';
}

/** The rows of an environment, indexed and frozen. Shared by all its sessions. */
export class Base {
  readonly specs: ReadonlyMap<string, TableSpec>;
  readonly #tables: ReadonlyMap<string, ReadonlyMap<string, Row>>;
  /** Rows by value of a referencing column: `table.column` -> value -> keys, made when first asked. */
  readonly #indexes = new Map<string, ReadonlyMap<string, readonly string[]>>();

  /** @throws DataError for rows that do not fit the specs */
  constructor(specs: readonly TableSpec[], rows: Tables) {
    this.specs = new Map(specs.map((spec) => [spec.name, spec]));
    const tables = new Map<string, ReadonlyMap<string, Row>>();
    for (const spec of specs) {
      const sorted = [...(rows[spec.name] ?? [])].toSorted((a, b) =>
        byCodeUnit(String(a[spec.key]), String(b[spec.key])),
      );
      const table = new Map<string, Row>();
      for (const row of sorted) {
        const key = row[spec.key];
        if (typeof key !== 'string' || key === '' || table.has(key)) {
          throw new DataError(`${spec.name}: key is ${JSON.stringify(key)}; expected new text`);
        }
        checkTypes(spec, row);
        table.set(key, Object.freeze(row));
      }
      tables.set(spec.name, table);
    }
    this.#tables = tables;
    for (const spec of specs) {
      for (const row of tables.get(spec.name)!.values()) {
        checkReferences(spec, row, (table, key) => tables.get(table)?.has(key) ?? false);
      }
    }
  }

  table(name: string): ReadonlyMap<string, Row> {
    const table = this.#tables.get(name);
    if (!table) throw new DataError(`there is no table ${name}`);
    return table;
  }

  /** Keys of base rows whose column has this value. */
  keysBy(table: string, column: string, value: string): readonly string[] {
    const name = `${table}.${column}`;
    let index = this.#indexes.get(name);
    if (!index) {
      const made = new Map<string, string[]>();
      for (const [key, row] of this.table(table)) {
        const cell = row[column];
        if (typeof cell !== 'string') continue;
        const keys = made.get(cell);
        if (keys) keys.push(key);
        else made.set(cell, [key]);
      }
      index = made;
      this.#indexes.set(name, index);
    }
    return index.get(value) ?? [];
  }
}

/** One session's view. Rows handed out are frozen. */
export class Database {
  /** null = deleted. */
  readonly #changes = new Map<string, Map<string, Row | null>>();

  constructor(readonly base: Base) {}

  get specs(): ReadonlyMap<string, TableSpec> {
    return this.base.specs;
  }

  spec(table: string): TableSpec {
    const spec = this.base.specs.get(table);
    if (!spec) throw new DataError(`there is no table ${table}`);
    return spec;
  }

  get(table: string, key: string): Row | undefined {
    const changed = this.#changes.get(table)?.get(key);
    if (changed !== undefined) return changed ?? undefined;
    return this.base.table(table).get(key);
  }

  /** All rows by key, in order of keys. */
  rows(table: string): Row[] {
    const base = this.base.table(table);
    const changes = this.#changes.get(table);
    if (!changes || changes.size === 0) return [...base.values()];
    const keys = new Set([...base.keys(), ...changes.keys()]);
    const rows: Row[] = [];
    for (const key of [...keys].toSorted(byCodeUnit)) {
      const row = this.get(table, key);
      if (row) rows.push(row);
    }
    return rows;
  }

  /** Rows whose column has this value, in order of keys. */
  rowsBy(table: string, column: string, value: string): Row[] {
    const keys = new Set(this.base.keysBy(table, column, value));
    for (const key of this.#changes.get(table)?.keys() ?? []) keys.add(key);
    const rows: Row[] = [];
    for (const key of [...keys].toSorted(byCodeUnit)) {
      const row = this.get(table, key);
      if (row?.[column] === value) rows.push(row);
    }
    return rows;
  }

  /** @throws DataError for a key that exists, a wrong type or a dangling reference */
  insert(table: string, row: Row): void {
    const spec = this.spec(table);
    const key = row[spec.key];
    if (typeof key !== 'string' || key === '') throw new DataError(`${table}: no key`);
    if (this.get(table, key)) throw new DataError(`${table}: ${key} exists`);
    this.#put(spec, key, row);
  }

  /** @throws DataError for an unknown row, a wrong type, a changed key or a dangling reference */
  update(table: string, key: string, changes: Row): void {
    const spec = this.spec(table);
    const row = this.get(table, key);
    if (!row) throw new DataError(`${table}: there is no ${key}`);
    if (spec.key in changes && changes[spec.key] !== key)
      throw new DataError(`${table}: a key stays`);
    this.#put(spec, key, { ...row, ...changes });
  }

  /** @throws DataError for an unknown row or one that others refer to */
  delete(table: string, key: string): void {
    if (!this.get(table, key)) throw new DataError(`${table}: there is no ${key}`);
    for (const spec of this.specs.values()) {
      for (const column of spec.columns) {
        if (column.references !== table) continue;
        const [user] = this.rowsBy(spec.name, column.name, key);
        if (user) throw new DataError(`${table}: ${key} is referred to by ${spec.name}`);
      }
    }
    this.#changesOf(table).set(key, null);
  }

  /** What differs from the base, ordered by table and key. */
  diff(): RowChange[] {
    const changes: RowChange[] = [];
    for (const table of [...this.#changes.keys()].toSorted(byCodeUnit)) {
      const base = this.base.table(table);
      const changed = this.#changes.get(table)!;
      for (const key of [...changed.keys()].toSorted(byCodeUnit)) {
        const before = base.get(key) ?? null;
        const after = changed.get(key) ?? null;
        if (before === after || (before && after && sameJson(before, after))) continue;
        changes.push({ table, key, before, after });
      }
    }
    return changes;
  }

  /** Puts changes in as they are; the caller knows that they fit together. @throws DataError as writes do */
  apply(changes: readonly RowChange[]): void {
    for (const { table, key, after } of changes) {
      const spec = this.spec(table);
      if (after) checkTypes(spec, after);
      this.#changesOf(table).set(key, after === null ? null : Object.freeze({ ...after }));
    }
    for (const { table, after } of changes) {
      if (after) checkReferences(this.spec(table), after, (other, key) => !!this.get(other, key));
    }
  }

  /** Of what differs from the base: equal hashes = equal states over the same base. */
  stateHash(): string {
    return contentHash(
      this.diff().map(({ table, key, after }) => ({ table, key, after })) as unknown as Json,
    );
  }

  /** An independent copy of the present state. */
  fork(): Database {
    const copy = new Database(this.base);
    for (const [table, changes] of this.#changes) copy.#changes.set(table, new Map(changes));
    return copy;
  }

  #put(spec: TableSpec, key: string, row: Row): void {
    checkTypes(spec, row);
    checkReferences(spec, row, (table, other) => !!this.get(table, other));
    this.#changesOf(spec.name).set(key, Object.freeze({ ...row }));
  }

  #changesOf(table: string): Map<string, Row | null> {
    let changes = this.#changes.get(table);
    if (!changes) this.#changes.set(table, (changes = new Map<string, Row | null>()));
    return changes;
  }
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATETIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/;

function checkTypes(spec: TableSpec, row: Row): void {
  const known = new Set(spec.columns.map(({ name }) => name));
  for (const name of Object.keys(row)) {
    if (!known.has(name)) throw new DataError(`${spec.name} has no column ${name}`);
  }
  for (const column of spec.columns) {
    const value = row[column.name];
    if (value === null && column.nullable === true) continue;
    const text = typeof value === 'string' ? value : '';
    const fits = {
      id: text !== '',
      ref: text !== '',
      text: typeof value === 'string',
      int: Number.isSafeInteger(value),
      money: Number.isSafeInteger(value),
      enum: column.values?.includes(text) ?? false,
      bool: typeof value === 'boolean',
      date: DATE.test(text),
      datetime: DATETIME.test(text),
    }[column.type];
    if (!fits) {
      const seen = JSON.stringify(value) ?? 'missing';
      throw new DataError(`${spec.name}.${column.name} is ${seen}; expected ${column.type}`);
    }
  }
}

function checkReferences(
  spec: TableSpec,
  row: Row,
  exists: (table: string, key: string) => boolean,
): void {
  for (const { name, references } of spec.columns) {
    const value = row[name];
    if (references === undefined || typeof value !== 'string') continue;
    if (!exists(references, value)) {
      throw new DataError(
        `${spec.name}.${name} refers to ${references} ${value}, which is not there`,
      );
    }
  }
}
