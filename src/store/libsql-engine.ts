// libSQL (SQLite) as kysely dialect and SqlEngine, with one connection: calls of the native client
// are synchronous, so a second would gain nothing. WAL with synchronous=FULL: a commit is on disk.
// A file that is moved away counts as away: writing on into the moved file would lose money.

import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient, LibsqlError, type Transaction } from '@libsql/client';
import Database from 'libsql';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  sql,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Tables } from './schema.js';
import type { SqlEngine } from './sql-engine.js';

/**
 * What passes: another process writes, the disk is full, the file is away or not readable. Codes of
 * the native layer are longer (SQLITE_IOERR_READ); a file it cannot open comes without one.
 */
const AWAY =
  /^(SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|PERM)(_|$)|CLIENT_CLOSED|FILE_AWAY)/;

function isAway(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return AWAY.test(String(code)) || String(message).startsWith('ConnectionFailed(');
}

/** How long to wait for another process's write before giving up, milliseconds. */
const BUSY_LIMIT_MS = 5_000;

export async function openLibsql(url: string): Promise<SqlEngine> {
  const file = await LibsqlFile.open(url);
  const db = new Kysely<Tables>({ dialect: libsqlDialect(file) });
  return {
    name: 'libsql',
    db,
    appendOnly: (table) =>
      ['UPDATE', 'DELETE'].map(
        (verb) =>
          `CREATE TRIGGER ${table}_no_${verb.toLowerCase()} BEFORE ${verb} ON ${table} ` +
          `BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END`,
      ),
    jsonRows: (rows) => sql`json_each(${JSON.stringify(rows)})`,
    lockWriters: async () => {}, // every transaction begins IMMEDIATE
    announce: async () => {}, // data_version does it
    changes: file.isMemory
      ? { kind: 'none' }
      : { kind: 'probe', hasChanged: () => file.hasChanged() },
    isAway,
    close: () => db.destroy(),
  };
}

/**
 * `PRAGMA data_version` moves on commits of other connections: hence a connection for looking. It is
 * asked on every request, so its statement is prepared once, which the client cannot (39 -> 5 us).
 */
class LibsqlFile {
  #watcher: Database.Database | undefined;
  #look: (() => unknown) | undefined;
  #inode: bigint | undefined;
  #dataVersion: unknown;

  private constructor(
    readonly path: string | undefined,
    readonly main: Client,
  ) {}

  static async open(url: string): Promise<LibsqlFile> {
    const isMemory = url === ':memory:';
    // The busy handler would block the event loop; retryBusy waits instead.
    const config = { url, concurrency: 1, intMode: 'bigint', timeout: 0 } as const;
    const path = isMemory ? undefined : pathOf(url);
    if (path !== undefined && !existsSync(dirname(resolve(path)))) {
      throw new Error(`the folder of the database file ${path} does not exist: make it first`);
    }
    const main = createClient(config);
    const file = new LibsqlFile(path, main);
    await file.#configure();
    return file;
  }

  get isMemory(): boolean {
    return this.path === undefined;
  }

  /** @throws LibsqlError FILE_AWAY. A file put in its place is opened anew. */
  async ensurePresent(): Promise<void> {
    if (this.path === undefined) return;
    const inode = statSync(this.path, { bigint: true, throwIfNoEntry: false })?.ino;
    if (inode === undefined) {
      throw new LibsqlError(`the database file ${this.path} is gone`, 'FILE_AWAY');
    }
    if (inode !== this.#inode) {
      await this.main.reconnect();
      await this.#configure();
    }
  }

  async hasChanged(): Promise<boolean> {
    await this.ensurePresent();
    const version = this.#look!();
    if (version === this.#dataVersion) return false;
    this.#dataVersion = version;
    return true;
  }

  close(): void {
    this.main.close();
    this.#watcher?.close();
    this.#look = undefined; // the statement keeps the connection until it is collected
  }

  async #configure(): Promise<void> {
    await retryBusy(async () => {
      await this.main.execute('PRAGMA journal_mode = WAL');
      await this.main.execute('PRAGMA synchronous = FULL');
      await this.main.execute('PRAGMA foreign_keys = ON');
    });
    this.#dataVersion = undefined;
    if (this.path === undefined) return;
    this.#inode = statSync(this.path, { bigint: true }).ino;
    this.#watcher?.close();
    this.#watcher = new Database(this.path);
    const statement = this.#watcher.prepare('PRAGMA data_version').raw(true);
    this.#look = () => (statement.get() as unknown[])[0];
  }
}

/** The path in `file:relative`, `file:/absolute` or `file:///absolute`. */
function pathOf(url: string): string {
  const path = url.replace(/^file:/, '').replace(/^\/\/(localhost)?(?=\/)/, '');
  return decodeURIComponent(path.replace(/[?#].*$/, ''));
}

async function retryBusy<T>(action: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + BUSY_LIMIT_MS;
  for (let pauseMs = 2; ; pauseMs = Math.min(pauseMs * 2, 50)) {
    try {
      return await action();
    } catch (error) {
      const isBusy = error instanceof LibsqlError && error.code === 'SQLITE_BUSY';
      if (!isBusy || Date.now() > deadline) throw error;
    }
    await sleep(pauseMs);
  }
}

function libsqlDialect(file: LibsqlFile): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new LibsqlDriver(file),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

class LibsqlDriver implements Driver {
  #turn: Promise<void> = Promise.resolve();
  readonly #connection: LibsqlConnection;

  constructor(private readonly file: LibsqlFile) {
    this.#connection = new LibsqlConnection(file);
  }

  async init(): Promise<void> {}

  /** One user at a time: the client rejects, rather than queues, beside an open transaction. */
  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#turn;
    let done!: () => void;
    this.#turn = new Promise((resolve) => (done = resolve));
    await before;
    this.#connection.release = done;
    try {
      await this.file.ensurePresent();
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
    this.#connection.transaction = await retryBusy(() => this.file.main.transaction('write'));
  }

  async commitTransaction(): Promise<void> {
    await this.#take().commit();
  }

  async rollbackTransaction(): Promise<void> {
    await this.#take().rollback();
  }

  async destroy(): Promise<void> {
    this.file.close();
  }

  #take(): Transaction {
    const { transaction } = this.#connection;
    this.#connection.transaction = undefined;
    if (transaction === undefined) throw new Error('no transaction is open');
    return transaction;
  }
}

class LibsqlConnection implements DatabaseConnection {
  transaction: Transaction | undefined;
  release: () => void = () => {};

  constructor(private readonly file: LibsqlFile) {}

  async executeQuery<R>({ sql: text, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const args = parameters as (string | number | bigint | null)[];
    const result = await (this.transaction ?? this.file.main).execute({ sql: text, args });
    return {
      rows: result.rows as unknown as R[],
      numAffectedRows: BigInt(result.rowsAffected),
    };
  }

  // eslint-disable-next-line require-yield
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('libSQL queries are not streamed');
  }
}
