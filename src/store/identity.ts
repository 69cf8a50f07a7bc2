// From a key to who it stands for, answered from memory while nothing changed. Keys are looked up by
// digest; neither the database nor this cache holds a key's text.

import { hash } from 'node:crypto';
import { EpochCache } from './epoch-cache.js';
import type { Funds } from './funds.js';
import { readLots } from './ledger.js';
import type { SqlEngine } from './sql-engine.js';
import { type StateFollower, unavailable } from './state-follower.js';
import type { Principal } from './types.js';

const MAX_KEY_CHARACTERS = 512;
const MAX_CACHED_KEYS = 20_000;

interface KnownKey {
  principal: Omit<Principal, 'canSpend'>;
  isUnlimited: boolean;
  expiresAt: number;
}

/** Digests are 64 hex digits, ids are not: one map serves both. */
interface KeyName {
  column: 'digest' | 'id';
  value: string;
}

interface IdentityOptions {
  engine: SqlEngine;
  follower: StateFollower;
  funds: Funds;
  now: () => number;
}

export class Identity {
  /** undefined as value: the database has no such key, or it was revoked. */
  readonly #keys = new EpochCache<KnownKey | undefined>(MAX_CACHED_KEYS);
  /** Questions under way: a thousand requests with one new key ask once. */
  readonly #asking = new Map<string, Promise<void>>();

  constructor(private readonly options: IdentityOptions) {}

  /** Keys or accounts were changed. */
  invalidate(): void {
    this.#keys.invalidate();
  }

  /** @throws PlatformUnavailableError when memory cannot answer and the database is away. */
  async identify(key: string): Promise<Principal | undefined> {
    return isKeyText(key) ? this.#identify({ column: 'digest', value: keyDigest(key) }) : undefined;
  }

  /** As `identify`, for a key that was proven before. @throws PlatformUnavailableError */
  async identifyById(keyId: string): Promise<Principal | undefined> {
    return this.#identify({ column: 'id', value: keyId });
  }

  async #identify(name: KeyName): Promise<Principal | undefined> {
    const { follower, funds, now } = this.options;
    if (!follower.isCurrent) await follower.check();
    const { value } = name;
    if (!this.#keys.isFresh(value)) await this.#once(value, () => this.#readKey(name));
    const known = this.#keys.get(value);
    const at = now();
    if (known === undefined || known.expiresAt <= at) return undefined;
    const { principal, isUnlimited } = known;
    if (isUnlimited) return { ...principal, canSpend: true };
    const { accountId } = principal;
    if (!funds.lots.isFresh(accountId)) {
      await this.#once(`account ${accountId}`, () => this.#readFunds(accountId));
    }
    return { ...principal, canSpend: funds.canSpend(accountId, at) };
  }

  #once(name: string, ask: () => Promise<void>): Promise<void> {
    const asked = this.#asking.get(name);
    if (asked !== undefined) return asked;
    const asking = ask().finally(() => this.#asking.delete(name));
    this.#asking.set(name, asking);
    return asking;
  }

  async #readKey(name: KeyName): Promise<void> {
    const ticket = this.#keys.ticket();
    try {
      this.#keys.set(name.value, await this.#selectKey(name), ticket);
    } catch (error) {
      this.options.follower.reportFailure(error);
      // A key that was good stays good for the grace time; one that was not may have become so.
      if (this.#keys.get(name.value) === undefined) throw unavailable(error);
    }
  }

  async #readFunds(accountId: string): Promise<void> {
    const { engine, funds, follower } = this.options;
    const ticket = funds.lots.ticket();
    try {
      const lots = await readLots(engine, engine.db, [accountId]);
      funds.lots.set(accountId, lots.get(accountId) ?? [], ticket);
    } catch (error) {
      follower.reportFailure(error);
      if (funds.lots.get(accountId) === undefined) throw unavailable(error);
    }
  }

  async #selectKey({ column, value }: KeyName): Promise<KnownKey | undefined> {
    const row = await this.options.engine.db
      .selectFrom('api_keys')
      .innerJoin('accounts', 'accounts.id', 'api_keys.account_id')
      .selectAll('api_keys')
      .select('accounts.unlimited')
      .where(`api_keys.${column}`, '=', value)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    return {
      principal: {
        keyId: row.id,
        accountId: row.account_id,
        tenant: row.account_id,
        profile: row.profile ?? undefined,
        leniencies: JSON.parse(row.leniencies) as string[],
        maxConcurrency: row.max_concurrency === null ? undefined : Number(row.max_concurrency),
      },
      isUnlimited: row.unlimited !== 0n,
      expiresAt: row.expires_at === null ? Infinity : Number(row.expires_at),
    };
  }
}

export function keyDigest(key: string): string {
  return hash('sha256', key);
}

/** Printable ASCII without blanks: what an HTTP header carries unharmed. */
export function isKeyText(key: string): boolean {
  return key.length > 0 && key.length <= MAX_KEY_CHARACTERS && /^[\x21-\x7e]+$/.test(key);
}
