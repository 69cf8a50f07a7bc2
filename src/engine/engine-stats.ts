// What the engine counts about itself: gauges of this moment and totals since its process started.
// Plain data, sent to the supervisor, which adds what only it knows (restarts). Names and units here
// are those of the metrics page in docs/observability.md.

import type { PrefixCacheStats } from './prefix-cache/prefix-cache.js';

export interface EngineStats {
  /** Sequences without a cache, and with one. */
  waiting: number;
  running: number;
  /** Caches allocated and not yet released; equals `running` between steps. */
  caches: number;
  /** Memory of those caches, and what all may take together. */
  cacheBytes: number;
  cacheBudgetBytes: number;
  /** Forward passes since start. */
  steps: number;
  /** Sum over steps of the sequences in them: divided by `steps` the mean batch size. */
  batchedSequences: number;
  /** Sequences in the newest step. */
  batchSize: number;
  /** Prompt tokens computed (hits of the context cache are not, what is computed again after a
   *  preemption is), and tokens generated. */
  prefillTokens: number;
  decodeTokens: number;
  /** Time inside forward passes: in steps that computed prompt tokens, and in all others, the making
   *  of drafts included. */
  prefillSeconds: number;
  decodeSeconds: number;
  /** Sequences put back into the queue to make room, to be computed again. */
  preemptions: number;
  /** Tokens whose attention saw every earlier token, and those that saw the indexer's choice. */
  denseTokens: number;
  sparseTokens: number;
  /** Self-speculation; zero where the model cannot draft or does not gain by it. */
  draftedTokens: number;
  acceptedTokens: number;
  /** Whether drafts are being made at this moment. */
  isDrafting: boolean;
  /** Memory of the engine's process; absent where it has none of its own. */
  residentBytes?: number;
  /** Absent without a prefix cache. */
  prefixCache?: PrefixCacheStats;
}

export const NO_STATS: Readonly<EngineStats> = {
  waiting: 0,
  running: 0,
  caches: 0,
  cacheBytes: 0,
  cacheBudgetBytes: 0,
  steps: 0,
  batchedSequences: 0,
  batchSize: 0,
  prefillTokens: 0,
  decodeTokens: 0,
  prefillSeconds: 0,
  decodeSeconds: 0,
  preemptions: 0,
  denseTokens: 0,
  sparseTokens: 0,
  draftedTokens: 0,
  acceptedTokens: 0,
  isDrafting: false,
};
