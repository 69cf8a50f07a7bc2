// Whose journal it is. A process holds a lock of the operating system on a file beside its segments
// (by way of SQLite, since Node has no flock): it ends with the process however that dies, is never
// confused by reused process ids, and works between containers that share the folder.

import { rm } from 'node:fs/promises';
import Database from 'libsql';

export interface JournalLock {
  /** Also removes the lock file. */
  release(): Promise<void>;
}

/** undefined when a living process holds it. */
export async function acquireLock(path: string): Promise<JournalLock | undefined> {
  const database = new Database(path);
  try {
    database.exec('BEGIN IMMEDIATE');
  } catch (error) {
    database.close();
    if (String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY')) return undefined;
    throw error;
  }
  return {
    release: async () => {
      // While it is held: whoever opened it before cannot own a name that another makes anew.
      await rm(path, { force: true });
      database.exec('ROLLBACK');
      database.close();
    },
  };
}
