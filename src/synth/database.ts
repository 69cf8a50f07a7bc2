// Tables in memory: a frozen base that all sessions of an environment share, and a session's own
// changes over it (copy-on-write), so that ten thousand open sessions cost their changes only. Keys,
// types and references are checked on every write; it knows no tools, rules or tasks.

import { byCodeUnit, contentHash, sameJson } from './canonical.js';
import { byColumn, merged, type Order } from './row-order.js';
import type { RowChange } from './task-types.js';
import type { Column, Json, Row, Tables, TableSpec, Value } from './world-types.js';

/** The write is impossible whatever the rules say: unknown table, wrong type, dangling reference. */
export class DataError extends Error {
  override name = 'DataError';
}

/** The rows of an environment, indexed and frozen. Shared by all its sessions. */
export class Base {
  readonly specs: ReadonlyMap<string, TableSpec>;
  readonly #tables: ReadonlyMap<string, ReadonlyMap<string, Row>>;
  /** Rows by value of a column: `table.column` -> value -> rows, made when first asked. */
  readonly #indexes = new Map<string, ReadonlyMap<string, readonly Row[]>>();
  /** Rows of a table in an order: by key (`table`) or by a column (`table.column`). */
  readonly #lists = new Map<string, readonly Row[]>();

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

  /** Rows whose column has this value, in order of keys. */
  rowsBy(table: string, column: string, value: string): readonly Row[] {
    const name = `${table}.${column}`;
    let index = this.#indexes.get(name);
    if (!index) {
      const made = new Map<string, Row[]>();
      for (const row of this.table(table).values()) {
        const cell = row[column];
        if (typeof cell !== 'string') continue;
        const rows = made.get(cell);
        if (rows) rows.push(row);
        else made.set(cell, [row]);
      }
      index = made;
      this.#indexes.set(name, index);
    }
    return index.get(value) ?? [];
  }

  /** All rows by a column, nulls first, equal ones by key; without a column by key. */
  list(table: string, column?: string): readonly Row[] {
    const name = column === undefined ? table : `${table}.${column}`;
    let list = this.#lists.get(name);
    if (!list) {
      list = [...this.table(table).values()];
      if (column !== undefined) list = list.toSorted(byColumn(column));
      this.#lists.set(name, list);
    }
    return list;
  }
}

/** What a session has changed of one table. Databases share it until one of them writes to it. */
interface Overlay {
  /** null = deleted. */
  readonly rows: Map<string, Row | null>;
  isShared: boolean;
  /** As asked for since the last change, by column; `` = by key. */
  readonly lists: Map<string, readonly Row[]>;
}

/** Stands for one state of a database; what was worked out about the state can be kept on it. */
export interface StateVersion {
  remembered: unknown;
}

/** One session's view. Rows handed out are frozen. */
export class Database {
  readonly #overlays = new Map<string, Overlay>();
  #version: StateVersion = { remembered: undefined };
  #diff: readonly RowChange[] | undefined;
  #hash: string | undefined;

  constructor(readonly base: Base) {}

  /** Another object after every write: equal versions are equal states. */
  get version(): StateVersion {
    return this.#version;
  }

  get specs(): ReadonlyMap<string, TableSpec> {
    return this.base.specs;
  }

  spec(table: string): TableSpec {
    const spec = this.base.specs.get(table);
    if (!spec) throw new DataError(`there is no table ${table}`);
    return spec;
  }

  get(table: string, key: string): Row | undefined {
    const changed = this.#overlays.get(table)?.rows.get(key);
    if (changed !== undefined) return changed ?? undefined;
    return this.base.table(table).get(key);
  }

  /** All rows, in order of keys. */
  rows(table: string): Row[] {
    return [...this.list(table)];
  }

  /** All rows by a column, nulls first, equal ones by key; without a column by key. Not to be altered. */
  list(table: string, column?: string): readonly Row[] {
    const base = this.base.list(table, column);
    const overlay = this.#overlays.get(table);
    if (!overlay || overlay.rows.size === 0) return base;
    const known = overlay.lists.get(column ?? '');
    if (known) return known;
    const { key } = this.spec(table);
    const list = this.#over(base, overlay, key, () => true, byColumn(column ?? key, key));
    overlay.lists.set(column ?? '', list);
    return list;
  }

  /** Rows whose column has this value, in order of keys. */
  rowsBy(table: string, column: string, value: string): Row[] {
    const base = this.base.rowsBy(table, column, value);
    const overlay = this.#overlays.get(table);
    if (!overlay || overlay.rows.size === 0) return [...base];
    const { key } = this.spec(table);
    return this.#over(base, overlay, key, (row) => row[column] === value, byColumn(key));
  }

