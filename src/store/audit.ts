// Checks the ledger against itself, from its entries: what the balances and the usage say must follow
// from them. Reads in one transaction, so that it sees one moment.

import { type RawBuilder, sql } from 'kysely';
import type { LedgerAudit } from './admin-types.js';
import type { Trx } from './schema.js';
import type { SqlEngine } from './sql-engine.js';

const MAX_PROBLEMS = 100;

/** Each query returns what is wrong, one row per problem. */
const CHECKS: readonly RawBuilder<{ problem: string }>[] = [
  sql`SELECT 'transaction ' || transaction_id || ' sums to ' || CAST(sum(amount) AS TEXT) || ' '
        || currency || ', not to zero' AS problem
      FROM ledger_entries GROUP BY transaction_id, currency HAVING sum(amount) <> 0`,
  sql`SELECT 'transaction ' || t.id || ' has no entries' AS problem FROM ledger_transactions AS t
      WHERE NOT EXISTS (SELECT 1 FROM ledger_entries AS e WHERE e.transaction_id = t.id)`,
  sql`SELECT 'balance of ' || a.name || ' is ' || CAST(a.balance AS TEXT)
        || ', its entries sum to ' || CAST(coalesce(sum(e.amount), 0) AS TEXT) AS problem
      FROM ledger_accounts AS a LEFT JOIN ledger_entries AS e ON e.ledger_account = a.name
      GROUP BY a.name, a.balance HAVING coalesce(sum(e.amount), 0) <> a.balance`,
  sql`SELECT 'an entry of ' || e.transaction_id || ' is in ' || e.currency || ' on ' || a.name AS problem
      FROM ledger_entries AS e JOIN ledger_accounts AS a ON a.name = e.ledger_account
      WHERE a.currency <> e.currency`,
  sql`SELECT 'request ' || u.request_id || ' has ' || CAST(count(t.id) AS TEXT)
        || ' charges, not one' AS problem
      FROM usage_records AS u LEFT JOIN ledger_transactions AS t
        ON t.request_id = u.request_id AND t.kind = 'charge' AND t.account_id = u.account_id
      GROUP BY u.request_id HAVING count(t.id) <> 1`,
  sql`SELECT 'charge ' || t.id || ' belongs to no request' AS problem FROM ledger_transactions AS t
      WHERE t.kind = 'charge'
        AND NOT EXISTS (SELECT 1 FROM usage_records AS u WHERE u.request_id = t.request_id)`,
];

export function auditLedger(engine: SqlEngine): Promise<LedgerAudit> {
  return engine.db.transaction().execute(async (trx) => {
    await engine.lockWriters(trx);
    const problems: string[] = [];
    for (const check of CHECKS) {
      const { rows } = await sql<{ problem: string }>`
        SELECT problem FROM (${check}) AS found LIMIT ${sql.lit(MAX_PROBLEMS)}`.execute(trx);
      problems.push(...rows.map(({ problem }) => problem));
    }
    return {
      isSound: problems.length === 0,
      numTransactions: await count(trx, 'ledger_transactions'),
      numEntries: await count(trx, 'ledger_entries'),
      numUsageRecords: await count(trx, 'usage_records'),
      problems: problems.slice(0, MAX_PROBLEMS),
    };
  });
}

async function count(
  trx: Trx,
  table: 'ledger_transactions' | 'ledger_entries' | 'usage_records',
): Promise<number> {
  const row = await trx
    .selectFrom(table)
    .select((eb) => eb.fn.countAll<bigint>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}
