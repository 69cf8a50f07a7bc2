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

export interface UsageFilter {
  accountId?: string;
  keyId?: string;
  /** By the time a request finished; `to` is excluded. */
  from?: Date;
  to?: Date;
}

export interface UsageQuery extends UsageFilter {
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

/** Usage of one key with one model on one UTC day: what charts are made of. */
export interface UsageCell extends Omit<UsageGroup, 'group'> {
  /** `2026-11-23` */
  day: string;
  model: string;
  accountId: string;
  keyId: string;
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

/** What a transaction did to one account's money. */
export interface AccountLedgerLine {
  transactionId: string;
  kind: 'grant' | 'top-up' | 'charge' | 'expire';
  createdAt: Date;
  note: string | undefined;
  currency: Currency;
  /** Below zero where money went. */
  amount: bigint;
  /** In this currency after it; undefined where other kinds were left out. */
  balance: bigint | undefined;
  /** Of a charge. */
  request:
    | {
        id: string;
        model: string;
        keyId: string;
        promptTokens: number;
        cacheHitTokens: number;
        completionTokens: number;
      }
    | undefined;
}

/** After which line a page goes on, and the balances before that line. */
export interface AccountLedgerPlace {
  createdAt: number;
  transactionId: string;
  balances: Partial<Record<Currency, bigint>>;
}

export interface AccountLedgerPage {
  lines: AccountLedgerLine[];
  /** undefined: this was the last. */
  next: AccountLedgerPlace | undefined;
}

/** One account in one currency, computed from the entries and from the usage. Nano-units. */
export interface RecomputedAccount {
  accountId: string;
  currency: Currency;
  requests: number;
  /** Requests whose charge is not what their usage costs at today's prices. */
  differingRequests: number;
  granted: bigint;
  toppedUp: bigint;
  /** Grants that ran out of time, above zero. */
  expired: bigint;
  charged: bigint;
  /** Usage at today's prices. */
  recomputed: bigint;
  /** Sum of the entries: what the balance has to be. */
  entries: bigint;
  /** As it is kept. */
  balance: bigint;
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
  /** When the last request that was billed to each key finished. Keys never used are missing. */
  lastUses(keyIds: readonly string[]): Promise<Map<string, Date>>;
  /** The record of a key's text, if it is known. */
  findKey(key: string): Promise<KeyRecord | undefined>;

  /** Money as a present; may expire. @throws StoreError not-found, invalid, conflict. */
  grant(money: MoneyIn & { expiresAt?: Date }): Promise<Balance>;
  /** Money that was paid. @throws StoreError not-found, invalid, conflict. */
  topUp(money: MoneyIn): Promise<Balance>;
  /** @throws StoreError not-found. */
  balance(accountId: string): Promise<Balance>;
  /** Of every account, by its id. */
  balances(): Promise<Map<string, Balance>>;

  /** Sorted by group. Includes every request whose `record` has resolved. */
  usage(query: UsageQuery): Promise<UsageGroup[]>;
  /** The same usage by day, model and key at once, sorted by them in this order. */
  usageCells(filter: UsageFilter): Promise<UsageCell[]>;
  /** Entries, newest first. */
  ledger(query: { accountId?: string; limit?: number }): Promise<LedgerRow[]>;
  /** Transactions of one account, newest first. @throws StoreError not-found. */
  accountLedger(query: {
    accountId: string;
    kind?: AccountLedgerLine['kind'];
    after?: AccountLedgerPlace;
    limit: number;
  }): Promise<AccountLedgerPage>;
  auditLedger(): Promise<LedgerAudit>;
  /** Accounts with money or usage, by id and currency. */
  recomputeAccounts(): Promise<RecomputedAccount[]>;
}