  /** Rows of the base with the changes worked in. */
  #over(
    base: readonly Row[],
    { rows }: Overlay,
    key: string,
    isWanted: (row: Row) => boolean,
    order: Order,
  ): Row[] {
    const kept = base.filter((row) => !rows.has(row[key] as string));
    const changed = [...rows.values()].filter((row) => row !== null && isWanted(row)) as Row[];
    return merged(kept, changed.toSorted(order), order);
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
    this.#set(table, key, null);
  }

  /** What differs from the base, ordered by table and key. */
  diff(): readonly RowChange[] {
    return (this.#diff ??= this.#differences());
  }

  #differences(): RowChange[] {
    const changes: RowChange[] = [];
    for (const table of [...this.#overlays.keys()].toSorted(byCodeUnit)) {
      const base = this.base.table(table);
      const { rows } = this.#overlays.get(table)!;
      for (const key of [...rows.keys()].toSorted(byCodeUnit)) {
        const before = base.get(key) ?? null;
        const after = rows.get(key) ?? null;
        if (before === after || (before && after && sameJson(before, after))) continue;
        changes.push({ table, key, before, after });
      }
    }
    return changes;
  }

  /** What differs from another state over the same base; `before` is the other's. */
  changesSince(other: Database): RowChange[] {
    const changes: RowChange[] = [];
    for (const table of new Set([...other.#overlays.keys(), ...this.#overlays.keys()])) {
      const [was, is] = [other.#overlays.get(table), this.#overlays.get(table)];
      if (was === is) continue;
      for (const key of new Set([...(was?.rows.keys() ?? []), ...(is?.rows.keys() ?? [])])) {
        const before = other.get(table, key) ?? null;
        const after = this.get(table, key) ?? null;
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
      this.#set(table, key, after === null ? null : Object.freeze({ ...after }));
    }
    for (const { table, after } of changes) {
      if (after) checkReferences(this.spec(table), after, (other, key) => !!this.get(other, key));
    }
  }

  /** Of what differs from the base: equal hashes = equal states over the same base. */
  stateHash(): string {
    return (this.#hash ??= contentHash(
      this.diff().map(({ table, key, after }) => ({ table, key, after })) as unknown as Json,
    ));
  }

  /** An independent copy of the present state. */
  fork(): Database {
    const copy = new Database(this.base);
    for (const [table, overlay] of this.#overlays) {
      overlay.isShared = true;
      copy.#overlays.set(table, overlay);
    }
    copy.#version = this.#version;
    copy.#diff = this.#diff;
    copy.#hash = this.#hash;
    return copy;
  }

  #put(spec: TableSpec, key: string, row: Row): void {
    checkTypes(spec, row);
    checkReferences(spec, row, (table, other) => !!this.get(table, other));
    this.#set(spec.name, key, Object.freeze({ ...row }));
  }

  #set(table: string, key: string, row: Row | null): void {
    let overlay = this.#overlays.get(table);
    if (!overlay || overlay.isShared) {
      overlay = { rows: new Map(overlay?.rows), isShared: false, lists: new Map() };
      this.#overlays.set(table, overlay);
    }
    overlay.rows.set(key, row);
    overlay.lists.clear();
    this.#version = { remembered: undefined };
    this.#diff = undefined;
    this.#hash = undefined;
  }
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATETIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/;

const columnNames = new WeakMap<TableSpec, ReadonlySet<string>>();

function namesOf(spec: TableSpec): ReadonlySet<string> {
  let names = columnNames.get(spec);
  if (!names) columnNames.set(spec, (names = new Set(spec.columns.map(({ name }) => name))));
  return names;
}

function checkTypes(spec: TableSpec, row: Row): void {
  const known = namesOf(spec);
  for (const name of Object.keys(row)) {
    if (!known.has(name)) throw new DataError(`${spec.name} has no column ${name}`);
  }
  for (const column of spec.columns) {
    const value = row[column.name];
    if (fits(column, value)) continue;
    const seen = JSON.stringify(value) ?? 'missing';
    throw new DataError(`${spec.name}.${column.name} is ${seen}; expected ${column.type}`);
  }
}

function fits({ type, nullable, values }: Column, value: Value | undefined): boolean {
  if (value === null && nullable === true) return true;
  switch (type) {
    case 'id':
    case 'ref':
      return typeof value === 'string' && value !== '';
    case 'text':
      return typeof value === 'string';
    case 'int':
    case 'money':
      return Number.isSafeInteger(value);
    case 'enum':
      return typeof value === 'string' && (values?.includes(value) ?? false);
    case 'bool':
      return typeof value === 'boolean';
    case 'date':
      return typeof value === 'string' && DATE.test(value);
    case 'datetime':
      return typeof value === 'string' && DATETIME.test(value);
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
