// PostgreSQL as kysely dialect and SqlEngine, over a few clients of one connection each. A client
// reconnects by itself, so a transaction remembers the connection it began on and fails when that
// one is gone: its next statement would otherwise run, and commit, alone.

import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  sql,
} from 'kysely';
import postgres from 'postgres';
import type { Tables } from './schema.js';
import type { SqlEngine } from './sql-engine.js';

const CONNECTIONS = 4;
const QUERY_LIMIT_MS = 15_000;
const POLL_MS = 400;
const CHANNEL = 'hadal_changes';
/** Advisory lock of all that write the ledger or the keys; any constant will do ("hadal"). */
const WRITERS_LOCK = 448_395_731_308n;

/** Besides connection errors (class 08): shutting down, starting, out of connections or disk. */
const AWAY =
  /^(08...|53...|57P0\d|57014|40001|40P01|25006|E[A-Z]+|CONNECT.*|CONNECTION_.*|QUERY_TIMEOUT)$/;

export async function openPostgres(url: string): Promise<SqlEngine> {
  const pool = new PostgresPool(url);
  const db = new Kysely<Tables>({ dialect: postgresDialect(pool) });
  return {
    name: 'postgres',
    db,
    isBlocking: false,
    appendOnly: (table) => [
      `CREATE FUNCTION ${table}_append_only() RETURNS trigger LANGUAGE plpgsql AS ` +
        `$$ BEGIN RAISE EXCEPTION '${table} is append-only'; END $$`,
      `CREATE TRIGGER ${table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table} ` +
        `FOR EACH STATEMENT EXECUTE FUNCTION ${table}_append_only()`,
    ],
    // By way of text: the driver would quote a string that goes straight into jsonb.
    jsonRows: (rows) => sql`jsonb_array_elements(${JSON.stringify(rows)}::text::jsonb)`,
    lockWriters: async (trx) => {
      await sql`select pg_advisory_xact_lock(${WRITERS_LOCK})`.execute(trx);
    },
    announce: async (trx) => {
      await sql`select pg_notify(${CHANNEL}, '')`.execute(trx);
    },
    changes: {
      kind: 'poll',
      intervalMs: POLL_MS,
      onAnnounce: (listener) => pool.listen(listener),
    },
    isAway: (error) => AWAY.test(String((error as { code?: unknown } | null)?.code)),
    close: () => db.destroy(),
  };
}

class PostgresPool {
  readonly #idle: PostgresConnection[];
  readonly #waiting: ((connection: PostgresConnection) => void)[] = [];
  #listener: postgres.Sql | undefined;

  constructor(private readonly url: string) {
    this.#idle = Array.from({ length: CONNECTIONS }, () => new PostgresConnection(url));
  }

  async acquire(): Promise<PostgresConnection> {
    const idle = this.#idle.pop();
    return idle ?? new Promise((resolve) => this.#waiting.push(resolve));
  }

  release(connection: PostgresConnection): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(connection);
    else next(connection);
  }

  /** The client listens again after a reconnect. Polling covers what is missed in between. */
  async listen(listener: () => void): Promise<void> {
    this.#listener = createClient(this.url, () => {});
    await this.#listener.listen(CHANNEL, listener, listener);
  }

  async close(): Promise<void> {
    await Promise.all([
      ...this.#idle.map((connection) => connection.close()),
      this.#listener?.end({ timeout: 1 }),
    ]);
  }
}

function createClient(url: string, onclose: () => void) {
  return postgres(url, {
    max: 1,
    onclose,
    onnotice: () => {},
    connect_timeout: 5,
    idle_timeout: 0,
    backoff: (retries) => Math.min(0.05 * 2 ** retries, 1), // seconds
    fetch_types: false,
    types: { bigint: postgres.BigInt },
    connection: { application_name: 'hadal', statement_timeout: QUERY_LIMIT_MS },
  });
}

class PostgresConnection implements DatabaseConnection {
  #client: postgres.Sql<{ bigint: bigint }>;
  /** Counts the connections that this client had. */
  #generation = 0;
  #transactionOn: number | undefined;

  constructor(private readonly url: string) {
    this.#client = this.#connect();
  }

  async begin(): Promise<void> {
    await this.#run('begin', []);
    this.#transactionOn = this.#generation;
  }

  async end(command: 'commit' | 'rollback'): Promise<void> {
    try {
      // A lost connection has rolled back already.
      if (command === 'commit' || !this.#isLost) await this.#run(command, []);
    } finally {
      this.#transactionOn = undefined;
    }
  }

  async executeQuery<R>({ sql: text, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const rows = await this.#run(text, parameters);
    return { rows: [...rows] as R[], numAffectedRows: BigInt(rows.count ?? 0) };
  }

  // eslint-disable-next-line require-yield
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('PostgreSQL queries are not streamed');
  }

  async close(): Promise<void> {
    await this.#client.end({ timeout: 1 });
  }

  get #isLost(): boolean {
    return this.#transactionOn !== undefined && this.#transactionOn !== this.#generation;
  }

  #connect() {
    return createClient(this.url, () => {
      this.#generation += 1;
    });
  }

  async #run(text: string, parameters: readonly unknown[]) {
    if (this.#isLost) {
      throw connectionError('CONNECTION_LOST', 'the connection was lost within a transaction');
    }
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#replaceClient();
        reject(connectionError('QUERY_TIMEOUT', `no answer within ${QUERY_LIMIT_MS} ms`));
      }, QUERY_LIMIT_MS);
    });
    const query = this.#client.unsafe(text, parameters as postgres.ParameterOrJSON<bigint>[], {
      prepare: true,
    });
    try {
      return await Promise.race([query, limit]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** For a server that neither answers nor closes. */
  #replaceClient(): void {
    const old = this.#client;
    this.#generation += 1;
    this.#client = this.#connect();
    old.end({ timeout: 0 }).catch(() => {}); // it is unusable already
  }
}

function connectionError(code: string, message: string): Error {
  return Object.assign(new Error(`PostgreSQL: ${message}`), { code });
}

function postgresDialect(pool: PostgresPool): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new PostgresDriver(pool),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

class PostgresDriver implements Driver {
  constructor(private readonly pool: PostgresPool) {}

  async init(): Promise<void> {}

  acquireConnection(): Promise<DatabaseConnection> {
    return this.pool.acquire();
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    this.pool.release(connection as PostgresConnection);
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as PostgresConnection).begin();
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as PostgresConnection).end('commit');
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await (connection as PostgresConnection).end('rollback');
  }

  async destroy(): Promise<void> {
    await this.pool.close();
  }
}
