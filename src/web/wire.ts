// The web API under /web/v1 (docs/web-api.md): what the chat and the console need beside the model's
// own API. JSON, snake case, times as ISO 8601. The page imports these types, so both sides agree.
// Every route takes a session (cookie and x-hadal-web header) or `Authorization: Bearer <key>`.

import type { RunTool, RunUsage } from './run-events.js';

export interface ErrorBody {
  error: { message: string };
}

// GET, POST, DELETE /session ---------------------------------------------------------------------

export interface SessionInfo {
  signed_in: boolean;
  /** null: an operator without a key of their own, or nobody. */
  key: { id: string; name: string; tail: string; account_id: string; account: string } | null;
  is_operator: boolean;
  /** This browser may sign in without a key (first start, same machine). */
  local_sign_in: boolean;
  version: string;
  /** ISO 8601; null when not signed in. */
  expires_at: string | null;
}

/** Exactly one field. `ticket`: from the link that the server prints at its start. */
export type SignIn = { key: string } | { admin_key: string } | { ticket: string } | { local: true };

// GET /catalog -----------------------------------------------------------------------------------

export interface Catalog {
  /** Card id of the weights that are served. */
  model: string;
  context_length: number;
  /** Largest max_tokens of the modes, and what is taken when the request names none. */
  modes: { id: ModelChoice; default_max_tokens: number; max_max_tokens: number }[];
  /** Per million tokens, decimal text, by currency. */
  prices: Record<string, { cache_hit: string; cache_miss: string; output: string }>;
  /** Scenario names of the lab; empty when it is off. */
  lab: string[];
  /** What a new conversation begins with. */
  default_settings: ConversationSettings;
}

/** The V3.2 model, whose thinking is switched; or the Speciale, which always thinks, without tools. */
export type ModelChoice = 'standard' | 'speciale';

// Conversations ----------------------------------------------------------------------------------

export interface ConversationSettings {
  model: ModelChoice;
  thinking: boolean;
  /** Empty = no system message. */
  system: string;
  /** null = the API's default. */
  temperature: number | null;
  max_tokens: number | null;
  /** Ids of the tools that the model is offered. */
  tools: string[];
  /** Which calls wait for a person. */
  approval: 'writes' | 'all' | 'never';
  /** Tools that were approved for good in this conversation. */
  always_allowed: string[];
  /** A scenario of the lab plays the model; null = the real one. */
  lab: string | null;
}

export interface ConversationSummary {
  id: string;
  title: string;
  folder: string | null;
  tags: string[];
  created_at: string;
  updated_at: string;
  /** Text around the first match; null without a search. */
  snippet: string | null;
}

/** GET /conversations/:id. `messages`: all branches, oldest first; without the text of files. */
export interface Conversation extends ConversationSummary {
  settings: ConversationSettings;
  /** The last message of the branch that is shown. */
  head_id: string | null;
  messages: StoredMessage[];
  /** A run that is not over, to be followed with GET /runs/:id/events. */
  active_run: string | null;
}

export interface FileRef {
  id: string;
  name: string;
  media_type: string;
  /** Of the file as it was chosen. */
  bytes: number;
  characters: number;
  tokens: number;
}

interface MessageBase {
  id: string;
  /** null = the first of its branch. */
  parent_id: string | null;
  created_at: string;
}

export interface StoredUserMessage extends MessageBase {
  role: 'user';
  content: string;
  files: FileRef[];
}

export interface StoredToolCall {
  id: string;
  name: string;
  /** JSON text as the model wrote it. */
  arguments: string;
  tool: RunTool | null;
}

/** One request's reply. A turn with tools is a chain of these and of tool messages. */
export interface StoredAssistantMessage extends MessageBase {
  role: 'assistant';
  reasoning: string | null;
  reasoning_ms: number | null;
  /** Ended by "answer now". */
  reasoning_forced: boolean;
  content: string;
  tool_calls: StoredToolCall[];
  finish_reason: string;
  trace_id: string | null;
  usage: RunUsage | null;
  /** Why the turn ended without an answer, in words. */
  error: string | null;
  /** Which settings answered: shown where branches differ. */
  model: ModelChoice;
  thinking: boolean;
}

