// What every account should have paid and have left, computed again: charges from the usage at today's
// prices, balances from the entries. audit.ts says whether the ledger agrees with itself; this says by
// how much it differs from the usage, per account.

import { type RawBuilder, sql } from 'kysely';
import type { RecomputedAccount } from './admin-types.js';
import { CURRENCIES, type Prices } from './prices.js';
import type { TransactionKind, Trx } from './schema.js';
import type { SqlEngine } from './sql-engine.js';
import type { Currency } from './types.js';

interface ChargedRow {
  account_id: string;
  currency: Currency;
  requests: bigint;
  differing: bigint;
  charged: bigint;
  recomputed: bigint;
}

interface MovedRow {
  account_id: string;
  currency: Currency;
  kind: TransactionKind;
  amount: bigint;
}

interface BalanceRow {
  account_id: string;
  currency: Currency;
  balance: bigint;
}

export function recomputeAccounts(engine: SqlEngine, prices: Prices): Promise<RecomputedAccount[]> {
  return engine.db.transaction().execute(async (trx) => {
    await engine.lockWriters(trx);
    const accounts = new Map<string, RecomputedAccount>();
    const at = (row: { account_id: string; currency: Currency }) => {
      const key = `${row.account_id} ${row.currency}`;
      const known = accounts.get(key) ?? emptyAccount(row.account_id, row.currency);
      accounts.set(key, known);
      return known;
    };
    for (const row of await readMoved(trx)) {
      const account = at(row);
      account.entries += row.amount;
      if (row.kind === 'grant') account.granted += row.amount;
      if (row.kind === 'top-up') account.toppedUp += row.amount;
      if (row.kind === 'expire') account.expired -= row.amount;
    }
    for (const row of await readBalances(trx)) at(row).balance += row.balance;
    for (const row of await readCharged(trx, prices)) {
      const account = at(row);
      account.requests += Number(row.requests);
      account.differingRequests += Number(row.differing);
      account.charged += row.charged;
      account.recomputed += row.recomputed;
    }
    return [...accounts.values()].toSorted((a, b) =>
      `${a.accountId} ${a.currency}` < `${b.accountId} ${b.currency}` ? -1 : 1,
    );
  });
}

async function readMoved(trx: Trx): Promise<MovedRow[]> {
  const { rows } = await sql<MovedRow>`
    SELECT a.account_id, e.currency, t.kind, CAST(sum(e.amount) AS BIGINT) AS amount
    FROM ledger_entries AS e
    JOIN ledger_accounts AS a ON a.name = e.ledger_account AND a.account_id IS NOT NULL
    JOIN ledger_transactions AS t ON t.id = e.transaction_id
    GROUP BY a.account_id, e.currency, t.kind
  `.execute(trx);
  return rows;
}

async function readBalances(trx: Trx): Promise<BalanceRow[]> {
  const { rows } = await sql<BalanceRow>`
    SELECT account_id, currency, CAST(sum(balance) AS BIGINT) AS balance FROM ledger_accounts
    WHERE account_id IS NOT NULL GROUP BY account_id, currency
  `.execute(trx);
  return rows;
}

/** Compared request by request: a sum could hide two faults that cancel out. */
async function readCharged(trx: Trx, prices: Prices): Promise<ChargedRow[]> {
  const price = priceByCurrency(prices);
  const { rows } = await sql<ChargedRow>`
    SELECT account_id, currency, count(*) AS requests,
      CAST(sum(CASE WHEN charged <> recomputed THEN 1 ELSE 0 END) AS BIGINT) AS differing,
      CAST(sum(charged) AS BIGINT) AS charged, CAST(sum(recomputed) AS BIGINT) AS recomputed
    FROM (
      SELECT u.account_id, e.currency, sum(e.amount) AS charged, ${price} AS recomputed
      FROM usage_records AS u
      JOIN ledger_transactions AS t ON t.request_id = u.request_id
      JOIN ledger_entries AS e ON e.transaction_id = t.id
        AND e.ledger_account IN ('revenue:CNY', 'revenue:USD')
      GROUP BY u.request_id, u.account_id, e.currency
    ) AS priced
    GROUP BY account_id, currency
  `.execute(trx);
  return rows;
}

/** `min`: one record, beside each of the entries of its charge. */
function priceByCurrency(prices: Prices): RawBuilder<unknown> {
  const cases = CURRENCIES.map((currency) => {
    const { cacheHit, cacheMiss, output } = prices[currency];
    const lit = (nano: bigint) => sql.raw(nano.toString());
    return sql`WHEN ${sql.lit(currency)} THEN min(u.cache_hit_tokens) * ${lit(cacheHit)}
      + (min(u.prompt_tokens) - min(u.cache_hit_tokens)) * ${lit(cacheMiss)}
      + min(u.completion_tokens) * ${lit(output)}`;
  });
  return sql`(CASE e.currency ${sql.join(cases, sql` `)} END)`;
}

function emptyAccount(accountId: string, currency: Currency): RecomputedAccount {
  return {
    accountId,
    currency,
    requests: 0,
    differingRequests: 0,
    granted: 0n,
    toppedUp: 0n,
    expired: 0n,
    charged: 0n,
    recomputed: 0n,
    entries: 0n,
    balance: 0n,
  };
}
