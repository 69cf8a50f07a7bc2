// JSON types of the console's model pages: GET /engine and what changes it, the model files, pulls,
// and the selection view. The page imports these too. Snake case, bytes as numbers, times ISO 8601.

// GET /engine ------------------------------------------------------------------------------------

export interface EngineInfo {
  /** `engine`: this server computes. `upstream`: other servers do, and models are theirs. `given`: a
   *  program brought its own. Only the first can load and unload. */
  kind: 'engine' | 'upstream' | 'given';
  /** `loaded`: serving. `exchanging`: requests get 503, see `exchange`. `empty`: unloaded, 503 too. */
  state: 'loaded' | 'exchanging' | 'empty';
  /** undefined fields are not known for models of others. null while there is none. */
  model: LoadedModel | null;
  exchange: ModelExchange | null;
  /** Why the newest exchange failed; null once another has succeeded. */
  failure: { file: string; message: string; at: string } | null;
  memory: EngineMemory;
}

export interface LoadedModel {
  /** Id of its file in GET /models; null for models of others. */
  file: string | null;
  /** Card id: what the engine calls it. */
  id: string;
  /** Tokens of the longest sequence here; memory may make it shorter than the model's own. */
  context_length: number;
  vocab_size: number;
  /** Health of what computes. */
  status: 'ready' | 'starting' | 'restarting' | 'closed';
  /** From the header of the file; null for models of others. */
  summary: ModelSummary | null;
  tokenizer: { from: 'named' | 'beside' | 'inside'; name: string | null; tokens: number };
  loaded_at: string;
}

/** What a model file says of itself. */
export interface ModelSummary {
  architecture: string;
  name: string;
  parameters: number;
  /** Used per token: without the experts that are not chosen. */
  active_parameters: number;
  layers: number;
  dense_layers: number;
  /** Multi-token-prediction blocks. */
  mtp_layers: number;
  hidden_size: number;
  heads: number;
  experts: { count: number; per_token: number; shared: number } | null;
  /** The indexer of sparse attention; null = attention is dense. */
  dsa: { top_k: number; heads: number } | null;
  context_length: number;
  vocab_size: number;
  /** By storage type, most bytes first. */
  storage: { type: string; tensors: number; bytes: number }[];
}

export interface ModelExchange {
  /** Ids of files; null = none. */
  from: string | null;
  to: string | null;
  /** `draining`: running replies finish. `restoring`: the old one comes back after a failure. */
  step: 'draining' | 'loading' | 'restoring';
  /** Replies that are still being finished. */
  running: number;
  loaded_bytes: number;
  /** 0 until it is known. */
  total_bytes: number;
  since: string;
}

export interface EngineMemory {
  /** Of the engine's process; null where it is not known. */
  resident_bytes: number | null;
  /** The loaded file. Mapped pages count as resident only while they are in memory. */
  weights_bytes: number | null;
  kv_bytes: number | null;
  kv_budget_bytes: number | null;
  /** The context cache, in memory and on disk. */
  cache_ram_bytes: number | null;
  cache_disk_bytes: number | null;
  /** Of the machine, or of this process's share of it. */
  total_bytes: number;
  available_bytes: number;
}

/** POST /engine/load. `file` is an id of GET /models; answers 202 with EngineInfo. */
export interface LoadRequest {
  file: string;
  /** For files that carry none. Default: the one beside or inside the file. */
  tokenizer?: 'v3' | 'v3.2';
  /** How long running replies may take to finish, 0 to 3600; then they are ended. Default 60. */
  wait_seconds?: number;
}

/** POST /engine/unload */
export interface UnloadRequest {
  wait_seconds?: number;
}

// GET /models, DELETE /models/:id ----------------------------------------------------------------

export interface ModelFileInfo {
  /** `embedded`, `start` (given at start) or `folder/<path in the models folder>`. */
  id: string;
  name: string;
  bytes: number;
  modified_at: string;
  loaded: boolean;
  /** Whether DELETE may remove it. */
  removable: boolean;
  summary: ModelSummary | null;
  /** Why it cannot be loaded; null = nothing known against it. */
  problem: string | null;
}

