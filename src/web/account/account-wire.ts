// JSON of /web/v1/account: what the holder of a key may know about it, without administrating.

export interface OwnAccount {
  key: {
    id: string;
    name: string;
    tail: string;
    /** null = the server's default. */
    profile: string | null;
    leniencies: string[];
    max_concurrency: number | null;
    created_at: string;
    expires_at: string | null;
    last_used_at: string | null;
  };
  account: { id: string; name: string; unlimited: boolean };
  is_available: boolean;
  balance_infos: {
    currency: string;
    total_balance: string;
    granted_balance: string;
    topped_up_balance: string;
  }[];
}

/** One key with one model on one UTC day. */
export interface UsageCellInfo {
  day: string;
  model: string;
  key: string;
  requests: number;
  prompt_tokens: number;
  prompt_cache_hit_tokens: number;
  completion_tokens: number;
  reasoning_tokens: number;
  /** Exact decimal text by currency. */
  cost: Record<string, string>;
}

/** GET /account/usage?from=&to=&scope=key|account, days as `2026-11-23`, `to` included. */
export interface OwnUsage {
  data: UsageCellInfo[];
  /** Names of the keys in it. */
  keys: { id: string; name: string; tail: string }[];
}
