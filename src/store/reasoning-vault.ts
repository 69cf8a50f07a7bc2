// Keeps reasoning that a client may fail to send back (api reference §5.4), for a bounded time and
// per account in bounded amount. Writes gather in memory and go to the database together: losing the
// last of them in a crash costs a client one healing, never money. Does not know conversations.

import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { RecentTexts } from './recent-texts.js';
import type { Trx } from './schema.js';
import type { SqlEngine } from './sql-engine.js';
import type { StoreLog } from './store-log.js';
import type { ReasoningKey } from './types.js';
import { VaultCrypto } from './vault-crypto.js';

export interface VaultLimits {
  ttlMs: number;
  /** Per account; the oldest go first. */
  maxEntries: number;
  /** Per account, of stored (sealed) text. */
  maxBytes: number;
}

export const VAULT_LIMITS: VaultLimits = {
  ttlMs: 24 * 3_600_000,
  maxEntries: 10_000,
  maxBytes: 64 * 1024 * 1024,
};

const FLUSH_MS = 100;
const FLUSH_BATCH = 100;
const SWEEP_MS = 60_000;
/** Characters in memory, of all tenants: recent reasonings, and those not written yet. */
const RECENT_CHARACTERS = 16 * 1024 * 1024;
const MAX_QUEUED_CHARACTERS = 8 * 1024 * 1024;
const MAX_CALL_IDS = 128;

interface VaultOptions {
  engine: SqlEngine;
  secret: Buffer;
  limits: VaultLimits;
  now: () => number;
  log: StoreLog;
}

interface Row {
  id: string;
  /** Column `tenant`: the account, because that is what the bounds are for. */
  account: string;
  sealed: string;
  createdAt: number;
  lookups: string[];
}

export class ReasoningVault {
  readonly #crypto: VaultCrypto;
  readonly #recent: RecentTexts;
  #queue: Row[] = [];
  #queuedCharacters = 0;
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;
  #sweptAt = 0;

  constructor(private readonly options: VaultOptions) {
    this.#crypto = new VaultCrypto(options.secret);
    this.#recent = new RecentTexts(RECENT_CHARACTERS);
  }

  remember(tenant: string, key: ReasoningKey, reasoning: string): void {
    const { now, log, limits } = this.options;
    const crypto = this.#crypto.of(tenant);
    const bounded = { ...key, callIds: key.callIds.slice(0, MAX_CALL_IDS) };
    const lookups = [...crypto.callLookups(bounded), crypto.prefixLookup(bounded)];
    const id = randomUUID();
    const createdAt = now();
    this.#recent.set(lookups, { id, text: reasoning, expiresAt: createdAt + limits.ttlMs });
    const sealed = crypto.seal(id, reasoning);
    if (this.#queuedCharacters + sealed.length > MAX_QUEUED_CHARACTERS) {
      log('warn', 'reasoning is not kept: too much of it waits for the database');
      return;
    }
    this.#queuedCharacters += sealed.length;
    this.#queue.push({ id, account: accountOf(tenant), sealed, createdAt, lookups });
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }

