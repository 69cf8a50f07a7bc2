// The request log, the live view and the cache explainer under /web/v1 (docs/web-api.md). JSON, snake
// case, times as ISO 8601, durations in milliseconds unless the name says otherwise. A key sees its
// own requests, an operator all.

// GET /requests?limit=&cursor=&key=&status=&model= -----------------------------------------------
export type RequestState = 'preparing' | 'queued' | 'prefill' | 'decode' | 'ending' | 'ended';

export interface LoggedKey {
  id: string;
  /** null: it is not in the store any more. */
  name: string | null;
  tail: string | null;
  account_id: string;
}

export interface RequestRow {
  trace_id: string;
  started_at: string;
  state: RequestState;
  /** null: no key was accepted. */
  key: LoggedKey | null;
  /** Path pattern, e.g. `/v1/chat/completions`. */
  route: string;
  /** `chat`, `fim`, `anthropic`, `responses`; null when the request was refused before. */
  door: string | null;
  /** The API's name, e.g. `deepseek-reasoner`. */
  model: string | null;
  stream: boolean | null;
  /** HTTP status; null while it runs. */
  status: number | null;
  duration_ms: number;
  first_token_ms: number | null;
  prompt_tokens: number | null;
  cache_hit_tokens: number | null;
  completion_tokens: number | null;
  reasoning_tokens: number | null;
  /** Mean after the first token; null before it. */
  tokens_per_second: number | null;
  finish_reason: string | null;
  error: { type: string; message: string | null } | null;
  /** Why the exchange was cut, if it was. */
  abort_reason: string | null;
}

/** `running`, `ok` (below 400), `error` (400 and above, or cut), or a status code. */
export interface RequestPage {
  data: RequestRow[];
  /** For the next page; null = this was the last. */
  cursor: string | null;
}

// GET /requests/:trace ---------------------------------------------------------------------------
/**
 * In the order in which they happen, without gaps: their durations add up to the request's.
 * `prefill`: from its place among the running to its first token.
 */
export type SpanName =
  'receive' | 'validate' | 'render' | 'queue' | 'prefill' | 'decode' | 'ledger' | 'deliver';

export interface TraceSpan {
  name: SpanName;
  start_ms: number;
  duration_ms: number;
}

/** What was charged; amounts are exact decimal text. */
export interface LedgerCharge {
  transaction: string;
  created_at: string;
  amounts: { currency: string; amount: string }[];
}

/** Why content is not at hand. `running`: not yet. */
export type ContentGap = 'off' | 'too-large' | 'dropped' | 'none' | 'running';

export interface RequestTrace extends RequestRow {
  method: string;
  spans: TraceSpan[];
  leniencies: string[];
  /** Card id of the weights, or of the upstream that served. */
  served_by: string | null;
  /** null: not charged, or not yet. */
  ledger: LedgerCharge | null;
  has_body: boolean;
  /** The conversation that a replay makes can be made. */
  can_replay: boolean;
}

// GET /requests/:trace/body ----------------------------------------------------------------------
export interface RequestContent {
  /** As it came, as text. */
  request: string | null;
  request_gap: ContentGap | null;
  reply: {
    reasoning: string;
    content: string;
    tool_calls: { id: string; name: string; arguments: string }[];
    /** More was said than is kept. */
    is_cut: boolean;
  } | null;
  reply_gap: ContentGap | null;
}

// POST /requests/:trace/replay -------------------------------------------------------------------
export interface Replayed {
  conversation_id: string;
  /** What of the request a conversation cannot hold, in words for each. */
  notes: string[];
}

// GET /requests/:trace/cache ---------------------------------------------------------------------
/**
 * Why a prompt was not found in the context cache. Not a miss worth the name: `hit` (all but the last
 * block), `short-prompt`, `first-request`, `new-content`, `reasoning-left-out` (the format drops the
 * reasoning of answered questions). The rest costs money.
 */
export type CacheCause =
  | 'hit'
  | 'short-prompt'
  | 'first-request'
  | 'new-content'
  | 'reasoning-left-out'
  | 'not-remembered'
  | 'not-finished-yet'
  | 'evicted'
  | 'time-in-prompt'
  | 'id-in-prompt'
  | 'number-in-prompt'
  | 'tools-changed'
  | 'tools-reordered'
  | 'json-key-order'
  | 'arguments-key-order'
  | 'reasoning-changed'
  | 'mode-changed'
  | 'history-truncated'
  | 'system-changed'
  | 'message-edited'
  | 'reply-changed'
  | 'retokenised';

