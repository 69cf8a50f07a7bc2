// The schema's history, forward only. A step that was released is never edited: its hash is in the
// databases that applied it. `!append-only <table>` is the one thing written per database.

export interface Migration {
  name: string;
  statements: readonly string[];
}

export const MIGRATIONS: readonly Migration[] = [
  {
    name: '0001-accounts-and-keys',
    statements: [
      `CREATE TABLE accounts (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        unlimited BIGINT NOT NULL,
        created_at BIGINT NOT NULL
      )`,
      `CREATE TABLE api_keys (
        id TEXT PRIMARY KEY,
        account_id TEXT NOT NULL REFERENCES accounts (id),
        name TEXT NOT NULL,
        digest TEXT NOT NULL UNIQUE,
        last4 TEXT NOT NULL,
        profile TEXT,
        leniencies TEXT NOT NULL,
        max_concurrency BIGINT,
        created_at BIGINT NOT NULL,
        expires_at BIGINT,
        revoked_at BIGINT
      )`,
      `CREATE TABLE store_state (
        id BIGINT PRIMARY KEY,
        admin_version BIGINT NOT NULL,
        ledger_version BIGINT NOT NULL
      )`,
      'INSERT INTO store_state (id, admin_version, ledger_version) VALUES (1, 0, 0)',
    ],
  },
  {
    name: '0002-usage-and-ledger',
    statements: [
      // No references to accounts or keys: usage is money, and is taken whatever else is missing.
      `CREATE TABLE usage_records (
        request_id TEXT PRIMARY KEY,
        account_id TEXT NOT NULL,
        key_id TEXT NOT NULL,
        door TEXT NOT NULL,
        model TEXT NOT NULL,
        started_at BIGINT NOT NULL,
        finished_at BIGINT NOT NULL,
        finish_reason TEXT NOT NULL,
        stream BIGINT NOT NULL,
        prompt_tokens BIGINT NOT NULL,
        cache_hit_tokens BIGINT NOT NULL,
        completion_tokens BIGINT NOT NULL,
        reasoning_tokens BIGINT NOT NULL
      )`,
      'CREATE INDEX usage_by_account ON usage_records (account_id, finished_at)',
      `CREATE TABLE ledger_accounts (
        name TEXT PRIMARY KEY,
        account_id TEXT,
        kind TEXT NOT NULL,
        currency TEXT NOT NULL,
        expires_at BIGINT,
        balance BIGINT NOT NULL
      )`,
      'CREATE INDEX ledger_accounts_by_account ON ledger_accounts (account_id)',
      'CREATE INDEX ledger_accounts_by_expiry ON ledger_accounts (expires_at)',
      `CREATE TABLE ledger_transactions (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        account_id TEXT NOT NULL,
        request_id TEXT UNIQUE,
        note TEXT,
        created_at BIGINT NOT NULL
      )`,
      'CREATE INDEX transactions_by_account ON ledger_transactions (account_id, created_at)',
      `CREATE TABLE ledger_entries (
        transaction_id TEXT NOT NULL REFERENCES ledger_transactions (id),
        line BIGINT NOT NULL,
        ledger_account TEXT NOT NULL REFERENCES ledger_accounts (name),
        currency TEXT NOT NULL,
        amount BIGINT NOT NULL,
        PRIMARY KEY (transaction_id, line)
      )`,
      'CREATE INDEX entries_by_ledger_account ON ledger_entries (ledger_account)',
      '!append-only usage_records',
      '!append-only ledger_transactions',
      '!append-only ledger_entries',
    ],
  },
  {
    name: '0003-reasoning',
    statements: [
      `CREATE TABLE reasoning_entries (
        id TEXT PRIMARY KEY,
        tenant TEXT NOT NULL,
        sealed TEXT NOT NULL,
        bytes BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL
      )`,
      'CREATE INDEX reasoning_by_tenant ON reasoning_entries (tenant, created_at, bytes)',
      'CREATE INDEX reasoning_by_expiry ON reasoning_entries (expires_at)',
      `CREATE TABLE reasoning_lookups (
        lookup TEXT PRIMARY KEY,
        entry_id TEXT NOT NULL REFERENCES reasoning_entries (id) ON DELETE CASCADE
      )`,
      'CREATE INDEX lookups_by_entry ON reasoning_lookups (entry_id)',
    ],
  },
  {
    name: '0004-web',
    statements: [
      `CREATE TABLE web_sessions (
        digest TEXT PRIMARY KEY,
        key_id TEXT,
        operator_digest TEXT,
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL
      )`,
      'CREATE INDEX sessions_by_expiry ON web_sessions (expires_at)',
      // Rows per message: a long conversation is never written or read as one text.
      `CREATE TABLE conversations (
        id TEXT PRIMARY KEY,
        key_id TEXT NOT NULL,
        title TEXT NOT NULL,
        folded_title TEXT NOT NULL,
        folder TEXT,
        tags TEXT NOT NULL,
        settings TEXT NOT NULL,
        head_id TEXT,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL
      )`,
      'CREATE INDEX conversations_by_key ON conversations (key_id, updated_at, id)',
      `CREATE TABLE conversation_messages (
        id TEXT PRIMARY KEY,
        conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        parent_id TEXT,
        role TEXT NOT NULL,
        body TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        position BIGINT NOT NULL,
        folded_text TEXT NOT NULL
      )`,
      'CREATE INDEX messages_by_conversation ON conversation_messages (conversation_id, position)',
      `CREATE TABLE conversation_files (
        id TEXT PRIMARY KEY,
        conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        media_type TEXT NOT NULL,
        bytes BIGINT NOT NULL,
        characters BIGINT NOT NULL,
        tokens BIGINT NOT NULL,
        sent BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        text TEXT NOT NULL
      )`,
      'CREATE INDEX files_by_conversation ON conversation_files (conversation_id)',
      `CREATE TABLE tool_servers (
        id TEXT PRIMARY KEY,
        key_id TEXT NOT NULL,
        name TEXT NOT NULL,
        url TEXT NOT NULL,
        sealed_headers TEXT NOT NULL,
        created_at BIGINT NOT NULL
      )`,
      'CREATE INDEX tool_servers_by_key ON tool_servers (key_id, created_at)',
    ],
  },
  {
    name: '0005-usage-by-key',
    statements: ['CREATE INDEX usage_by_key ON usage_records (key_id, finished_at)'],
  },
];