export interface ModelFolder {
  /** null: this server keeps nothing on disk, so there is no folder and nothing can be pulled. */
  folder: string | null;
  free_bytes: number | null;
  files: ModelFileInfo[];
  /** Folders of safetensors, to be converted with `hadal convert`. */
  checkpoints: { name: string; path: string; bytes: number }[];
}

// Pulls ------------------------------------------------------------------------------------------

/** POST /pulls */
export interface NewPull {
  /** `hf:owner/repo[/file]`, `ms:owner/repo[/file]`, or an https URL of a .gguf. */
  source: string;
}

export interface PullInfo {
  id: string;
  source: string;
  state: 'listing' | 'downloading' | 'checking' | 'done' | 'failed' | 'cancelled';
  /** The file at work; null before it is known. */
  file: string | null;
  /** Over all files of this pull. */
  received_bytes: number;
  total_bytes: number | null;
  /** Of the newest seconds; null when nothing moves. */
  bytes_per_second: number | null;
  /** What went wrong, and what to do about it. */
  message: string | null;
  /** What to do now that it is done. */
  next: string | null;
  started_at: string;
  ended_at: string | null;
}

// POST /selection --------------------------------------------------------------------------------

/**
 * Exactly one of `trace` and `body`. A trace is a finished request in the log: its own tokens are
 * looked at, prompt and reply. A body is one as for POST /chat/completions: the reply is generated, the
 * most likely token each time.
 */
export interface SelectionRequest {
  trace?: string;
  body?: unknown;
  /** Of the reply, 1 to 128. Default 48. */
  tokens?: number;
  /** What if so many positions were kept. Default: the model's own number. */
  top_k?: number;
}

/** What comes back: the report of `hadal inspect` (docs/inspect.md), with the heat map in `cells`. */
export interface SelectionReport {
  schema: 'hadal.selection-trace';
  schema_version: 1;
  model: {
    name: string;
    layers: number;
    heads: number;
    indexer_heads: number;
    top_k: number;
    context: number;
  };
  top_k: number;
  what_if: boolean;
  layers: number[];
  /** Left out of the prompt's beginning, as it is too long to be looked at here. */
  cut_tokens: number;
  prompt_tokens: number;
  generated_tokens: number;
  reply_given: boolean;
  reply: string;
  queries: number;
  sparse_queries: number;
  summary: SelectionSummary | null;
  tokens: SelectionToken[];
  layer_totals: SelectionLayer[];
  /** Ranges of positions, both ends included. */
  never_kept: [first: number, last: number][];
  traced: SelectionQuery[];
  omitted_queries: number;
  cells: { queries: number; layers: number; positions: number; bytes: string };
}

export interface SelectionSummary {
  recall: number;
  best_recall: number;
  window_recall: number;
  overlap: number;
  seen: number;
  never_kept: number;
}

export interface SelectionToken {
  position: number;
  id: number;
  text: string;
  control: boolean;
  from: 'prompt' | 'generated';
  seen: number;
  kept: number;
  attention: number;
}

export interface Spread {
  mean: number;
  min: number;
  max: number;
}

export interface SelectionLayer {
  layer: number;
  recall: Spread;
  best_recall: number;
  window_recall: number;
  overlap: number;
  seen: number;
  never_kept: number;
  recall_at: { top_k: number; recall: number }[];
  kept_count: number[] | null;
  attention: number[] | null;
}

export interface SelectionQuery {
  position: number;
  token: number;
  next: number | null;
  visible: number;
  selection: 'sparse' | 'dense';
  layers: {
    layer: number;
    recall: Spread;
    best_recall: number;
    window_recall: number;
    overlap: number;
    top_scores: { position: number; score: number }[];
    kept: [first: number, last: number][];
  }[];
}
