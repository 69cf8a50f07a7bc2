// Posting to the double-entry ledger: the one place that writes transactions, entries and balances.
// Signs: money of a customer is positive; every transaction sums to zero per currency. Rows are only
// ever added (triggers hold that), and nothing here decides who pays (charge.ts).

import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Lot } from './charge.js';
import type { LedgerAccountKind, TransactionKind, Trx } from './schema.js';
import type { SqlEngine } from './sql-engine.js';
import type { Currency } from './types.js';

export interface LedgerEntry {
  ledgerAccount: string;
  kind: LedgerAccountKind;
  /** null for the platform's own accounts. */
  accountId: string | null;
  expiresAt?: number | undefined;
  amount: bigint;
}

/** In one currency. */
export interface LedgerTransaction {
  id: string;
  kind: TransactionKind;
  accountId: string;
  requestId?: string;
  note?: string | undefined;
  createdAt: number;
  currency: Currency;
  entries: readonly LedgerEntry[];
}

/**
 * Contract: the caller holds the writers' lock and has made sure that the ids are new.
 * @throws when a transaction does not sum to zero: nothing is written then.
 */
export async function post(
  engine: SqlEngine,
  trx: Trx,
  transactions: readonly LedgerTransaction[],
): Promise<void> {
  if (transactions.length === 0) return;
  for (const transaction of transactions) assertBalanced(transaction);
  const ledgerAccounts = engine.jsonRows(balanceChanges(transactions));
  // `where true` tells SQLite that ON belongs to the INSERT, not to a join.
  await sql`
    INSERT INTO ledger_accounts (name, account_id, kind, currency, expires_at, balance)
    SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 3,
           CAST(j.value ->> 4 AS BIGINT), CAST(j.value ->> 5 AS BIGINT)
    FROM ${ledgerAccounts} AS j WHERE true
    ON CONFLICT (name) DO UPDATE SET balance = ledger_accounts.balance + excluded.balance
  `.execute(trx);
  const rows = transactions.map(({ id, kind, accountId, requestId, note, createdAt }) => [
    id,
    kind,
    accountId,
    requestId ?? null,
    note ?? null,
    String(createdAt),
  ]);
  await sql`
    INSERT INTO ledger_transactions (id, kind, account_id, request_id, note, created_at)
    SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 3, j.value ->> 4,
           CAST(j.value ->> 5 AS BIGINT)
    FROM ${engine.jsonRows(rows)} AS j
  `.execute(trx);
  const entries = transactions.flatMap((transaction) =>
    transaction.entries.map(({ ledgerAccount, amount }, line) => [
      transaction.id,
      String(line),
      ledgerAccount,
      transaction.currency,
      String(amount),
    ]),
  );
  await sql`
    INSERT INTO ledger_entries (transaction_id, line, ledger_account, currency, amount)
    SELECT j.value ->> 0, CAST(j.value ->> 1 AS BIGINT), j.value ->> 2, j.value ->> 3,
           CAST(j.value ->> 4 AS BIGINT)
    FROM ${engine.jsonRows(entries)} AS j
  `.execute(trx);
}

/** The money of the accounts, by account id. Expired grants that nobody swept yet are included. */
export async function readLots(
  engine: SqlEngine,
  on: Trx | SqlEngine['db'],
  accountIds: readonly string[],
): Promise<Map<string, Lot[]>> {
  const { rows } = await sql<LotRow>`
    SELECT name, account_id, kind, currency, expires_at, balance FROM ledger_accounts
    WHERE account_id IN (SELECT j.value ->> 0 FROM ${engine.jsonRows(accountIds.map((id) => [id]))} AS j)
      AND kind IN ('granted', 'topped_up')
      AND (balance <> 0 OR expires_at IS NULL)
    ORDER BY name
  `.execute(on);
  const lots = new Map<string, Lot[]>(accountIds.map((id) => [id, []]));
  for (const row of rows) lots.get(row.account_id)?.push(toLot(row));
  return lots;
}

/** Takes back what is left of grants that expired. Returns the ids of the accounts it touched. */
export async function expireGrants(engine: SqlEngine, trx: Trx, now: number): Promise<string[]> {
  const { rows } = await sql<LotRow>`
    SELECT name, account_id, kind, currency, expires_at, balance FROM ledger_accounts
    WHERE expires_at <= ${now} AND balance <> 0 ORDER BY name
  `.execute(trx);
  await post(
    engine,
    trx,
    rows.map((row) => ({
      id: `expire:${row.name}:${now}`,
      kind: 'expire',
      accountId: row.account_id,
      createdAt: now,
      currency: row.currency,
      entries: [
        {
          ledgerAccount: row.name,
          kind: 'granted',
          accountId: row.account_id,
          amount: -row.balance,
        },
        platformEntry('grants', row.currency, row.balance),
      ],
    })),
  );
  return [...new Set(rows.map((row) => row.account_id))];
}

/** `charge:<milliseconds, hex>-<random>`. */
export function timeOrderedId(kind: TransactionKind, now: number): string {
  const random = randomBytes(8).toString('hex');
  return `${kind}:${now.toString(16).padStart(12, '0')}-${random}`;
}

/** An entry of the platform's own account, e.g. `revenue:CNY`. */
export function platformEntry(
  kind: Extract<LedgerAccountKind, 'revenue' | 'grants' | 'deposits'>,
  currency: Currency,
  amount: bigint,
): LedgerEntry {
  return { ledgerAccount: `${kind}:${currency}`, kind, accountId: null, amount };
}

interface LotRow {
  name: string;
  account_id: string;
  kind: 'granted' | 'topped_up';
  currency: Currency;
  expires_at: bigint | null;
  balance: bigint;
}

function toLot(row: LotRow): Lot {
  return {
    ledgerAccount: row.name,
    kind: row.kind,
    currency: row.currency,
    expiresAt: row.expires_at === null ? undefined : Number(row.expires_at),
    balance: row.balance,
  };
}

function assertBalanced({ id, entries }: LedgerTransaction): void {
  const sum = entries.reduce((total, { amount }) => total + amount, 0n);
  if (sum !== 0n) throw new Error(`ledger transaction ${id} sums to ${sum}, not to zero`);
}

/** One row per ledger account: a statement may change a row once only. Sorted, for a fixed order. */
function balanceChanges(transactions: readonly LedgerTransaction[]): unknown[] {
  const changes = new Map<string, { entry: LedgerEntry; currency: Currency; sum: bigint }>();
  for (const { currency, entries } of transactions) {
    for (const entry of entries) {
      const change = changes.get(entry.ledgerAccount) ?? { entry, currency, sum: 0n };
      change.sum += entry.amount;
      changes.set(entry.ledgerAccount, change);
    }
  }
  return [...changes.values()]
    .toSorted((a, b) => (a.entry.ledgerAccount < b.entry.ledgerAccount ? -1 : 1))
    .map(({ entry, currency, sum }) => [
      entry.ledgerAccount,
      entry.accountId,
      entry.kind,
      currency,
      entry.expiresAt === undefined ? null : String(entry.expiresAt),
      String(sum),
    ]);
}
