// One libSQL connection, synchronous: each call keeps its thread busy until the disk has answered.
// WAL with synchronous=FULL: a commit is on disk. Runs in a thread of its own for files
// (libsql-worker.ts) and in the caller's for a database in memory, behind one interface. Does not
// know which statements it is given.

import Database from 'libsql';

export interface Statement {
  text: string;
  parameters: readonly unknown[];
  /** Checked before it runs: SQLite ends a transaction by itself when the disk fails. */
  isInTransaction: boolean;
}

export type Row = Record<string, bigint | number | string | null | Uint8Array>;

export interface Outcome {
  rows: Row[];
  /** Of a statement that returns no rows; else 0. */
  numChanged: number;
}

/** Every method throws, or rejects with, DatabaseError, RangeError or TypeError. */
export interface LibsqlConnection {
  /** False until `open`, and when the connection was lost, e.g. with its thread. */
  readonly isOpen: boolean;
  /** Opens `path`, made if it is missing, instead of what was open; transactions there end. */
  open(path: string): void | Promise<void>;
  execute(statement: Statement): Outcome | Promise<Outcome>;
  /** As the one writer: fails with SQLITE_BUSY while another connection is that. */
  begin(): void | Promise<void>;
  commit(): void | Promise<void>;
  /** Contract: nothing happens when no transaction is open any more. */
  rollback(): void | Promise<void>;
  close(): void | Promise<void>;
}

/** What the native library or its thread said. `code` decides whether it passes (libsql-engine.ts). */
export class DatabaseError extends Error {
  override name = 'DatabaseError';

  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

export class LibsqlDatabase implements LibsqlConnection {
  #database: Database.Database | undefined;

  get isOpen(): boolean {
    return this.#database !== undefined;
  }

  open(path: string): void {
    this.close();
    naming(() => {
      // No busy handler: it would hold up what waits behind; the driver tries again instead.
      const database = new Database(path);
      try {
        database.defaultSafeIntegers(true);
        database.exec('PRAGMA journal_mode = WAL');
        database.exec('PRAGMA synchronous = FULL');
        database.exec('PRAGMA foreign_keys = ON');
      } catch (error) {
        database.close();
        throw error;
      }
      this.#database = database;
    });
  }

  begin(): void {
    // Not prepared: a prepared one that found the file busy stays "in progress" until it is
    // collected, and fails the next commit.
    naming(() => this.#opened().exec('BEGIN IMMEDIATE'));
  }

  commit(): void {
    naming(() => this.#inTransaction().exec('COMMIT'));
  }

  execute({ text, parameters, isInTransaction }: Statement): Outcome {
    const database = isInTransaction ? this.#inTransaction() : this.#opened();
    for (const parameter of parameters) checkParameter(parameter);
    try {
      return this.#run(database, text, parameters);
    } catch (error) {
      // See `begin`: only another connection is free of it.
      if (!isInTransaction && (error as DatabaseError).code.startsWith('SQLITE_BUSY')) this.close();
      throw error;
    }
  }

  #run(database: Database.Database, text: string, parameters: readonly unknown[]): Outcome {
    return naming(() => {
      const statement = database.prepare(text);
      if (!statement.reader) {
        return { rows: [], numChanged: statement.run(parameters).changes };
      }
      statement.raw(true);
      const names = statement.columns().map(({ name }) => name);
      const rows = statement.all(parameters) as Row[string][][];
      return { rows: rows.map((values) => toRow(names, values)), numChanged: 0 };
    });
  }

  rollback(): void {
    const database = this.#opened();
    if (database.inTransaction) naming(() => database.exec('ROLLBACK'));
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  #inTransaction(): Database.Database {
    const database = this.#opened();
    if (database.inTransaction) return database;
    throw new DatabaseError('the transaction was ended by an error', 'TRANSACTION_CLOSED');
  }

  #opened(): Database.Database {
    if (this.#database !== undefined) return this.#database;
    throw new DatabaseError('the database was closed', 'CLIENT_CLOSED');
  }
}

function toRow(names: readonly string[], values: readonly Row[string][]): Row {
  return Object.fromEntries(names.map((name, index) => [name, values[index]!]));
}

/** Errors of the native library carry a code, e.g. SQLITE_CONSTRAINT_TRIGGER; some do not. */
function naming<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    const { message, code } = error as { message: string; code?: unknown };
    const isUnopened = message.startsWith('ConnectionFailed(');
    throw new DatabaseError(message, isUnopened ? 'SQLITE_CANTOPEN' : String(code ?? 'UNKNOWN'));
  }
}

const MAX_INTEGER = 2n ** 63n - 1n;
const MIN_INTEGER = -(2n ** 63n);

/** The native library ends the process at a boolean, and wraps around past 64 bits. */
function checkParameter(value: unknown): void {
  switch (typeof value) {
    case 'string':
      return;
    case 'bigint':
      if (value >= MIN_INTEGER && value <= MAX_INTEGER) return;
      throw new RangeError(`SQL parameter ${value} does not fit into 64 bits`);
    case 'number':
      if (Number.isFinite(value)) return;
      throw new RangeError(`SQL parameter ${value} is not finite`);
    default:
      if (value === null) return;
      throw new TypeError(
        `SQL parameters are text, numbers, bigints and null; got a ${typeof value}`,
      );
  }
}
