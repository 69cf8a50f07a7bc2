// What crosses between the supervisor and the engine child. Sent with node's `advanced`
// serialization, which carries typed arrays as they are.

import type { BackendError, GenerateEvent, GenerateRequest, ModelCard } from '../backend/types.js';
import type { TokenTable } from '../backend/token-table.js';
import type { SchedulingOptions } from './engine.js';
import type { EngineStats } from './engine-stats.js';
import type { CacheOptions } from './prefix-cache/cache-options.js';
import type { DraftMode } from './speculation.js';

/** What to load; plain data. */
export interface ModelSource {
  path: string;
  device: 'auto' | 'ggml' | 'reference';
  /** Compute threads; absent = chosen from the machine. */
  threads?: number;
  /** Memory that the caches of all sequences together may take, in bytes; absent = a share of what is
   *  free. */
  cacheBytes?: number;
  /** Whether to guess tokens ahead with the model's multi-token-prediction block: `auto` (when absent)
   *  where that is faster on this machine. `off` leaves the block in the file. */
  draft?: DraftMode;
}

/** What a child is started with. */
export interface LoadOptions {
  source: ModelSource;
  tokenTable: TokenTable;
  /** The context cache; false = none. */
  cache: CacheOptions | false;
  /** What differs from DEFAULT_SCHEDULING (engine.ts). */
  scheduling?: Partial<SchedulingOptions> | undefined;
}

export type ToChild =
  | ({ type: 'load' } & LoadOptions)
  | { type: 'generate'; request: GenerateRequest }
  | { type: 'abort'; id: string }
  /** Answered with the counters between two turns of the child's loop, computing or not: also the
   *  sign of life that the watchdog asks for. */
  | { type: 'stats' };

export type FromChild =
  | { type: 'ready'; card: ModelCard }
  /** Something a person should know, such as a slow device; may come before `ready`. */
  | { type: 'warning'; message: string }
  /** What was chosen: device, kernels, budgets. Comes before `ready`. */
  | { type: 'note'; message: string }
  /** What will take seconds now, once. Comes before `ready`. */
  | { type: 'building'; message: string }
  /** Weights being loaded, in bytes. */
  | { type: 'progress'; loadedBytes: number; totalBytes: number }
  | { type: 'load-failed'; message: string }
  | { type: 'events'; events: { id: string; event: GenerateEvent }[] }
  | { type: 'stats'; stats: EngineStats }
  /** The request cannot be started; no event of it has been sent. */
  | { type: 'refused'; id: string; message: string; code: BackendError['code'] }
  | { type: 'error'; id: string; message: string };
