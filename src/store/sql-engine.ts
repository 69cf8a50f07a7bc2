// What differs between the two databases, behind one type. libsql-engine.ts and postgres-engine.ts
// are its only implementations; everything else in this folder is the same SQL on both.

import type { RawBuilder } from 'kysely';
import type { Db, Trx } from './schema.js';

export interface SqlEngine {
  readonly name: 'libsql' | 'postgres';
  readonly db: Db;
  /** The statements that make a table refuse UPDATE and DELETE. */
  appendOnly(table: string): string[];
  /** A table function over a JSON array: rows have one column, `value`, read with `->>`. */
  jsonRows(rows: readonly unknown[]): RawBuilder<unknown>;
  /** Waits until no other transaction writes; released by the end of the transaction. */
  lockWriters(trx: Trx): Promise<void>;
  /** Tells other processes at commit that `store_state` moved. */
  announce(trx: Trx): Promise<void>;
  /**
   * How a change by another process is noticed. `probe`: asked on every use, true when anything was
   * committed since. `poll`: `store_state` is read at this interval and when `onAnnounce` calls.
   */
  readonly changes:
    | { kind: 'none' }
    | { kind: 'probe'; hasChanged: () => Promise<boolean> }
    | {
        kind: 'poll';
        intervalMs: number;
        onAnnounce: (listener: () => void) => Promise<void>;
      };
  /** Whether the error means that the database cannot be asked now, and may later. */
  isAway(error: unknown): boolean;
  close(): Promise<void>;
}
