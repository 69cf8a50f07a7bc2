// What differs between the two databases, behind one type. libsql-engine.ts and postgres-engine.ts
// are its only implementations; everything else in this folder is the same SQL on both.

import type { RawBuilder } from 'kysely';
import type { Db, Trx } from './schema.js';

/** The row of `store_state`: counters that every change of keys or money moves. */
export interface StateVersions {
  admin: bigint;
  ledger: bigint;
}

export interface SqlEngine {
  readonly name: 'libsql' | 'postgres';
  readonly db: Db;
  /** Whether its calls keep the event loop busy. */
  readonly isBlocking: boolean;
  /** The statements that make a table refuse UPDATE and DELETE. */
  appendOnly(table: string): string[];
  /** A table function over a JSON array: rows have one column, `value`, read with `->>`. */
  jsonRows(rows: readonly unknown[]): RawBuilder<unknown>;
  /** Waits until no other transaction writes; released by the end of the transaction. */
  lockWriters(trx: Trx): Promise<void>;
  /** Tells other processes at commit that `store_state` moved. */
  announce(trx: Trx): Promise<void>;
  /**
   * How a change by another process is noticed. `probe`: asked on every use, at once and cheaply;
   * the state when anything was committed since, throws when the database is away. `poll`:
   * `store_state` is read at this interval and when `onAnnounce` calls.
   */
  readonly changes:
    | { kind: 'none' }
    | { kind: 'probe'; changedState: () => StateVersions | undefined }
    | {
        kind: 'poll';
        intervalMs: number;
        onAnnounce: (listener: () => void) => Promise<void>;
      };
  /** Whether the error means that the database cannot be asked now, and may later. */
  isAway(error: unknown): boolean;
  close(): Promise<void>;
}
