// From usage records to ledger transactions: one per record, with the same id, whatever is handed in
// twice.

import { sql } from 'kysely';
import { type Charge, charge, type Payer } from './charge.js';
import { type LedgerTransaction, platformEntry, post, readLots, timeOrderedId } from './ledger.js';
import type { Prices } from './prices.js';
import type { Trx } from './schema.js';
import type { SqlEngine } from './sql-engine.js';
import type { UsageRecord } from './types.js';

interface PostingOptions {
  engine: SqlEngine;
  prices: Prices;
  now: number;
}

/** Contract: the caller holds the writers' lock. */
export async function postUsage(
  trx: Trx,
  records: readonly UsageRecord[],
  { engine, prices, now }: PostingOptions,
): Promise<void> {
  const fresh = await withoutKnown(engine, trx, records);
  const payers = await readPayers(engine, trx, fresh);
  const transactions = fresh.map((usage) => {
    const made = charge(payers.get(usage.accountId)!, usage, prices);
    return chargeTransaction(usage, made, now);
  });
  await insertUsage(engine, trx, fresh);
  await post(engine, trx, transactions);
}

async function withoutKnown(
  engine: SqlEngine,
  trx: Trx,
  records: readonly UsageRecord[],
): Promise<UsageRecord[]> {
  // Of two with one id the first counts, here as in the table.
  const byId = new Map(records.toReversed().map((record) => [record.requestId, record]));
  const { rows } = await sql<{ request_id: string }>`
    SELECT request_id FROM usage_records WHERE request_id IN
      (SELECT j.value ->> 0 FROM ${engine.jsonRows([...byId.keys()].map((id) => [id]))} AS j)
  `.execute(trx);
  for (const { request_id } of rows) byId.delete(request_id);
  return records.filter((record) => byId.get(record.requestId) === record);
}

async function readPayers(
  engine: SqlEngine,
  trx: Trx,
  records: readonly UsageRecord[],
): Promise<Map<string, Payer>> {
  const ids = [...new Set(records.map(({ accountId }) => accountId))];
  const lots = await readLots(engine, trx, ids);
  const { rows } = await sql<{ id: string }>`
    SELECT id FROM accounts WHERE unlimited = 1 AND id IN
      (SELECT j.value ->> 0 FROM ${engine.jsonRows(ids.map((id) => [id]))} AS j)
  `.execute(trx);
  const unlimited = new Set(rows.map(({ id }) => id));
  return new Map(
    ids.map((accountId) => [
      accountId,
      { accountId, isUnlimited: unlimited.has(accountId), lots: lots.get(accountId) ?? [] },
    ]),
  );
}

function chargeTransaction(
  { requestId, accountId }: UsageRecord,
  { currency, payments }: Charge,
  now: number,
): LedgerTransaction {
  const total = payments.reduce((sum, { amount }) => sum + amount, 0n);
  return {
    // In the order of time, unlike request ids: neighbours in the indexes, and so fewer pages.
    id: timeOrderedId('charge', now),
    kind: 'charge',
    accountId,
    requestId,
    createdAt: now,
    currency,
    entries: [
      ...payments.map(({ ledgerAccount, kind, amount }) => ({
        ledgerAccount,
        kind,
        accountId,
        amount: -amount,
      })),
      platformEntry('revenue', currency, total),
    ],
  };
}

async function insertUsage(
  engine: SqlEngine,
  trx: Trx,
  records: readonly UsageRecord[],
): Promise<void> {
  if (records.length === 0) return;
  const rows = records.map((usage) => [
    usage.requestId,
    usage.accountId,
    usage.keyId,
    usage.door,
    usage.model,
    ...[usage.finishReason, usage.startedAt.getTime(), usage.finishedAt.getTime()].map(String),
    ...[usage.stream ? 1 : 0, usage.promptTokens, usage.cacheHitTokens].map(String),
    ...[usage.completionTokens, usage.reasoningTokens].map(String),
  ]);
  const int = (column: number) => sql`CAST(j.value ->> ${sql.lit(column)} AS BIGINT)`;
  await sql`
    INSERT INTO usage_records (request_id, account_id, key_id, door, model, finish_reason,
      started_at, finished_at, stream, prompt_tokens, cache_hit_tokens, completion_tokens,
      reasoning_tokens)
    SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 3, j.value ->> 4, j.value ->> 5,
      ${sql.join([6, 7, 8, 9, 10, 11, 12].map(int))}
    FROM ${engine.jsonRows(rows)} AS j
  `.execute(trx);
}
