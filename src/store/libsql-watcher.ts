// Notices commits of others to a database file: `PRAGMA data_version` moves on commits of other
// connections, hence a connection for looking only. It stays on the main thread: asked on every
// request, it takes a few microseconds, and must not wait behind a batch that is being posted. For
// the same reason it reads the counters that say what changed.

import Database from 'libsql';
import { inodeOf } from './libsql-file.js';
import type { StateVersions } from './sql-engine.js';

export class LibsqlWatcher {
  #database: Database.Database | undefined;
  #inode: bigint | undefined;
  #dataVersion: unknown;
  // Prepared once: 39 -> 5 us.
  #readVersion: (() => unknown) | undefined;
  #readState: (() => StateVersions) | undefined;

  constructor(private readonly path: string) {}

  /** undefined while nothing was committed since the last call. @throws when the file is away. */
  changedState(): StateVersions | undefined {
    const inode = inodeOf(this.path);
    if (inode !== this.#inode) this.#open(inode);
    const version = this.#readVersion!();
    if (version === this.#dataVersion) return undefined;
    const state = this.#readState!();
    this.#dataVersion = version; // not before: a read that failed is tried again
    return state;
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
    // The statements keep the connection until they are collected.
    this.#readVersion = undefined;
    this.#readState = undefined;
    this.#inode = undefined;
    this.#dataVersion = undefined;
  }

  #open(inode: bigint): void {
    this.close();
    const database = new Database(this.path);
    this.#database = database;
    database.exec('PRAGMA query_only = ON');
    const version = database.prepare('PRAGMA data_version').raw(true);
    const state = database.prepare('SELECT admin_version, ledger_version FROM store_state');
    state.safeIntegers(true).raw(true);
    this.#readVersion = () => (version.get() as unknown[])[0];
    this.#readState = () => {
      // To its end: a statement that stops at a row keeps its snapshot.
      const [row] = state.all() as [bigint, bigint][];
      return { admin: row![0], ledger: row![1] };
    };
    this.#inode = inode;
  }
}
