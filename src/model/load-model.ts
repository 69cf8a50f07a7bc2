// A loaded model: opens the file, puts weights on the device, and runs chunks of tokens through
// graphs that caches keep. One forward at a time; calls queue up. It knows positions, masks and
// which graph fits; the mathematics are in forward.ts.

import type { CompiledGraph, Device } from '../tensor/types.js';
import type { Selection } from './attention.js';
import { configFromGguf } from './config-gguf.js';
import type { ModelConfig } from './config.js';
import { buildForward, type GraphShape } from './forward.js';
import { fingerprintOf } from './fingerprint.js';
import { openGguf, type GgufFile } from './gguf-reader.js';
import { roundUp, rowBytes, SlabCache, slabBytes, type CachedGraph } from './sequence-cache.js';
import { vocabFromGguf, type VocabMetadata } from './tokenizer-metadata.js';
import type {
  CacheTypes,
  ForwardOptions,
  ForwardTrace,
  Model,
  ModelOptions,
  SequenceCache,
} from './types.js';
import { loadWeights, type ModelWeights } from './weights.js';

/** Where gathering starts to win over masking for chunks of several tokens; see bench/engine.ts. */
const DEFAULT_GATHER_FACTOR = 4;

/**
 * Loads a GGUF file of this architecture.
 * @throws {ModelError} for a file that is malformed, of another architecture, incomplete, or stored
 *   in a type that is not supported; the system's error when it cannot be opened
 */
export function loadModel(path: string, options: ModelOptions): Model {
  const file = openGguf(path);
  try {
    const config = configFromGguf(file.metadata, path);
    const vocab = vocabFromGguf(file.metadata, config, path);
    const cacheTypes = resolveCacheTypes(options.cacheTypes ?? 'auto', file, config);
    const fingerprint = fingerprintOf(file, config, cacheTypes);
    const weights = loadWeights(options.device, file, config);
    return new LoadedModel(path, config, vocab, weights, {
      device: options.device,
      fingerprint,
      cacheTypes,
      gatherFactor: options.gatherFactor ?? DEFAULT_GATHER_FACTOR,
    });
  } finally {
    file.close();
  }
}

/** Caches as exact as the weights: f32 beside f32 weights, else half and eight bits. */
function resolveCacheTypes(
  wanted: CacheTypes | 'auto',
  file: GgufFile,
  config: ModelConfig,
): CacheTypes {
  if (wanted !== 'auto') return wanted;
  const isF32 = file.tensors.get('blk.0.attn_kv_a_mqa.weight')?.type === 'f32';
  if (isF32) return { latent: 'f32', indexer: 'f32' };
  const isWholeBlocks = config.indexer === null || config.indexer.headDim % 32 === 0;
  return { latent: 'f16', indexer: isWholeBlocks ? 'q8_0' : 'f16' };
}

interface ResolvedOptions {
  device: Device;
  fingerprint: string;
  cacheTypes: CacheTypes;
  gatherFactor: number;
}

/** One forward, checked. */
interface Run {
  cache: SlabCache;
  tokens: Int32Array;
  startPos: number;
  shape: GraphShape;
  signal: AbortSignal | undefined;
}

class LoadedModel implements Model {
  private readonly caches = new Set<SlabCache>();
  private queue: Promise<unknown> = Promise.resolve();
  private isDisposed = false;

  constructor(
    readonly path: string,
    readonly config: ModelConfig,
    readonly vocab: VocabMetadata,
    private readonly weights: ModelWeights,
    private readonly options: ResolvedOptions,
  ) {}

  get weightBytes(): number {
    return this.weights.allocation.byteLength;
  }

  get fingerprint(): string {
    return this.options.fingerprint;
  }

  get cacheRowBytes(): number {
    const { cacheTypes } = this.options;
    return rowBytes({ config: this.config, cacheTypes });
  }

  cacheBytes(capacity: number): number {
    const { cacheTypes } = this.options;
    return slabBytes({ config: this.config, cacheTypes }, capacity);
  }

