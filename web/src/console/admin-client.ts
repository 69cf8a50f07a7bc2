// The admin API as the console's pages call it, with the session; types are those of the server.

import type {
  AccountJson,
  AccountLedgerLineJson,
  AuditJson,
  BalanceJson,
  KeyJson,
  RecomputedAccountJson,
  UsageCellJson,
} from '../../../src/server/admin/admin-json.js';
import { call } from '../api/http.js';

export interface KeyLimitsBody {
  name?: string;
  profile?: string | null;
  leniencies?: string[];
  max_concurrency?: number | null;
  expires_at?: string | null;
}

export interface NewKeyBody {
  account: string;
  name?: string;
  profile?: string;
  leniencies?: string[];
  max_concurrency?: number;
  expires_at?: string;
}

export interface MoneyInBody {
  kind: 'grant' | 'top-up';
  currency: 'CNY' | 'USD';
  amount: string;
  note?: string;
  idempotency_key: string;
  expires_at?: string;
}

export interface LedgerPageJson {
  data: AccountLedgerLineJson[];
  cursor: string | null;
}

interface List<T> {
  data: T[];
}

const at = (strings: TemplateStringsArray, ...values: string[]) =>
  String.raw({ raw: strings }, ...values.map(encodeURIComponent));

export const adminClient = {
  accounts: async (signal?: AbortSignal) =>
    (await call<List<AccountJson>>('/admin/accounts', { ...(signal && { signal }) })).data,
  createAccount: (body: { name: string; unlimited: boolean }) =>
    call<AccountJson>('/admin/accounts', { method: 'POST', body }),
  balances: async (signal?: AbortSignal) =>
    (await call<List<BalanceJson>>('/admin/balances', { ...(signal && { signal }) })).data,
  addMoney: (account: string, body: MoneyInBody) =>
    call(at`/admin/accounts/${account}/balance`, { method: 'POST', body }),
  keys: async (signal?: AbortSignal) =>
    (await call<List<KeyJson>>('/admin/keys', { ...(signal && { signal }) })).data,
  createKey: (body: NewKeyBody) =>
    call<KeyJson & { key: string }>('/admin/keys', { method: 'POST', body }),
  changeKey: (id: string, body: KeyLimitsBody) =>
    call<KeyJson>(at`/admin/keys/${id}`, { method: 'PATCH', body }),
  revokeKey: (id: string) => call<KeyJson>(at`/admin/keys/${id}`, { method: 'DELETE' }),
  usageCells: async (query: Record<string, string>, signal?: AbortSignal) => {
    const path = `/admin/usage/cells?${new URLSearchParams(query).toString()}`;
    return (await call<List<UsageCellJson>>(path, { ...(signal && { signal }) })).data;
  },
  ledgerPage: (account: string, query: Record<string, string>, signal?: AbortSignal) =>
    call<LedgerPageJson>(
      at`/admin/accounts/${account}/ledger` + `?${new URLSearchParams(query).toString()}`,
      { ...(signal && { signal }) },
    ),
  audit: () => call<AuditJson>('/admin/audit'),
  recomputed: async () => (await call<List<RecomputedAccountJson>>('/admin/audit/accounts')).data,
};
