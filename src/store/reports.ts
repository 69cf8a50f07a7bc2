// Sums over usage and the ledger's entries, for people and dashboards.

import { type RawBuilder, sql } from 'kysely';
import type { LedgerRow, UsageCell, UsageFilter, UsageGroup, UsageQuery } from './admin-types.js';
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

interface UsageSums {
  currency: Currency;
  requests: bigint;
  prompt: bigint;
  hit: bigint;
  completion: bigint;
  reasoning: bigint;
  cost: bigint;
}

interface UsageRow extends UsageSums {
  name: string;
}

interface CellRow extends UsageSums {
  /** Days since 1970. */
  day: bigint;
  model: string;
  account_id: string;
  key_id: string;
}

const SUMS = sql`e.currency AS currency, count(*) AS requests,
      CAST(sum(u.prompt_tokens) AS BIGINT) AS prompt,
      CAST(sum(u.cache_hit_tokens) AS BIGINT) AS hit,
      CAST(sum(u.completion_tokens) AS BIGINT) AS completion,
      CAST(sum(u.reasoning_tokens) AS BIGINT) AS reasoning,
      CAST(sum(e.amount) AS BIGINT) AS cost`;

/** A usage record and the entry that took its price in. */
const CHARGED_USAGE = sql`usage_records AS u
    JOIN ledger_transactions AS t ON t.request_id = u.request_id
    JOIN ledger_entries AS e ON e.transaction_id = t.id
      AND e.ledger_account IN ('revenue:CNY', 'revenue:USD')`;

/** The money is that of the charges, not computed again: prices may have changed since. */
export async function usageGroups(engine: SqlEngine, query: UsageQuery): Promise<UsageGroup[]> {
  const group = GROUPS[query.groupBy];
  const { rows } = await sql<UsageRow>`
    SELECT ${group} AS name, ${SUMS} FROM ${CHARGED_USAGE}
    WHERE ${sql.join(conditions(query), sql` AND `)}
    GROUP BY ${group}, e.currency
  `.execute(engine.db);
  const groups = new Map<string, UsageGroup>();
  for (const row of rows) addRow(groups, groupName(query, row.name), row);
  return [...groups.values()].toSorted((a, b) => (a.group < b.group ? -1 : 1));
}

export async function usageCells(engine: SqlEngine, filter: UsageFilter): Promise<UsageCell[]> {
  const day = sql`u.finished_at / ${sql.lit(DAY_MS)}`;
  const { rows } = await sql<CellRow>`
    SELECT ${day} AS day, u.model, u.account_id, u.key_id, ${SUMS} FROM ${CHARGED_USAGE}
    WHERE ${sql.join(conditions(filter), sql` AND `)}
    GROUP BY ${day}, u.model, u.account_id, u.key_id, e.currency
    ORDER BY ${day}, u.model, u.key_id, e.currency
  `.execute(engine.db);
  const cells = new Map<string, UsageCell>();
  for (const row of rows) {
    const { model, account_id: accountId, key_id: keyId } = row;
    const key = JSON.stringify([String(row.day), model, accountId, keyId]);
    const cell = cells.get(key) ?? {
      day: dayName(row.day),
      model,
      accountId,
      keyId,
      ...NONE,
      cost: {},
    };
    addSums(cell, row);
    cells.set(key, cell);
  }
  return [...cells.values()];
}

/** One look into the index per key, however much it was used. */
export async function lastUses(
  engine: SqlEngine,
  keyIds: readonly string[],
): Promise<Map<string, Date>> {
  const ids = engine.jsonRows(keyIds.map((id) => [id]));
  const { rows } = await sql<{ id: string; at: bigint | null }>`
    SELECT k.id, (SELECT max(u.finished_at) FROM usage_records AS u WHERE u.key_id = k.id) AS at
    FROM (SELECT j.value ->> 0 AS id FROM ${ids} AS j) AS k
  `.execute(engine.db);
  return new Map(rows.flatMap(({ id, at }) => (at === null ? [] : [[id, new Date(Number(at))]])));
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

function conditions({ accountId, keyId, from, to }: UsageFilter): RawBuilder<unknown>[] {
  return [
    sql`1 = 1`,
    ...(accountId === undefined ? [] : [sql`u.account_id = ${accountId}`]),
    ...(keyId === undefined ? [] : [sql`u.key_id = ${keyId}`]),
    ...(from === undefined ? [] : [sql`u.finished_at >= ${BigInt(from.getTime())}`]),
    ...(to === undefined ? [] : [sql`u.finished_at < ${BigInt(to.getTime())}`]),
  ];
}

function groupName({ groupBy }: UsageQuery, name: string): string {
  return groupBy === 'day' ? dayName(name) : name;
}

function dayName(daysSince1970: string | bigint): string {
  return new Date(Number(daysSince1970) * DAY_MS).toISOString().slice(0, 10);
}

const NONE = {
  requests: 0,
  promptTokens: 0,
  cacheHitTokens: 0,
  completionTokens: 0,
  reasoningTokens: 0,
};

function addRow(groups: Map<string, UsageGroup>, name: string, row: UsageSums): void {
  const group = groups.get(name) ?? { group: name, ...NONE, cost: {} };
  addSums(group, row);
  groups.set(name, group);
}

function addSums(sums: Omit<UsageGroup, 'group'>, row: UsageSums): void {
  sums.requests += Number(row.requests);
  sums.promptTokens += Number(row.prompt);
  sums.cacheHitTokens += Number(row.hit);
  sums.completionTokens += Number(row.completion);
  sums.reasoningTokens += Number(row.reasoning);
  sums.cost[row.currency] = (sums.cost[row.currency] ?? 0n) + row.cost;
}
