// What crosses between the supervisor and the engine child. Sent with node's `advanced`
// serialization, which carries typed arrays as they are.

import type { GenerateEvent, GenerateRequest, ModelCard } from '../backend/types.js';
import type { TokenTable } from '../backend/token-table.js';
import type { EngineStats } from './engine.js';
import type { CacheOptions } from './prefix-cache/cache-options.js';

/** What to load; plain data. */
export interface ModelSource {
  path: string;
  device: 'auto' | 'ggml' | 'reference';
  /** Compute threads; absent = chosen from the machine. */
  threads?: number;
}

export type ToChild =
  /** `cache` false = no context cache. */
  | { type: 'load'; source: ModelSource; tokenTable: TokenTable; cache: CacheOptions | false }
  | { type: 'generate'; request: GenerateRequest }
  | { type: 'abort'; id: string }
  | { type: 'stats' };

export type FromChild =
  | { type: 'ready'; card: ModelCard }
  /** Something a person should know, such as a slow device; may come before `ready`. */
  | { type: 'warning'; message: string }
  | { type: 'load-failed'; message: string }
  | { type: 'events'; events: { id: string; event: GenerateEvent }[] }
  | { type: 'stats'; stats: EngineStats }
  /** The request cannot be started; no event of it has been sent. */
  | { type: 'refused'; id: string; message: string }
  | { type: 'error'; id: string; message: string };
