// The tables as kysely sees them. Every whole number is a 64-bit integer in both databases and a
// bigint here; times are milliseconds since 1970, money is nano-units, flags are 0 or 1.

import type { ColumnType, Kysely, Transaction } from 'kysely';
import type { Currency } from './types.js';

type Int = ColumnType<bigint, bigint | number, bigint | number>;
type NullableInt = ColumnType<
  bigint | null,
  bigint | number | null | undefined,
  bigint | number | null
>;

export interface Tables {
  accounts: { id: string; name: string; unlimited: Int; created_at: Int };
  api_keys: {
    id: string;
    account_id: string;
    name: string;
    /** SHA-256 of the key, hex. The key itself is nowhere. */
    digest: string;
    last4: string;
    profile: string | null;
    /** JSON array of names. */
    leniencies: string;
    max_concurrency: NullableInt;
    created_at: Int;
    expires_at: NullableInt;
    revoked_at: NullableInt;
  };
  usage_records: {
    request_id: string;
    account_id: string;
    key_id: string;
    door: string;
    model: string;
    started_at: Int;
    finished_at: Int;
    finish_reason: string;
    stream: Int;
    prompt_tokens: Int;
    cache_hit_tokens: Int;
    completion_tokens: Int;
    reasoning_tokens: Int;
  };
  ledger_accounts: {
    name: string;
    /** null for the platform's own accounts. */
    account_id: string | null;
    kind: LedgerAccountKind;
    currency: Currency;
    /** Of a grant that expires. */
    expires_at: NullableInt;
    /** Always the sum of the entries; kept so that a charge reads one row. */
    balance: Int;
  };
  ledger_transactions: {
    id: string;
    kind: TransactionKind;
    account_id: string;
    /** The usage record of a charge. */
    request_id: string | null;
    note: string | null;
    created_at: Int;
  };
  ledger_entries: {
    transaction_id: string;
    line: Int;
    ledger_account: string;
    currency: Currency;
    amount: Int;
  };
  /** One row: counters that tell other processes that something they cache has changed. */
  store_state: { id: Int; admin_version: Int; ledger_version: Int };
  reasoning_entries: {
    id: string;
    tenant: string;
    /** base64 of nonce, tag and ciphertext. */
    sealed: string;
    bytes: Int;
    created_at: Int;
    expires_at: Int;
  };
  /** HMAC of a call id or prefix digest -> entry. */
  reasoning_lookups: { lookup: string; entry_id: string };
  web_sessions: {
    /** SHA-256 of the cookie. */
    digest: string;
    key_id: string | null;
    /** SHA-256 of the administrator's key that the session was opened with: another key ends it. */
    operator_digest: string | null;
    created_at: Int;
    expires_at: Int;
  };
  conversations: {
    id: string;
    key_id: string;
    title: string;
    /** What search looks at: case is folded here, since the databases fold differently. */
    folded_title: string;
    folder: string | null;
    /** JSON array. */
    tags: string;
    /** JSON object. */
    settings: string;
    head_id: string | null;
    created_at: Int;
    updated_at: Int;
  };
  conversation_messages: {
    id: string;
    conversation_id: string;
    parent_id: string | null;
    role: string;
    /** JSON object: what the role has beside the other columns. */
    body: string;
    created_at: Int;
    /** Ascending in the order in which messages of one conversation came. */
    position: Int;
    /** What search looks at, case folded; the last column, so that reading never passes over it. */
    folded_text: string;
  };
  conversation_files: {
    id: string;
    conversation_id: string;
    name: string;
    media_type: string;
    bytes: Int;
    characters: Int;
    tokens: Int;
    /** Whether a message holds it: then it stays. */
    sent: Int;
    created_at: Int;
    text: string;
  };
  tool_servers: {
    id: string;
    key_id: string;
    name: string;
    url: string;
    sealed_headers: string;
    created_at: Int;
  };
}

export type LedgerAccountKind =
  'granted' | 'topped_up' | 'credit' | 'revenue' | 'grants' | 'deposits';

export type TransactionKind = 'grant' | 'top-up' | 'charge' | 'expire';

export type Db = Kysely<Tables>;
export type Trx = Transaction<Tables>;
