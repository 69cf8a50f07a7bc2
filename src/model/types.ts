// The public face of the model layer: load a model file, make a cache per sequence, run tokens
// through it. It knows token ids, positions and logits; not text, requests or sampling.

import type { Device } from '../tensor/types.js';
import type { ModelConfig } from './config.js';
import type { VocabMetadata } from './tokenizer-metadata.js';

/** Storage of cached values. `auto` in ModelOptions: f32 for f32 models, else f16 and, for the indexer,
 *  i8_rows with row tables and q8_0 without. */
export interface CacheTypes {
  /** Latent rows: compressed key/value and rotary key. */
  latent: 'f32' | 'f16';
  /** Indexer keys. */
  indexer: 'f32' | 'f16' | 'q8_0' | 'i8_rows';
}

export interface ModelOptions {
  device: Device;
  /** Default `auto`. */
  cacheTypes?: CacheTypes | 'auto';
  /**
   * Chunks whose context is longer than this many times the indexer's top-k gather the chosen rows;
   * shorter ones mask the others. Both are exact; only speed differs. Only graphs without row tables
   * ask. Default: measured when the model is loaded.
   */
  gatherFactor?: number;
  /** `auto` (default) = wherever the device has them. `off` composes attention from single operations. */
  rowTables?: 'auto' | 'off';
  /**
   * `auto` (default): weights are used where they lie in the file, as memory that the system may share
   * and take back, on devices that can. Whoever shortens the file meanwhile ends this process. `off`
   * copies them.
   */
  mapping?: 'auto' | 'off';
  /**
   * `auto` (default): q8_0 and 4-bit matrices are kept in the device's own order, which multiplies
   * faster but takes memory of its own, where the device has one and the memory is there. `off` leaves
   * them.
   */
  repack?: 'auto' | 'off';
  /** Memory that this process may still take, in bytes. Default: asked from the system. */
  availableBytes?: number;
  /** The most that caches will take, in bytes, where that is settled: a check of what fits counts no more. */
  cacheLimitBytes?: number;
  /** Load the multi-token-prediction block too, where the file has one. Default false. */
  withDraft?: boolean;
  /** Told about progress while weights are loaded, in bytes; at most every 50 ms. */
  onProgress?: (loadedBytes: number, totalBytes: number) => void;
  /** Told in one sentence what was measured or chosen at load, such as the attention crossover. */
  onNote?: (note: string) => void;
}

/** The key/value cache of one sequence: a contiguous slab on the device, rows 0 .. capacity. */
export interface SequenceCache {
  /** Rows that can be held, in tokens. */
  readonly capacity: number;
  /** Rows that hold tokens: the end of the last forward. A forward may start anywhere up to it. */
  readonly length: number;
  /** Memory of the slab, in bytes. */
  readonly byteLength: number;
  /** Bytes of one row in all layers together, in the cache's own types. */
  readonly rowBytes: number;
  /** Copies rows out, tensor after tensor and layer after layer: `numRows * rowBytes` bytes.
   *  @throws RangeError beyond `length`, or for a part of a group of 16 rows where keys are i8_rows;
   *  DeviceBusyError while a forward of this cache is running. */
  exportRows(firstRow: number, numRows: number): Uint8Array;
  /** Appends exported blocks, of `rowsPerBlock` rows each, of a cache of the same model, whose tokens
   *  stood at these positions. @throws RangeError for a block of another size, beyond the capacity, or
   *  that splits a group as in exportRows (nothing is changed then), DeviceBusyError while a forward is
   *  running. */
  importRows(blocks: readonly Uint8Array[], rowsPerBlock: number): void;
  /** Forgets the rows from `length` on. @throws RangeError beyond the present length, DeviceBusyError
   *  while a forward is running. */
  truncate(length: number): void;
  /** Frees the slab and the graphs compiled for it. Idempotent. @throws DeviceBusyError while a
   *  forward is running, of whatever cache (nothing is lost: to be called again then). */
  dispose(): void;
}

export interface ForwardOptions {
  cache: SequenceCache;
  /** One or more tokens: a chunk of the prompt or the token to continue from. */
  tokens: Int32Array;
  /** Position of the first token, at most cache.length; later rows of the cache are overwritten. */
  startPos: number;
  /** For which tokens logits are wanted. Default `last`. */
  wantLogits?: 'last' | 'all' | 'none';
  /** Where logits go, vocabSize values per wanted token; a new array if absent. */
  out?: Float32Array;
  /** Stops within one layer; the forward then rejects with the signal's reason and the cache ends at
   *  startPos. */
  signal?: AbortSignal;
}

