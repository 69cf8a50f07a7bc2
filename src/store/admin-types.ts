// Administration of the platform: what the CLI and the admin API do. The server's request path sees
// `Platform` (types.ts) only.

import type { Balance, Currency } from './types.js';

export interface AccountRecord {
  id: string;
  name: string;
  /** Never runs out: charged to a credit account of its own. */
  unlimited: boolean;
  createdAt: Date;
}

export interface KeyRecord {
  id: string;
  accountId: string;
  name: string;
  /** All that is left of the key's text, besides its SHA-256. */
  last4: string;
  profile: string | undefined;
  leniencies: string[];
  maxConcurrency: number | undefined;
  createdAt: Date;
  expiresAt: Date | undefined;
  revokedAt: Date | undefined;
}

export interface KeyLimits {
  name?: string;
  /** null = the server's default again, as everywhere here. */
  profile?: string | null;
  leniencies?: readonly string[];
  maxConcurrency?: number | null;
  expiresAt?: Date | null;
}

export interface NewKey extends KeyLimits {
  accountId: string;
  /** An existing key, 1 to 512 printable ASCII characters; default: `sk-` and 32 hex digits. */
  key?: string;
}

export interface MoneyIn {
  accountId: string;
  currency: Currency;
  /** Nano-units, above zero. */
  amount: bigint;
  note?: string;
  /** Given twice, the money comes once. */
  idempotencyKey?: string;
}

export interface UsageQuery {
  accountId?: string;
  keyId?: string;
  /** By the time a request finished; `to` is excluded. */
  from?: Date;
  to?: Date;
  /** Days are UTC. */
  groupBy: 'day' | 'model' | 'key';
}

export interface UsageGroup {
  /** `2026-11-23`, a model's name, or a key's id. */
  group: string;
  requests: number;
  promptTokens: number;
  cacheHitTokens: number;
  completionTokens: number;
  reasoningTokens: number;
  /** Nano-units by currency, from the ledger. Free requests appear with 0. */
  cost: Partial<Record<Currency, bigint>>;
}

export interface LedgerRow {
  transactionId: string;
  kind: 'grant' | 'top-up' | 'charge' | 'expire';
  createdAt: Date;
  ledgerAccount: string;
  currency: Currency;
  amount: bigint;
  note: string | undefined;
}

export interface LedgerAudit {
  isSound: boolean;
  numTransactions: number;
  numEntries: number;
  numUsageRecords: number;
  /** The first hundred, in words. */
  problems: string[];
}

/** Every method throws PlatformUnavailableError when the database is away. */
export interface PlatformAdmin {
  /** @throws StoreError conflict when the name is taken; invalid when it is none. */
  createAccount(account: { name: string; unlimited?: boolean }): Promise<AccountRecord>;
  /** Oldest first. */
  listAccounts(): Promise<AccountRecord[]>;
  /** By id or name. @throws StoreError not-found. */
  findAccount(idOrName: string): Promise<AccountRecord>;

  /** `key` is shown this once. @throws StoreError not-found, conflict (key exists), invalid. */
  createKey(key: NewKey): Promise<{ key: string; record: KeyRecord }>;
  /** Revoked and expired ones included; oldest first. */
  listKeys(filter?: { accountId?: string }): Promise<KeyRecord[]>;
  /** Absent fields stay. @throws StoreError not-found, invalid. */
  updateKey(id: string, limits: KeyLimits): Promise<KeyRecord>;
  /** For good; twice is once. @throws StoreError not-found. */
  revokeKey(id: string): Promise<KeyRecord>;
  /** The record of a key's text, if it is known. */
  findKey(key: string): Promise<KeyRecord | undefined>;

  /** Money as a present; may expire. @throws StoreError not-found, invalid, conflict. */
  grant(money: MoneyIn & { expiresAt?: Date }): Promise<Balance>;
  /** Money that was paid. @throws StoreError not-found, invalid, conflict. */
  topUp(money: MoneyIn): Promise<Balance>;
  /** @throws StoreError not-found. */
  balance(accountId: string): Promise<Balance>;

  /** Sorted by group. Includes every request whose `record` has resolved. */
  usage(query: UsageQuery): Promise<UsageGroup[]>;
  /** Entries, newest first. */
  ledger(query: { accountId?: string; limit?: number }): Promise<LedgerRow[]>;
  auditLedger(): Promise<LedgerAudit>;
}
