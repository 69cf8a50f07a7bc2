// What happens while a question is answered, in the order in which it happens: the reply events of
// one or more requests to the model, and between them the tools. The server sends these as
// server-sent events with ascending ids, the page and the store fold them with the same reducer
// (turn.ts). JSON on the wire, so snake case.

/** Tokens and times of one request to the model; sums of them for a whole run. */
export interface RunUsage {
  prompt_tokens: number;
  cache_hit_tokens: number;
  cache_miss_tokens: number;
  /** Reasoning and tool calls included. */
  completion_tokens: number;
  reasoning_tokens: number;
  /** Milliseconds from the request to its first token; of a run, of its first request. */
  first_token_ms: number | null;
  /** Milliseconds from the request to its end. */
  duration_ms: number;
  /** Milliseconds of these in which tokens came; what tokens per second are counted over. */
  generation_ms: number;
  /** Exact decimal text by currency, at list price; empty where nothing is charged (the lab). */
  cost: Record<string, string>;
}

export interface RunError {
  /** HTTP status of the API, or null when the connection failed. */
  status: number | null;
  message: string;
  trace_id: string | null;
}

export type RunStatus = 'completed' | 'stopped' | 'failed';

export type RunEvent =
  | { type: 'run-start'; run_id: string; conversation_id: string | null; started_at: string }
  /** A request to the model begins; it will become the assistant message of this id. */
  | { type: 'round-start'; round: number; message_id: string }
  /** The request waits for its turn; 1 = next. */
  | { type: 'queued'; position: number }
  /** Trace id of the round's request, as soon as its head has come. */
  | { type: 'trace'; trace_id: string }
  | { type: 'reasoning-start' }
  /** `tokens`: how many tokens the text came in, as far as the stream shows. */
  | { type: 'reasoning-delta'; text: string; tokens: number }
  /** `forced`: ended by "answer now". */
  | { type: 'reasoning-end'; duration_ms: number; tokens: number; forced: boolean }
  | { type: 'content-start' }
  | { type: 'content-delta'; text: string; tokens: number }
  | { type: 'content-end' }
  | { type: 'tool-call-start'; call_id: string; name: string; tool: RunTool | null }
  | { type: 'tool-call-delta'; call_id: string; arguments_delta: string }
  | { type: 'tool-call-end'; call_id: string }
  /** The tool waits for a person. */
  | { type: 'tool-approval'; call_id: string }
  | { type: 'tool-approved'; call_id: string; always: boolean }
  /** Followed by a tool-result that tells the model. */
  | { type: 'tool-denied'; call_id: string }
  | { type: 'tool-start'; call_id: string; message_id: string }
  | {
      type: 'tool-progress';
      call_id: string;
      progress: number;
      total: number | null;
      message: string | null;
    }
  | {
      type: 'tool-result';
      call_id: string;
      content: string;
      is_error: boolean;
      duration_ms: number;
      /** The full length in characters, when `content` was cut for the model. */
      full_length: number | null;
    }
  /** Also of a round that was stopped (`stopped`) or failed (`error`). null: usage is not known. */
  | { type: 'round-end'; finish_reason: string; usage: RunUsage | null }
  /** The last event. */
  | { type: 'run-end'; status: RunStatus; error: RunError | null; usage: RunUsage };

/** Where a called tool comes from; null in an event = the model named one that is not on offer. */
export interface RunTool {
  /** `builtin:calculator`, `mcp:<server id>:<tool>` */
  id: string;
  title: string;
  /** The server's name; null for built-in tools. */
  server: string | null;
  writes: boolean;
}
