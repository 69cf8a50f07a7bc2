// Sums over usage and the ledger's entries, for people and dashboards.

import { type RawBuilder, sql } from 'kysely';
import type { LedgerRow, UsageGroup, UsageQuery } from './admin-types.js';
import type { TransactionKind } from './schema.js';
import type { SqlEngine } from './sql-engine.js';
import type { Currency } from './types.js';

const DAY_MS = 86_400_000;
const MAX_LEDGER_ROWS = 10_000;

const GROUPS: Record<UsageQuery['groupBy'], RawBuilder<unknown>> = {
  // Whole days since 1970, UTC.
  day: sql`CAST(u.finished_at / ${sql.lit(DAY_MS)} AS TEXT)`,
  model: sql`u.model`,
  key: sql`u.key_id`,
};

interface UsageRow {
  name: string;
  currency: Currency;
  requests: bigint;
  prompt: bigint;
  hit: bigint;
  completion: bigint;
  reasoning: bigint;
  cost: bigint;
}

/** The money is that of the charges, not computed again: prices may have changed since. */
export async function usageGroups(engine: SqlEngine, query: UsageQuery): Promise<UsageGroup[]> {
  const group = GROUPS[query.groupBy];
  const { rows } = await sql<UsageRow>`
    SELECT ${group} AS name, e.currency AS currency, count(*) AS requests,
      CAST(sum(u.prompt_tokens) AS BIGINT) AS prompt,
      CAST(sum(u.cache_hit_tokens) AS BIGINT) AS hit,
      CAST(sum(u.completion_tokens) AS BIGINT) AS completion,
      CAST(sum(u.reasoning_tokens) AS BIGINT) AS reasoning,
      CAST(sum(e.amount) AS BIGINT) AS cost
    FROM usage_records AS u
    JOIN ledger_transactions AS t ON t.request_id = u.request_id
    JOIN ledger_entries AS e ON e.transaction_id = t.id
      AND e.ledger_account IN ('revenue:CNY', 'revenue:USD')
    WHERE ${sql.join(conditions(query), sql` AND `)}
    GROUP BY ${group}, e.currency
  `.execute(engine.db);
  const groups = new Map<string, UsageGroup>();
  for (const row of rows) addRow(groups, groupName(query, row.name), row);
  return [...groups.values()].toSorted((a, b) => (a.group < b.group ? -1 : 1));
}

export async function ledgerRows(
  engine: SqlEngine,
  { accountId, limit = 100 }: { accountId?: string; limit?: number },
): Promise<LedgerRow[]> {
  const rows = await engine.db
    .selectFrom('ledger_entries as e')
    .innerJoin('ledger_transactions as t', 't.id', 'e.transaction_id')
    .select(['t.id', 't.kind', 't.created_at', 't.note'])
    .select(['e.ledger_account', 'e.currency', 'e.amount'])
    .$if(accountId !== undefined, (query) => query.where('t.account_id', '=', accountId!))
    .orderBy('t.created_at', 'desc')
    .orderBy('t.id')
    .orderBy('e.line')
    .limit(Math.min(Math.max(1, limit), MAX_LEDGER_ROWS))
    .execute();
  return rows.map((row) => ({
    transactionId: row.id,
    kind: row.kind satisfies TransactionKind,
    createdAt: new Date(Number(row.created_at)),
    ledgerAccount: row.ledger_account,
    currency: row.currency,
    amount: row.amount,
    note: row.note ?? undefined,
  }));
}

function conditions({ accountId, keyId, from, to }: UsageQuery): RawBuilder<unknown>[] {
  return [
    sql`1 = 1`,
    ...(accountId === undefined ? [] : [sql`u.account_id = ${accountId}`]),
    ...(keyId === undefined ? [] : [sql`u.key_id = ${keyId}`]),
    ...(from === undefined ? [] : [sql`u.finished_at >= ${BigInt(from.getTime())}`]),
    ...(to === undefined ? [] : [sql`u.finished_at < ${BigInt(to.getTime())}`]),
  ];
}

function groupName({ groupBy }: UsageQuery, name: string): string {
  if (groupBy !== 'day') return name;
  return new Date(Number(name) * DAY_MS).toISOString().slice(0, 10);
}

function addRow(groups: Map<string, UsageGroup>, name: string, row: UsageRow): void {
  const group = groups.get(name) ?? {
    group: name,
    requests: 0,
    promptTokens: 0,
    cacheHitTokens: 0,
    completionTokens: 0,
    reasoningTokens: 0,
    cost: {},
  };
  group.requests += Number(row.requests);
  group.promptTokens += Number(row.prompt);
  group.cacheHitTokens += Number(row.hit);
  group.completionTokens += Number(row.completion);
  group.reasoningTokens += Number(row.reasoning);
  group.cost[row.currency] = (group.cost[row.currency] ?? 0n) + row.cost;
  groups.set(name, group);
}
