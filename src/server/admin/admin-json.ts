// Records of the store as the admin API shows them: snake case, money as exact decimal text.

import type { AccountRecord, KeyRecord, LedgerRow, UsageGroup } from '../../store/admin-types.js';
import { formatMoneyExactly } from '../../store/money.js';

export function accountJson({ id, name, unlimited, createdAt }: AccountRecord) {
  return { id, name, unlimited, created_at: createdAt.toISOString() };
}

/** Never the key itself, of which only a digest is kept. */
export function keyJson(record: KeyRecord) {
  return {
    id: record.id,
    account: record.accountId,
    name: record.name,
    tail: `****${record.last4}`,
    profile: record.profile ?? null,
    leniencies: record.leniencies,
    max_concurrency: record.maxConcurrency ?? null,
    created_at: record.createdAt.toISOString(),
    expires_at: record.expiresAt?.toISOString() ?? null,
    revoked_at: record.revokedAt?.toISOString() ?? null,
  };
}

export function usageJson({ cost, ...counts }: UsageGroup) {
  return {
    group: counts.group,
    requests: counts.requests,
    prompt_tokens: counts.promptTokens,
    prompt_cache_hit_tokens: counts.cacheHitTokens,
    completion_tokens: counts.completionTokens,
    reasoning_tokens: counts.reasoningTokens,
    cost: Object.fromEntries(
      Object.entries(cost).map(([currency, nano]) => [currency, formatMoneyExactly(nano)]),
    ),
  };
}

export function ledgerJson(row: LedgerRow) {
  return {
    transaction: row.transactionId,
    kind: row.kind,
    created_at: row.createdAt.toISOString(),
    account: row.ledgerAccount,
    currency: row.currency,
    amount: formatMoneyExactly(row.amount),
    note: row.note ?? null,
  };
}
