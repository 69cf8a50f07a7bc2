// Where usage records wait, durably, until the ledger has them. Two implementations: file-journal.ts
// and, for a database in memory, memory-journal.ts.

import type { UsageRecord } from './types.js';

export interface Journal {
  /**
   * Resolves when the record is durable.
   * @throws JournalError when it cannot be taken: full, or the disk refuses.
   */
  append(usage: UsageRecord): Promise<void>;
  /** The oldest records, at most `limit`; undefined when none wait. Reads on only after `done`. */
  read(limit: number): Promise<JournalBatch | undefined>;
  /** Records that wait. */
  readonly depth: number;
  /**
   * Keeps a record that cannot be posted, ever, for a person to look at. Called before the `done` of
   * its batch; durable when it resolves.
   */
  setAside(usage: UsageRecord, reason: string): Promise<void>;
  /** How many were, by earlier processes too, and where they are. */
  readonly asideRecords: { count: number; where: string };
  /** Keeps what waits for the next start, where that is possible. */
  close(): Promise<void>;
}

export interface JournalBatch {
  records: readonly UsageRecord[];
  /** Whether this process appended them (and counts them as pending), or one that died. */
  isOwn: boolean;
  /** They are in the ledger: forgets them. */
  done(): Promise<void>;
}

export class JournalError extends Error {
  override name = 'JournalError';
}
