// The ledger of one account as its owner reads it: one line per transaction, newest first, each with
// what was left after it. Pages go on from a place, which carries the balances there, so that a page
// costs what it shows and not what came before.

import { type RawBuilder, sql } from 'kysely';
import type { AccountLedgerLine, AccountLedgerPage, AccountLedgerPlace } from './admin-types.js';
import type { TransactionKind, Trx } from './schema.js';
import type { SqlEngine } from './sql-engine.js';
import type { Currency } from './types.js';

interface LineQuery {
  accountId: string;
  /** Only these; the balances after them are then not known. */
  kind?: TransactionKind;
  /** Where the page before ended. */
  after?: AccountLedgerPlace;
  limit: number;
}

interface LineRow {
  id: string;
  kind: TransactionKind;
  created_at: bigint;
  note: string | null;
  request_id: string | null;
  currency: Currency;
  amount: bigint;
  model: string | null;
  key_id: string | null;
  prompt_tokens: bigint | null;
  cache_hit_tokens: bigint | null;
  completion_tokens: bigint | null;
}

export async function accountLedgerPage(
  engine: SqlEngine,
  query: LineQuery,
): Promise<AccountLedgerPage> {
  return engine.db.transaction().execute(async (trx) => {
    // A posting in between would make the balances those of another moment than the lines.
    await engine.lockWriters(trx);
    const rows = await readLines(trx, query);
    const after = query.after?.balances ?? (await balancesNow(trx, query.accountId));
    const balances = new Map(Object.entries(after) as [Currency, bigint][]);
    const shown = rows.slice(0, query.limit);
    const lines = shown.map((row) => {
      const balance = balances.get(row.currency) ?? 0n;
      balances.set(row.currency, balance - row.amount);
      return lineOf(row, query.kind === undefined ? balance : undefined);
    });
    const last = shown.at(-1);
    const place = last && {
      createdAt: Number(last.created_at),
      transactionId: last.id,
      balances: Object.fromEntries(balances),
    };
    return { lines, next: rows.length > query.limit ? place : undefined };
  });
}

/** Entries of the customer's own accounts of the ledger, summed: the other side is the platform's. */
async function readLines(trx: Trx, query: LineQuery): Promise<LineRow[]> {
  const { accountId, kind, after, limit } = query;
  const conditions: RawBuilder<unknown>[] = [
    sql`t.account_id = ${accountId}`,
    ...(kind === undefined ? [] : [sql`t.kind = ${kind}`]),
    ...(after === undefined
      ? []
      : [
          sql`(t.created_at < ${BigInt(after.createdAt)}
            OR (t.created_at = ${BigInt(after.createdAt)} AND t.id < ${after.transactionId}))`,
        ]),
  ];
  const { rows } = await sql<LineRow>`
    SELECT t.id, t.kind, t.created_at, t.note, t.request_id,
      e.currency, CAST(sum(e.amount) AS BIGINT) AS amount,
      u.model, u.key_id, u.prompt_tokens, u.cache_hit_tokens, u.completion_tokens
    FROM (
      SELECT t.* FROM ledger_transactions AS t
      WHERE ${sql.join(conditions, sql` AND `)}
      ORDER BY t.created_at DESC, t.id DESC LIMIT ${sql.lit(limit + 1)}
    ) AS t
    JOIN ledger_entries AS e ON e.transaction_id = t.id
    JOIN ledger_accounts AS a ON a.name = e.ledger_account AND a.account_id = ${accountId}
    LEFT JOIN usage_records AS u ON u.request_id = t.request_id
    GROUP BY t.id, t.kind, t.created_at, t.note, t.request_id, e.currency,
      u.model, u.key_id, u.prompt_tokens, u.cache_hit_tokens, u.completion_tokens
    ORDER BY t.created_at DESC, t.id DESC
  `.execute(trx);
  return rows;
}

async function balancesNow(
  trx: Trx,
  accountId: string,
): Promise<Partial<Record<Currency, bigint>>> {
  const { rows } = await sql<{ currency: Currency; balance: bigint }>`
    SELECT currency, CAST(sum(balance) AS BIGINT) AS balance FROM ledger_accounts
    WHERE account_id = ${accountId} GROUP BY currency
  `.execute(trx);
  return Object.fromEntries(rows.map(({ currency, balance }) => [currency, balance]));
}

function lineOf(row: LineRow, balance: bigint | undefined): AccountLedgerLine {
  return {
    transactionId: row.id,
    kind: row.kind,
    createdAt: new Date(Number(row.created_at)),
    note: row.note ?? undefined,
    currency: row.currency,
    amount: row.amount,
    balance,
    request:
      row.request_id === null || row.model === null
        ? undefined
        : {
            id: row.request_id,
            model: row.model,
            keyId: row.key_id!,
            promptTokens: Number(row.prompt_tokens),
            cacheHitTokens: Number(row.cache_hit_tokens),
            completionTokens: Number(row.completion_tokens),
          },
  };
}
