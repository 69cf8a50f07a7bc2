// What the engine needs of a model: caches, one forward call, release. Knows neither weights nor
// devices; model-adapter.ts plugs the real model in, tests plug in a small function of the tokens.

import type { ModelCard } from '../backend/types.js';

/** Keys and values of one sequence. Owned by the sequence; whoever creates it disposes of it. */
export interface RunnerCache {
  /** Tokens held so far. */
  readonly length: number;
  /** Copies rows out as bytes. @throws while a forward pass is running */
  exportRows(firstRow: number, numRows: number): Uint8Array;
  /** Appends exported blocks of rows. @throws when the cache cannot grow, or a forward is running */
  importRows(blocks: readonly Uint8Array[], rowsPerBlock: number): void;
  /** Forgets rows from `length` on: drafts that were not accepted. @throws beyond the present length */
  truncate(length: number): void;
  dispose(): void;
}

/** A piece of one sequence to run: a prefill chunk, or the tokens of a decode step. */
export interface ForwardSlice {
  cache: RunnerCache;
  /** Appended to the cache at positions `cache.length ...`. */
  tokens: Int32Array;
  /** For which of the tokens logits are wanted; a prefill chunk in the middle needs none. */
  wantLogits: 'last' | 'all' | 'none';
  /** Whether the hidden states of all tokens are wanted, for `draft`. */
  wantHidden: boolean;
}

export interface SliceOutput {
  /** `[vocabSize]` per wanted token, in order; valid until the next forward. */
  logits: Float32Array;
  /** Present when asked for: an opaque value per token that `draft` takes. */
  hidden?: Float32Array;
}

/** Rows for the model's drafting block: row i belongs to position startPos + i. */
export interface DraftSlice {
  cache: RunnerCache;
  startPos: number;
  /** The token after each row's position. */
  tokens: Int32Array;
  /** As `forward` returned it for these positions. */
  hidden: Float32Array;
  /** Whether a draft of the token after the last one is wanted. */
  wantToken: boolean;
}

/** What the model itself counts. */
export interface RunnerStats {
  denseTokens: number;
  sparseTokens: number;
  compiledGraphs: number;
}

export interface ModelRunner {
  readonly card: ModelCard;
  /** Content-derived: rows may move between caches of runners with equal fingerprints. */
  readonly fingerprint: string;
  /** Bytes of one row. */
  readonly rowBytes: number;
  /** Bytes that caches of all sequences together may take. */
  readonly cacheBudgetBytes: number;
  /** Bytes that a cache holding this many tokens takes. */
  cacheBytes(numTokens: number): number;
  /** @param maxTokens the longest this sequence can become (prompt and completion). Memory grows with
   *  the tokens that are there, up to that. */
  createCache(maxTokens: number): RunnerCache;
  /**
   * Runs the slices of one step together and extends their caches; outputs in the same order. A cache
   * comes once per step. Throws when the forward pass fails or is aborted: no cache of the step has
   * grown then.
   */
  forward(slices: readonly ForwardSlice[], signal?: AbortSignal): Promise<SliceOutput[]>;
  /** One draft token per slice, -1 where none was wanted. Absent where the model cannot draft. */
  draft?(slices: readonly DraftSlice[]): Promise<Int32Array>;
  stats(): RunnerStats;
  dispose(): void;
}
