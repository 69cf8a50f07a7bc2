// libSQL (SQLite) as SqlEngine: a file in a thread of its own, so that its synchronous calls do not
// hold up requests; a database in memory, which never waits for a disk, where the caller is.

import { Kysely, sql } from 'kysely';
import { libsqlDialect, LibsqlDriver } from './libsql-driver.js';
import { databasePath } from './libsql-file.js';
import { LibsqlWatcher } from './libsql-watcher.js';
import type { Tables } from './schema.js';
import type { SqlEngine } from './sql-engine.js';

/**
 * What passes, perhaps after a person's help, and is not the statement's fault: another process
 * writes, the disk is full, the file is away, not readable or damaged, the thread died.
 */
const AWAY =
  /^(SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|PERM|CORRUPT|NOTADB|NOMEM|PROTOCOL)(_|$)|CLIENT_CLOSED|TRANSACTION_CLOSED|FILE_AWAY|THREAD_GONE)/;

export async function openLibsql(url: string): Promise<SqlEngine> {
  const path = databasePath(url);
  const driver = new LibsqlDriver(path);
  try {
    await driver.open();
  } catch (error) {
    await driver.destroy();
    throw error;
  }
  const watcher = path === undefined ? undefined : new LibsqlWatcher(path);
  const db = new Kysely<Tables>({ dialect: libsqlDialect(driver) });
  return {
    name: 'libsql',
    db,
    isBlocking: path === undefined,
    appendOnly: (table) =>
      ['UPDATE', 'DELETE'].map(
        (verb) =>
          `CREATE TRIGGER ${table}_no_${verb.toLowerCase()} BEFORE ${verb} ON ${table} ` +
          `BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END`,
      ),
    jsonRows: (rows) => sql`json_each(${JSON.stringify(rows)})`,
    lockWriters: async () => {}, // every transaction begins IMMEDIATE
    announce: async () => {}, // data_version does it
    changes:
      watcher === undefined
        ? { kind: 'none' }
        : { kind: 'probe', changedState: () => watcher.changedState() },
    isAway: (error) => AWAY.test(String((error as { code?: unknown } | null)?.code)),
    close: async () => {
      watcher?.close();
      // Not kysely's destroy, which closes nothing before a first query.
      await driver.destroy();
    },
  };
}
