// kysely's driver over one libSQL connection, wherever that runs. One user at a time, and a
// transaction is one: with a single connection a statement of somebody else would be part of it.

import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { DatabaseError, type LibsqlConnection } from './libsql-database.js';
import { inodeOf } from './libsql-file.js';

/** How long to wait for another process's write before giving up, milliseconds. */
const BUSY_LIMIT_MS = 5_000;

export function libsqlDialect(driver: Driver): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => driver,
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

export class LibsqlDriver implements Driver {
  #turn: Promise<void> = Promise.resolve();
  #inode: bigint | undefined;
  readonly #connection: KyselyConnection;

  constructor(
    private readonly connection: LibsqlConnection,
    /** undefined = in memory. */
    private readonly path: string | undefined,
  ) {
    this.#connection = new KyselyConnection(connection);
  }

  /** The first time; makes a file that is missing, which later is none of our business. */
  async open(): Promise<void> {
    await retryBusy(() => this.connection.open(this.path ?? ':memory:'));
    if (this.path !== undefined) this.#inode = inodeOf(this.path);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#turn;
    let done!: () => void;
    this.#turn = new Promise((resolve) => (done = resolve));
    await before;
    this.#connection.release = done;
    try {
      await this.#ensureOpen();
    } catch (error) {
      done();
      throw error;
    }
    return this.#connection;
  }

  async releaseConnection(): Promise<void> {
    this.#connection.release();
  }

  async beginTransaction(): Promise<void> {
    await retryBusy(() => this.connection.begin());
    this.#connection.isInTransaction = true;
  }

  async commitTransaction(): Promise<void> {
    await this.connection.commit();
    this.#connection.isInTransaction = false;
  }

  async rollbackTransaction(): Promise<void> {
    this.#connection.isInTransaction = false;
    await this.connection.rollback();
  }

  async destroy(): Promise<void> {
    await this.connection.close();
  }

  /** Contract: called between transactions only, since opening anew would end one. */
  async #ensureOpen(): Promise<void> {
    if (this.path === undefined) return;
    const inode = inodeOf(this.path);
    if (this.connection.isOpen && inode === this.#inode) return;
    const { path } = this;
    await retryBusy(() => this.connection.open(path));
    this.#inode = inode;
  }
}

class KyselyConnection implements DatabaseConnection {
  isInTransaction = false;
  release: () => void = () => {};

  constructor(private readonly connection: LibsqlConnection) {}

  async executeQuery<R>({ sql: text, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { isInTransaction } = this;
    const statement = { text, parameters, isInTransaction };
    const { rows, numChanged } = await this.connection.execute(statement);
    return { rows: rows as R[], numAffectedRows: BigInt(numChanged) };
  }

  // eslint-disable-next-line require-yield
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('libSQL queries are not streamed');
  }
}

async function retryBusy(action: () => unknown): Promise<void> {
  const deadline = Date.now() + BUSY_LIMIT_MS;
  for (let pauseMs = 2; ; pauseMs = Math.min(pauseMs * 2, 50)) {
    try {
      await action();
      return;
    } catch (error) {
      const isBusy = error instanceof DatabaseError && error.code.startsWith('SQLITE_BUSY');
      if (!isBusy || Date.now() > deadline) throw error;
    }
    await sleep(pauseMs);
  }
}
