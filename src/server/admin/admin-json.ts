// Records of the store as the admin API shows them: snake case, money as exact decimal text. The page
// imports the types.

import type {
  AccountLedgerLine,
  AccountRecord,
  KeyRecord,
  LedgerRow,
  RecomputedAccount,
  UsageCell,
  UsageGroup,
} from '../../store/admin-types.js';
import { balanceJson, formatMoneyExactly } from '../../store/money.js';
import type { Balance } from '../../store/types.js';

export type AccountJson = ReturnType<typeof accountJson>;
export type KeyJson = ReturnType<typeof keyJson>;
export type BalanceJson = ReturnType<typeof accountBalanceJson>;
export type UsageCellJson = ReturnType<typeof usageCellJson>;
export type AccountLedgerLineJson = ReturnType<typeof accountLedgerJson>;
export type RecomputedAccountJson = ReturnType<typeof recomputedJson>;

/** GET /admin/audit */
export interface AuditJson {
  is_sound: boolean;
  transactions: number;
  entries: number;
  usage_records: number;
  problems: string[];
}

export function accountJson({ id, name, unlimited, createdAt }: AccountRecord) {
  return { id, name, unlimited, created_at: createdAt.toISOString() };
}

/** Never the key itself, of which only a digest is kept. */
export function keyJson(record: KeyRecord, lastUse: Date | undefined) {
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
    last_used_at: lastUse?.toISOString() ?? null,
  };
}

export function accountBalanceJson(account: string, balance: Balance) {
  return { account, ...balanceJson(balance) };
}

export function usageJson({ group, ...sums }: UsageGroup) {
  return { group, ...sumsJson(sums) };
}

export function usageCellJson({ day, model, accountId, keyId, ...sums }: UsageCell) {
  return { day, model, account: accountId, key: keyId, ...sumsJson(sums) };
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

export function accountLedgerJson({ request, balance, ...line }: AccountLedgerLine) {
  return {
    transaction: line.transactionId,
    kind: line.kind,
    created_at: line.createdAt.toISOString(),
    currency: line.currency,
    amount: formatMoneyExactly(line.amount),
    balance: balance === undefined ? null : formatMoneyExactly(balance),
    note: line.note ?? null,
    request: request
      ? {
          id: request.id,
          model: request.model,
          key: request.keyId,
          prompt_tokens: request.promptTokens,
          prompt_cache_hit_tokens: request.cacheHitTokens,
          completion_tokens: request.completionTokens,
        }
      : null,
  };
}

export function recomputedJson(account: RecomputedAccount) {
  return {
    account: account.accountId,
    currency: account.currency,
    requests: account.requests,
    differing_requests: account.differingRequests,
    granted: formatMoneyExactly(account.granted),
    topped_up: formatMoneyExactly(account.toppedUp),
    expired: formatMoneyExactly(account.expired),
    charged: formatMoneyExactly(account.charged),
    recomputed: formatMoneyExactly(account.recomputed),
    charge_difference: formatMoneyExactly(account.charged - account.recomputed),
    entries: formatMoneyExactly(account.entries),
    balance: formatMoneyExactly(account.balance),
    balance_difference: formatMoneyExactly(account.balance - account.entries),
  };
}

function sumsJson({ cost, ...counts }: Omit<UsageGroup, 'group'>) {
  return {
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
