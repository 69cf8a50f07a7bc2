// Whose journal it is. A process holds a lock of the operating system on a file beside its segments
// (by way of SQLite, since Node has no flock): it ends with the process however that dies, is never
// confused by reused process ids, and works between containers that share the folder.

import { rm } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { createClient } from '@libsql/client';

export interface JournalLock {
  /** Also removes the lock file. */
  release(): Promise<void>;
}

/** undefined when a living process holds it. */
export async function acquireLock(path: string): Promise<JournalLock | undefined> {
  const client = createClient({ url: pathToFileURL(path).href, concurrency: 1, timeout: 0 });
  let transaction;
  try {
    transaction = await client.transaction('write');
  } catch (error) {
    client.close();
    if ((error as { code?: unknown }).code === 'SQLITE_BUSY') return undefined;
    throw error;
  }
  return {
    release: async () => {
      // While it is held: whoever opened it before cannot own a name that another makes anew.
      await rm(path, { force: true });
      await transaction.rollback();
      client.close();
    },
  };
}