  createCache(capacity: number): SequenceCache {
    if (this.isDisposed) throw new Error('the model has been disposed');
    const { contextLength } = this.config;
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > contextLength) {
      throw new RangeError(`cache capacity is ${capacity}; possible: 1 to ${contextLength}`);
    }
    const { device, cacheTypes } = this.options;
    const cache = new SlabCache(device, { config: this.config, cacheTypes }, capacity, (gone) =>
      this.caches.delete(gone),
    );
    this.caches.add(cache);
    return cache;
  }

  forward(options: ForwardOptions): Promise<Float32Array> {
    const { wantLogits = 'last', tokens, out } = options;
    const numOutputs = { last: 1, all: tokens.length, none: 0 }[wantLogits];
    const numValues = numOutputs * this.config.vocabSize;
    if (out !== undefined && out.length !== numValues) {
      throw new RangeError(`out has ${out.length} values; ${numValues} logits are wanted`);
    }
    return this.enqueue(async () => {
      const run = this.prepare(options, numOutputs, false);
      const { graph } = await this.run(run);
      const logits = out ?? new Float32Array(numValues);
      return numOutputs === 0 ? logits : graph.readF32('logits', logits);
    });
  }

  trace(options: Omit<ForwardOptions, 'wantLogits' | 'out'>): Promise<ForwardTrace> {
    return this.enqueue(async () => {
      const run = this.prepare(options, options.tokens.length, true);
      const { graph } = await this.run(run);
      const numStates = this.config.numLayers + 1;
      return {
        hidden: Array.from({ length: numStates }, (_, i) => graph.readF32(`hidden.${i}`)),
        logits: graph.readF32('logits'),
      };
    });
  }

  dispose(): void {
    if (this.isDisposed) return;
    if (this.caches.size > 0) {
      throw new Error(`${this.caches.size} cache(s) of ${this.path} are alive; dispose them first`);
    }
    this.weights.allocation.dispose();
    this.isDisposed = true;
  }

  /** Runs jobs one after another; a failed job does not stop the next. */
  private enqueue<T>(job: () => Promise<T>): Promise<T> {
    const result = this.queue.then(job);
    this.queue = result.catch(() => undefined); // reported through `result`
    return result;
  }

  private prepare(
    { cache, tokens, startPos, signal }: Omit<ForwardOptions, 'wantLogits' | 'out'>,
    numOutputs: number,
    isTraced: boolean,
  ): Run {
    if (!(cache instanceof SlabCache) || !this.caches.has(cache)) {
      throw new Error('the cache belongs to another model or has been disposed');
    }
    signal?.throwIfAborted();
    const end = startPos + tokens.length;
    if (!Number.isInteger(startPos) || startPos < 0 || startPos > cache.length) {
      throw new RangeError(`startPos is ${startPos}; the cache holds ${cache.length} tokens`);
    }
    if (tokens.length === 0 || end > cache.capacity) {
      throw new RangeError(
        `${tokens.length} token(s) from position ${startPos}; the cache holds up to ${cache.capacity}`,
      );
    }
    for (const token of tokens) {
      if (token < 0 || token >= this.config.vocabSize) {
        throw new RangeError(
          `token id ${token} is outside the vocabulary of ${this.config.vocabSize}`,
        );
      }
    }
    cache.reserve(end);
    const selection = this.select(startPos, tokens.length);
    const shape: GraphShape = {
      numTokens: tokens.length,
      numKeys: roundUp(end),
      numOutputs,
      selection,
      isTraced,
    };
    return { cache, tokens, startPos, shape, signal };
  }

  /** Dense while every visible key would be chosen; then whichever exact form is faster. */
  private select(startPos: number, numTokens: number): Selection {
    const { indexer } = this.config;
    const end = startPos + numTokens;
    if (indexer === null || end <= indexer.topk) return 'dense';
    // Gathering needs top-k visible keys for every token of the chunk.
    if (startPos + 1 < indexer.topk) return 'masked';
    return numTokens === 1 || end > this.options.gatherFactor * indexer.topk ? 'gather' : 'masked';
  }

  private async run({ cache, tokens, startPos, shape, signal }: Run): Promise<CachedGraph> {
    const cached = cache.graph(shape, () => this.compile(cache, shape));
    const { graph } = cached;
    const numTokens = tokens.length;
    graph.write('tokens', tokens);
    graph.write(
      'positions',
      Int32Array.from(tokens, (_, i) => startPos + i),
    );
    writeMask(cached, startPos, shape);
    if (shape.numOutputs === 1 && numTokens > 1) {
      graph.write('outputs', Int32Array.of(numTokens - 1));
    }
    // Rows from startPos on are being overwritten, whatever happens.
    cache.length = startPos;
    cache.isComputing = true;
    try {
      await graph.compute(signal === undefined ? {} : { signal });
    } finally {
      cache.isComputing = false;
    }
    cache.length = startPos + numTokens;
    return cached;
  }

  private compile(cache: SlabCache, shape: GraphShape): CompiledGraph {
    return this.options.device.buildGraph((g) =>
      buildForward(g, shape, this.weights, cache.layers, this.config),
    );
  }
}

const VISIBLE = Float32Array.of(0);

/**
 * mask[t, i] = 0 where token startPos + i may see position t <= startPos + i, else -Infinity.
 * Decoding opens one more position per step and writes only that.
 */
function writeMask(
  cached: CachedGraph,
  startPos: number,
  { numTokens, numKeys }: GraphShape,
): void {
  const { graph, maskedUpTo } = cached;
  const end = startPos + numTokens;
  if (numTokens === 1 && maskedUpTo >= 0 && (maskedUpTo === startPos || maskedUpTo === end)) {
    if (maskedUpTo === startPos) graph.write('mask', VISIBLE, startPos);
  } else {
    const mask = new Float32Array(numKeys * numTokens).fill(Number.NEGATIVE_INFINITY);
    for (let i = 0; i < numTokens; i++) mask.fill(0, i * numKeys, i * numKeys + startPos + i + 1);
    graph.write('mask', mask);
  }
  cached.maskedUpTo = end;
}
