// What the platform remembers: accounts, keys, money, usage. The server sees this file and
// open-platform.ts; SQL is below. Amounts are bigint nano-units of a currency (1e-9), so that one
// token's price is a whole number (0.028 per million = 28 nano).

export type Currency = 'CNY' | 'USD';

/** Who a key stands for. A snapshot: `Platform.identify` gives a current one per request. */
export interface Principal {
  keyId: string;
  accountId: string;
  /** Cache isolation; equal to the account, so that an account's keys share its prefix cache. */
  tenant: string;
  /** undefined = the server's default profile. */
  profile: string | undefined;
  /** Leniencies added to the profile's. */
  leniencies: readonly string[];
  /** Requests at once; undefined = the server's default. */
  maxConcurrency: number | undefined;
  /** False when the account is prepaid and used up (api reference §1.4: 402). */
  canSpend: boolean;
}

export interface BalanceInfo {
  currency: Currency;
  /** Nano-units. total = granted + toppedUp. */
  granted: bigint;
  toppedUp: bigint;
}

export interface Balance {
  /** Enough for API calls; always true for an unlimited account. */
  isAvailable: boolean;
  infos: BalanceInfo[];
}

/** One answered request, as it is billed. Written once, when the reply is complete or was cut. */
export interface UsageRecord {
  /** The trace id: unique, so that writing it again changes nothing. */
  requestId: string;
  accountId: string;
  keyId: string;
  door: string;
  /** API name that served it, e.g. `deepseek-reasoner`. */
  model: string;
  startedAt: Date;
  finishedAt: Date;
  finishReason: string;
  stream: boolean;
  promptTokens: number;
  cacheHitTokens: number;
  completionTokens: number;
  reasoningTokens: number;
}

/** Finds a reasoning again: by the ids of the calls it led to, or by the conversation before it. */
export interface ReasoningKey {
  callIds: readonly string[];
  /** Digest of the messages before the assistant turn and of its calls' names and arguments. */
  prefixDigest: string;
}

/** What the server does per request. Kept apart from administration, which has a type of its own. */
export interface Platform {
  /**
   * undefined = unknown, revoked or expired. Answers from memory while nothing changed; a change
   * by this or another process counts at once (libSQL) or within a second (PostgreSQL).
   * @throws PlatformUnavailableError when the database cannot be asked.
   */
  identify(key: string): Promise<Principal | undefined>;
  /** As `identify`, by the id of a key that was proven before (a session's). */
  identifyById(keyId: string): Promise<Principal | undefined>;
  balance(accountId: string): Promise<Balance>;
  /**
   * Resolves when the record is durable: from then on it survives kill -9 and is billed exactly
   * once, even while the database is away.
   * @throws PlatformUnavailableError when not even the local journal can take it.
   */
  record(usage: UsageRecord): Promise<void>;
  /** Best effort: a failure is logged, never thrown. */
  rememberReasoning(tenant: string, key: ReasoningKey, reasoning: string): Promise<void>;
  recallReasoning(tenant: string, key: ReasoningKey): Promise<string | undefined>;
  /** For /status and metrics. */
  health(): { status: 'ready' | 'degraded' | 'down'; detail?: string; journalDepth: number };
  close(): Promise<void>;
}

/** The database is away, or the journal is full. The request may be tried again later. */
export class PlatformUnavailableError extends Error {
  override name = 'PlatformUnavailableError';
}