/** Part of the conversation. `tools`: the definitions; `results`: of tools. */
export type PromptPart =
  'system' | 'tools' | 'user' | 'mark' | 'reasoning' | 'answer' | 'calls' | 'results';

export interface CacheDifference {
  /** The first token that differs, and the 64-token block in which it lies, from 0. */
  token: number;
  block: number;
  /** Where it lies in this prompt; in the earlier one, which may have ended. */
  part: PromptPart;
  earlier_part: PromptPart | null;
  role: 'system' | 'user' | 'assistant' | 'tool';
  /** Which question it belongs to, from 1; 0 = before the first. */
  question: number;
  /** Same on both sides: some tokens before, and the block up to the difference. */
  before: string;
  /** The rest of the block on each side; null = another key's, which this caller may not read. */
  earlier: string | null;
  current: string;
}

export interface CacheReport {
  trace_id: string;
  prompt_tokens: number;
  hit_tokens: number;
  miss_tokens: number;
  /** What the earlier prompt promised: whole blocks of what both have in common. */
  expected_hit_tokens: number;
  cause: CacheCause;
  /** Names of tools that were added, removed, changed. */
  tools: { added: string[]; removed: string[]; changed: string[] } | null;
  /** Something can be done about it. */
  is_avoidable: boolean;
  earlier: {
    trace_id: string | null;
    started_at: string;
    common_tokens: number;
    is_own_key: boolean;
  } | null;
  difference: CacheDifference | null;
  /** Tokens that would have been hits, and what they cost more than hits, at list price. */
  lost: { tokens: number; money: Record<string, string> };
}

// GET /live: server-sent events for operators, one `live` event a second ---------------------------
export interface LiveRequest {
  trace_id: string;
  key: LoggedKey | null;
  model: string | null;
  state: Exclude<RequestState, 'ended'>;
  age_ms: number;
  prompt_tokens: number | null;
  cache_hit_tokens: number | null;
  completion_tokens: number;
  /** Mean after the first token; null before it. */
  tokens_per_second: number | null;
  stream: boolean | null;
}

/** Sums over one second, but `running` and `queued`: the most at one time. */
export interface LivePoint {
  /** Seconds since 1970. */
  at: number;
  output_tokens: number;
  /** Computed; cache hits are apart. */
  prompt_tokens: number;
  cache_hit_tokens: number;
  running: number;
  queued: number;
  ended: number;
  failed: number;
}

export interface LiveHistogram {
  /** Upper ends in seconds, inclusive; the last bucket has none. */
  bounds: number[];
  /** One more than bounds. */
  counts: number[];
}

export interface LiveEngine {
  waiting: number;
  running: number;
  batch_size: number;
  cache_bytes: number;
  cache_budget_bytes: number;
  resident_bytes: number | null;
  prefill_tokens: number;
  decode_tokens: number;
  prefill_seconds: number;
  decode_seconds: number;
  preemptions: number;
  restarts: number;
  drafted_tokens: number;
  accepted_tokens: number;
  dense_tokens: number;
  sparse_tokens: number;
  /** null: there is no context cache. */
  context_cache: {
    prompt_tokens: number;
    ram_hit_tokens: number;
    disk_hit_tokens: number;
    ram_bytes: number;
    ram_evictions: number;
    disk_bytes: number | null;
    disk_evictions: number;
  } | null;
}

export interface LiveReport {
  at: string;
  running: number;
  queued: number;
  max_running: number;
  requests: LiveRequest[];
  /** null: others compute, or the engine did not answer. */
  engine: LiveEngine | null;
  upstreams: { endpoint: string; in_flight: number; counts: Record<string, number> }[];
  components: {
    name: string;
    status: 'operational' | 'degraded' | 'down';
    detail: string | null;
  }[];
  /** Of the last ten minutes. */
  latency: { first_token: LiveHistogram; per_token: LiveHistogram; total: LiveHistogram };
  /** Whole seconds since the last event, oldest first; of the first event the last ten minutes. */
  series: LivePoint[];
}
