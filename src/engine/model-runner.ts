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
  dispose(): void;
}

/** A piece of one sequence to run: a prefill chunk, or the one token of a decode step. */
export interface ForwardSlice {
  cache: RunnerCache;
  /** Appended to the cache at positions `cache.length ...`. */
  tokens: Int32Array;
  /** Whether the logits after the last token are wanted; a prefill chunk in the middle needs none. */
  wantLogits: boolean;
  /** Aborted when nobody wants the result any more: a long prefill may then stop at once. */
  signal: AbortSignal;
}

export interface ModelRunner {
  readonly card: ModelCard;
  /** Content-derived: rows may move between caches of runners with equal fingerprints. */
  readonly fingerprint: string;
  /** Bytes of one row. */
  readonly rowBytes: number;
  /** @param maxTokens the longest this sequence can become (prompt and completion). */
  createCache(maxTokens: number): RunnerCache;
  /**
   * Runs one slice and extends its cache. The returned logits, `[vocabSize]`, are valid until the
   * next call. Throws when the forward pass fails or is aborted; the cache is then only disposed.
   */
  forward(slice: ForwardSlice): Promise<Float32Array | undefined> | Float32Array | undefined;
  dispose(): void;
}
