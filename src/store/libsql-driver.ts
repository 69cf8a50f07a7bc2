// kysely's driver over one libSQL connection, wherever that runs. One user at a time, and a
// transaction is one: with a single connection a statement of somebody else would be part of it.
// A file is used from the caller's thread at first, and from one of its own soon after: neither the
// start of a server nor a command that asks one question waits for a thread.

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
import { DatabaseError, type LibsqlConnection, LibsqlDatabase } from './libsql-database.js';
import { inodeOf } from './libsql-file.js';
import { LibsqlThread } from './libsql-thread.js';

/** How long to wait for another process's write before giving up, milliseconds. */
const BUSY_LIMIT_MS = 5_000;
/** After opening: a command is over by then, and a server has hardly begun. */
const THREAD_DELAY_MS = 100;

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
  /** Takes over between two users, when it has started. */
  #successor: LibsqlThread | undefined;
  #isSuccessorReady = false;
  #timer: NodeJS.Timeout | undefined;
  readonly #user = new KyselyConnection(new LibsqlDatabase());

  /** `path` undefined: in memory. */
  constructor(private readonly path: string | undefined) {}

  /** The first time; makes a file that is missing, which later is none of our business. */
  async open(): Promise<void> {
    const { path } = this;
    await retryBusy(() => this.#user.connection.open(path ?? ':memory:'));
    if (path === undefined) return;
    this.#inode = inodeOf(path);
    this.#timer = setTimeout(() => void this.#startThread(), THREAD_DELAY_MS).unref();
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#turn;
    let done!: () => void;
    this.#turn = new Promise((resolve) => (done = resolve));
    await before;
    this.#user.release = done;
    try {
      await this.#handOver();
      await this.#ensureOpen();
    } catch (error) {
      done();
      throw error;
    }
    return this.#user;
  }

  async releaseConnection(): Promise<void> {
    this.#user.release();
  }

  async beginTransaction(): Promise<void> {
    await retryBusy(() => this.#user.connection.begin());
    this.#user.isInTransaction = true;
  }

  async commitTransaction(): Promise<void> {
    await this.#user.connection.commit();
    this.#user.isInTransaction = false;
  }

  async rollbackTransaction(): Promise<void> {
    this.#user.isInTransaction = false;
    await this.#user.connection.rollback();
  }

  async destroy(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#user.connection.close();
    await this.#successor?.close();
  }

  /** Opens nothing yet: the file may be away at this moment, and would be made anew. */
  async #startThread(): Promise<void> {
    const thread = new LibsqlThread();
    this.#successor = thread;
    await thread.start().catch(() => {}); // one that died is started again by #ensureOpen
    this.#isSuccessorReady = true;
  }

  async #handOver(): Promise<void> {
    if (!this.#isSuccessorReady || this.#successor === undefined) return;
    await this.#user.connection.close();
    this.#user.connection = this.#successor;
    this.#successor = undefined;
  }

  /** Contract: called between transactions only, since opening anew would end one. */
  async #ensureOpen(): Promise<void> {
    const { path } = this;
    const { connection } = this.#user;
    if (path === undefined) return;
    const inode = inodeOf(path);
    if (connection.isOpen && inode === this.#inode) return;
    await retryBusy(() => connection.open(path));
    this.#inode = inode;
  }
}

class KyselyConnection implements DatabaseConnection {
  isInTransaction = false;
  release: () => void = () => {};

  constructor(public connection: LibsqlConnection) {}

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
