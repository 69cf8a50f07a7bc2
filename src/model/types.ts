// The public face of the model layer: load a model file, make a cache per sequence, run tokens
// through it. It knows token ids, positions and logits; not text, requests or sampling.

import type { Device } from '../tensor/types.js';
import type { ModelConfig } from './config.js';
import type { VocabMetadata } from './tokenizer-metadata.js';

/** Storage of cached values. `auto` in ModelOptions: f32 for f32 models, else f16 and q8_0. */
export interface CacheTypes {
  /** Latent rows: compressed key/value and rotary key. */
  latent: 'f32' | 'f16';
  /** Indexer keys. */
  indexer: 'f32' | 'f16' | 'q8_0';
}

export interface ModelOptions {
  device: Device;
  /** Default `auto`. */
  cacheTypes?: CacheTypes | 'auto';
  /**
   * Chunks whose context is longer than this many times the indexer's top-k gather the chosen rows;
   * shorter ones mask the others. Both are exact; only speed differs. Default: measured, see
   * attention.ts.
   */
  gatherFactor?: number;
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
  /** Copies rows out, tensor after tensor: `numRows * rowBytes` bytes. @throws RangeError beyond
   *  `length`, DeviceBusyError while a forward of this cache is running. */
  exportRows(firstRow: number, numRows: number): Uint8Array;
  /** Appends exported blocks, of `rowsPerBlock` rows each, of a cache of the same model, whose tokens
   *  stood at these positions. @throws RangeError for a block of another size or beyond the capacity
   *  (nothing is changed then), DeviceBusyError while a forward is running. */
  importRows(blocks: readonly Uint8Array[], rowsPerBlock: number): void;
  /** Frees the slab and the graphs compiled for it. Idempotent. @throws DeviceBusyError while a
   *  forward of this cache is running. */
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
  /** Memory of the weights, in bytes. */
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
  /** Like forward with `all`, keeping every layer's output. */
  trace(options: Omit<ForwardOptions, 'wantLogits' | 'out'>): Promise<ForwardTrace>;
  /** Frees the weights. Idempotent. @throws Error while caches are alive. */
  dispose(): void;
}