/** One sequence's part of a batch. */
export interface ForwardItem {
  cache: SequenceCache;
  /** As in ForwardOptions. */
  tokens: Int32Array;
  startPos: number;
  /** For which of its tokens logits are wanted. Default `last`. */
  wantLogits?: 'last' | 'all' | 'none';
  /** Also return the hidden states after the final norm, of all its tokens: what draft() takes. */
  wantHidden?: boolean;
}

export interface ForwardOutput {
  /** [vocabSize] per wanted token, in order; empty for `none`. A view on memory that the next forward
   *  of the model overwrites. */
  logits: Float32Array;
  /** [hiddenSize] per token, a copy; present when it was asked for. */
  hidden?: Float32Array;
}

/** Rows for the multi-token-prediction block of one sequence: row i has the hidden state of the main
 *  model at position startPos + i and the token that follows it. */
export interface DraftItem {
  cache: SequenceCache;
  startPos: number;
  /** Token at position startPos + i + 1. */
  tokens: Int32Array;
  /** [hiddenSize] per row, as forwardBatch returned it. */
  hidden: Float32Array;
  /** Whether a prediction after the last row is wanted; rows of a prompt's middle need none. */
  wantToken: boolean;
}

/** What a model did since it was loaded. */
export interface ModelStats {
  /** Tokens whose attention saw every earlier token, and those that saw the indexer's choice. */
  denseTokens: number;
  sparseTokens: number;
  /** Graphs compiled; a busy server settles at a small number. */
  compiledGraphs: number;
}

/** What happened inside a forward pass, for tests. */
export interface ForwardTrace {
  /** Hidden states after the embedding (index 0) and after each layer, [hiddenSize, tokens]. */
  hidden: Float32Array[];
  logits: Float32Array;
}

export interface Model {
  readonly path: string;
  readonly config: ModelConfig;
  readonly vocab: VocabMetadata;
  /** Names weights and cache types by their content: rows move between caches of equal ones only. */
  readonly fingerprint: string;
  /** Memory of the weights, in bytes, those that lie in the mapped file included. */
  readonly weightBytes: number;
  /** Bytes of one token in a cache. */
  readonly cacheRowBytes: number;
  /** Bytes that a cache of this capacity takes, to be known before it is made. */
  cacheBytes(capacity: number): number;
  /** @throws RangeError if capacity is not within 1 .. config.contextLength. */
  createCache(capacity: number): SequenceCache;
  /**
   * Runs tokens through the model and returns logits ([vocabSize] per wanted token, in order; empty
   * for `none`). Calls queue up in order.
   * @throws RangeError for a token id outside the vocabulary, a start beyond the cache's length, or
   *   an end beyond its capacity; nothing is computed then.
   */
  forward(options: ForwardOptions): Promise<Float32Array>;
  /**
   * Runs a step of many sequences at once: weights are read once for all of them, attention looks at
   * each sequence's own cache. An item's result does not depend on its neighbours (up to the rounding
   * of products with more columns). Calls queue up in order with forward. On abort every cache of the
   * batch ends at its startPos.
   * @throws RangeError as forward does, before anything is computed; also when a cache comes twice
   */
  forwardBatch(items: readonly ForwardItem[], signal?: AbortSignal): Promise<ForwardOutput[]>;
  /** Whether draft() works: the file has a multi-token-prediction block and it was loaded. */
  readonly canDraft: boolean;
  /**
   * Runs the multi-token-prediction block (model reference §10) and returns, per item, its most likely
   * token after the last row's token, or -1 where none was wanted. Writes the block's own cache rows.
   * @throws Error without such a block, RangeError for rows beyond the cache's length
   */
  draft(items: readonly DraftItem[]): Promise<Int32Array>;
  stats(): ModelStats;
  /** Like forward with `all`, keeping every layer's output. */
  trace(options: Omit<ForwardOptions, 'wantLogits' | 'out'>): Promise<ForwardTrace>;
  /** Frees the weights. Idempotent. @throws Error while caches are alive. */
  dispose(): void;
}