  /**
   * By the call ids when all of them lead to one reasoning, else by the conversation. Ids are ours
   * and unique, so two answers to one conversation are told apart; a client that rewrites ids still
   * has its conversation.
   */
  async recall(tenant: string, key: ReasoningKey): Promise<string | undefined> {
    const crypto = this.#crypto.of(tenant);
    const bounded = { ...key, callIds: key.callIds.slice(0, MAX_CALL_IDS) };
    const calls = [...new Set(crypto.callLookups(bounded))];
    const prefix = crypto.prefixLookup(bounded);
    const at = this.options.now();
    const recent =
      agreeing(calls.map((lookup) => this.#recent.get(lookup, at))) ??
      (calls.length === 0 ? this.#recent.get(prefix, at) : undefined);
    if (recent !== undefined) return recent.text;
    const rows = await this.#select([...calls, prefix], at);
    const byCalls = agreeing(calls.map((lookup) => rows.get(lookup)));
    if (byCalls !== undefined) return crypto.open(byCalls.id, byCalls.sealed);
    const newest = this.#recent.get(prefix, at);
    if (newest !== undefined) return newest.text;
    const byPrefix = rows.get(prefix);
    return byPrefix === undefined ? undefined : crypto.open(byPrefix.id, byPrefix.sealed);
  }

  /** Writes what waits. Contract: never throws; what cannot be written is given up and logged. */
  async flush(): Promise<void> {
    await this.#flushing;
    this.#flushing ??= this.#flushAll().finally(() => (this.#flushing = undefined));
    await this.#flushing;
  }

  async #flushAll(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const rows = this.#queue;
    this.#queue = [];
    this.#queuedCharacters = 0;
    const { engine, log } = this.options;
    try {
      for (let start = 0; start < rows.length; start += FLUSH_BATCH) {
        const batch = rows.slice(start, start + FLUSH_BATCH);
        await engine.db.transaction().execute((trx) => this.#write(trx, batch));
      }
    } catch (error) {
      const numLost = rows.length;
      log('warn', 'reasoning was not kept', { numLost, error: (error as Error).message });
    }
  }

  async #write(trx: Trx, rows: readonly Row[]): Promise<void> {
    const { engine, now } = this.options;
    await engine.lockWriters(trx);
    await sql`
      INSERT INTO reasoning_entries (id, tenant, sealed, bytes, created_at, expires_at)
      SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2, CAST(j.value ->> 3 AS BIGINT),
             CAST(j.value ->> 4 AS BIGINT), CAST(j.value ->> 5 AS BIGINT)
      FROM ${engine.jsonRows(rows.map((row) => this.#columns(row)))} AS j
    `.execute(trx);
    const lookups = new Map(rows.flatMap(({ id, lookups }) => lookups.map((name) => [name, id])));
    await sql`
      INSERT INTO reasoning_lookups (lookup, entry_id)
      SELECT j.value ->> 0, j.value ->> 1 FROM ${engine.jsonRows([...lookups])} AS j WHERE true
      ON CONFLICT (lookup) DO UPDATE SET entry_id = excluded.entry_id
    `.execute(trx);
    for (const account of new Set(rows.map((row) => row.account))) await this.#trim(trx, account);
    if (now() - this.#sweptAt < SWEEP_MS) return;
    this.#sweptAt = now();
    await trx.deleteFrom('reasoning_entries').where('expires_at', '<=', BigInt(now())).execute();
  }

  #columns({ id, account, sealed, createdAt }: Row): (string | null)[] {
    const expiresAt = createdAt + this.options.limits.ttlMs;
    return [id, account, sealed, String(sealed.length), String(createdAt), String(expiresAt)];
  }

  /** Keeps the newest that fit both bounds. */
  async #trim(trx: Trx, account: string): Promise<void> {
    const { maxEntries, maxBytes } = this.options.limits;
    await sql`
      DELETE FROM reasoning_entries WHERE id IN (
        SELECT id FROM (
          SELECT id,
            row_number() OVER newest AS position,
            sum(bytes) OVER newest AS running
          FROM reasoning_entries WHERE tenant = ${account}
          WINDOW newest AS (ORDER BY created_at DESC, id)
        ) AS ranked
        WHERE position > ${BigInt(maxEntries)} OR running > ${BigInt(maxBytes)}
      )
    `.execute(trx);
  }

  async #select(
    lookups: readonly string[],
    at: number,
  ): Promise<Map<string, { id: string; sealed: string }>> {
    const { rows } = await sql<{ lookup: string; id: string; sealed: string }>`
      SELECT l.lookup, e.id, e.sealed FROM reasoning_lookups AS l
      JOIN reasoning_entries AS e ON e.id = l.entry_id
      WHERE e.expires_at > ${BigInt(at)} AND l.lookup IN
        (SELECT j.value ->> 0 FROM ${this.options.engine.jsonRows(lookups.map((name) => [name]))} AS j)
    `.execute(this.options.engine.db);
    return new Map(rows.map(({ lookup, id, sealed }) => [lookup, { id, sealed }]));
  }
}

/** A tenant is an account, or one of its users, whose names the account's client chooses. */
function accountOf(tenant: string): string {
  return tenant.split('/', 1)[0]!;
}

/** The one entry that all found; undefined when one of them found another, or nothing. */
function agreeing<T extends { id: string }>(found: readonly (T | undefined)[]): T | undefined {
  const [first] = found;
  return first !== undefined && found.every((entry) => entry?.id === first.id) ? first : undefined;
}