export interface StoredToolMessage extends MessageBase {
  role: 'tool';
  call_id: string;
  name: string;
  content: string;
  is_error: boolean;
  duration_ms: number;
  full_length: number | null;
  /** A person refused it; it was not run. */
  denied?: true;
}

export type StoredMessage = StoredUserMessage | StoredAssistantMessage | StoredToolMessage;

/** PATCH /conversations/:id. Absent = as it is. */
export interface ConversationChange {
  title?: string;
  folder?: string | null;
  tags?: string[];
  settings?: Partial<ConversationSettings>;
  /** Shows another branch. */
  head_id?: string | null;
}

/** GET /conversations?query=&folder=&tag=&cursor=&limit= */
export interface ConversationPage {
  data: ConversationSummary[];
  /** For the next page; null = this was the last. */
  cursor: string | null;
  folders: string[];
  tags: string[];
}

/**
 * GET /conversations/:id/export?format=&leaf=&language=&leave_out= ; `html` is the page to share.
 * `leaf`: the last message of the branch that is meant; absent = of the one that is shown.
 * `leave_out`: of `reasoning`, `tools`, `system`, with commas; for Markdown and HTML.
 */
export type ExportFormat = 'markdown' | 'json' | 'html' | 'curl' | 'python' | 'typescript';

/**
 * POST /conversations/import, of our own JSON export, a list of messages as the chat API takes them, or
 * `conversations.json` of a ChatGPT or DeepSeek export.
 */
export interface ImportResult {
  data: ConversationSummary[];
  /** What the file held and we do not. */
  left_out: LeftOut[];
}

/** `permission`: tools that the file allowed without asking. `attachment`: pictures, files. */
export interface LeftOut {
  kind: 'message' | 'attachment' | 'tool_call' | 'permission';
  count: number;
}

/** POST /conversations/:id/files; what comes back is a FileRef. Text was extracted by the page. */
export interface NewFile {
  name: string;
  media_type: string;
  bytes: number;
  text: string;
}

/** POST /count: what the next request would hold. */
export interface CountRequest {
  conversation_id: string | null;
  /** The branch that is continued; null = an empty one. */
  parent_id: string | null;
  content: string;
  file_ids: string[];
  settings: ConversationSettings;
}

export interface CountResult {
  tokens: number;
  context_length: number;
  /** `tokens` and the reply's max_tokens fit. */
  fits: boolean;
}

// Runs -------------------------------------------------------------------------------------------

// GET /runs/:id/events: RunEvent as `data` of server-sent events with ascending `id`s, to `run-end`;
// begins behind `?after=` or Last-Event-ID, 204 when nothing is left. All of an answer is in its
// events: while a run is active, its rows behind the question are to be left out.
// POST /runs/:id/stop, /runs/:id/answer ("answer now", 409 when the model is not thinking): 204.

/** POST /conversations/:id/runs. The first form asks, the second answers again. */
export type NewRun =
  | { parent_id: string | null; content: string; file_ids: string[] }
  /** The id of a user message: its answer is made anew, beside the old one. */
  | { retry: string };

/** POST /runs: without a conversation, for comparing. Nothing is kept. */
export interface NewDetachedRun {
  settings: ConversationSettings;
  messages: { role: 'user' | 'assistant'; content: string }[];
}

export interface RunStarted {
  run_id: string;
  /** null where nothing is kept, and for a retry. */
  user_message: StoredUserMessage | null;
}

/** POST /runs/:id/approvals/:call_id */
export interface Approval {
  decision: 'allow' | 'always' | 'deny';
}

// Tools ------------------------------------------------------------------------------------------

export interface ToolInfo extends RunTool {
  name: string;
  description: string;
  parameters: unknown;
}

export interface ToolServer {
  /** `builtin`, or the id of an MCP server. */
  id: string;
  name: string;
  kind: 'builtin' | 'stdio' | 'http';
  /** Whether this key may remove it: added in the page, not in the server's configuration. */
  removable: boolean;
  status: 'ready' | 'connecting' | 'failed';
  /** Why it failed. */
  detail: string | null;
  /** Of HTTP servers. */
  url: string | null;
  tools: ToolInfo[];
}

/** POST /tools/servers. Headers are kept sealed and never shown again. */
export interface NewToolServer {
  name: string;
  url: string;
  headers?: Record<string, string>;
}
