// A model in memory: makes caches, takes steps in the order in which they are asked for, and hands out
// what they computed. It knows positions, lengths and whose results are where; graph-runner.ts knows
// which graph fits, forward.ts the mathematics.

import type { CompiledGraph } from '../tensor/types.js';
import { planBatch, type BatchPlan } from './batch-plan.js';
import type { ModelConfig } from './config.js';
import type { DraftRunner } from './draft-runner.js';
import { buildForward, type GraphShape } from './forward.js';
import { GraphRunner, type GraphRunnerOptions } from './graph-runner.js';
import { rowBytes, SlabCache, slabBytes } from './sequence-cache.js';
import type { VocabMetadata } from './tokenizer-metadata.js';
import type {
  DraftItem,
  ForwardItem,
  ForwardOptions,
  ForwardOutput,
  ForwardTrace,
  Model,
  ModelStats,
  SequenceCache,
} from './types.js';
import type { ModelWeights } from './weights.js';

export interface LoadedParts {
  path: string;
  config: ModelConfig;
  vocab: VocabMetadata;
  fingerprint: string;
  weights: ModelWeights;
  graphs: GraphRunnerOptions;
  /** Makes what draft() runs on; null where no drafting block was loaded. */
  createDraft: ((runner: GraphRunner) => DraftRunner) | null;
}

export class LoadedModel implements Model {
  readonly path: string;
  readonly config: ModelConfig;
  readonly vocab: VocabMetadata;
  readonly fingerprint: string;
  readonly weights: ModelWeights;
  readonly runner: GraphRunner;
  readonly #draft: DraftRunner | null;
  readonly #caches = new Set<SlabCache>();
  /** Results of the last step, in memory of the model's own: its graph may be gone by the next. */
  readonly #logits = new ResultMemory();
  readonly #hidden = new ResultMemory();
  #queue: Promise<unknown> = Promise.resolve();
  #numCaches = 0;
  #numDense = 0;
  #numSparse = 0;
  #isDisposed = false;

  constructor(parts: LoadedParts) {
    this.path = parts.path;
    this.config = parts.config;
    this.vocab = parts.vocab;
    this.fingerprint = parts.fingerprint;
    this.weights = parts.weights;
    this.runner = new GraphRunner(parts.graphs);
    this.#draft = parts.createDraft?.(this.runner) ?? null;
  }

  get weightBytes(): number {
    const { byteLength, mappedBytes } = this.weights.allocation;
    return byteLength + mappedBytes;
  }

  get cacheRowBytes(): number {
    return rowBytes(this.runner.options);
  }

  get canDraft(): boolean {
    return this.#draft !== null;
  }

  cacheBytes(capacity: number): number {
    return slabBytes(this.runner.options, capacity);
  }

  createCache(capacity: number): SequenceCache {
    if (this.#isDisposed) throw new Error('the model has been disposed');
    const { contextLength } = this.config;
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > contextLength) {
      throw new RangeError(`cache capacity is ${capacity}; possible: 1 to ${contextLength}`);
    }
    const { options, graphs } = this.runner;
    const cache = new SlabCache(options.device, options, capacity, this.#numCaches++, {
      onRelease: (released) => graphs.release(released),
      onDispose: (gone) => this.#caches.delete(gone),
    });
    this.#caches.add(cache);
    return cache;
  }

  forward(options: ForwardOptions): Promise<Float32Array> {
    const { cache, tokens, startPos, wantLogits = 'last', out, signal } = options;
    const numValues = { last: 1, all: tokens.length, none: 0 }[wantLogits] * this.config.vocabSize;
    return this.#enqueue(async () => {
      if (out !== undefined && out.length !== numValues) {
        throw new RangeError(`out has ${out.length} values; ${numValues} logits are wanted`);
      }
      const items = [{ cache, tokens, startPos, wantLogits }];
      const [output] = await this.#step(items, signal);
      const logits = out ?? new Float32Array(numValues);
      logits.set(output!.logits);
      return logits;
    });
  }

  forwardBatch(items: readonly ForwardItem[], signal?: AbortSignal): Promise<ForwardOutput[]> {
    return this.#enqueue(() => this.#step(items, signal));
  }

  draft(items: readonly DraftItem[]): Promise<Int32Array> {
    return this.#enqueue(async () => {
      if (this.#draft === null) {
        throw new Error(`${this.path}: no multi-token-prediction block was loaded to draft with`);
      }
      return this.#draft.draft(items.map((item) => ({ ...item, cache: this.own(item.cache) })));
    });
  }

  trace(options: Omit<ForwardOptions, 'wantLogits' | 'out'>): Promise<ForwardTrace> {
    const { cache, tokens, startPos, signal } = options;
    return this.#enqueue(async () => {
      const items = [{ cache, tokens, startPos, wantLogits: 'all' as const }];
      const plan = planBatch(items, (each) => this.own(each), this.config);
      const graph = await this.#run(plan, signal, true);
      const numStates = this.config.numLayers + 1;
      return {
        hidden: Array.from({ length: numStates }, (_, i) => graph.readF32(`hidden.${i}`)),
        logits: graph.readF32('logits'),
      };
    });
  }

  stats(): ModelStats {
    return {
      denseTokens: this.#numDense,
      sparseTokens: this.#numSparse,
      compiledGraphs: this.runner.graphs.numCompiled,
    };
  }

  dispose(): void {
    if (this.#isDisposed) return;
    if (this.#caches.size > 0) {
      throw new Error(
        `${this.#caches.size} cache(s) of ${this.path} are alive; dispose them first`,
      );
    }
    this.runner.graphs.dispose();
    this.weights.allocation.dispose();
    this.#isDisposed = true;
  }

  /** The slab behind a cache. @throws Error for a cache of another model, or a disposed one */
  own(cache: SequenceCache): SlabCache {
    if (cache instanceof SlabCache && this.#caches.has(cache)) return cache;
    throw new Error('the cache belongs to another model or has been disposed');
  }

  /**
   * Runs jobs one after another; a failed job does not stop the next. Contract: whoever awaits a result
   * goes on before the next job begins, and may free memory then. (The next job waits for one promise
   * more; so no method may wrap what is returned here in another.)
   */
  #enqueue<T>(job: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(job);
    this.#queue = result.catch(() => undefined); // reported through `result`
    return result;
  }

  async #step(
    items: readonly ForwardItem[],
    signal: AbortSignal | undefined,
  ): Promise<ForwardOutput[]> {
    const plan = planBatch(items, (cache) => this.own(cache), this.config);
    if (items.length === 0) return [];
    const graph = await this.#run(plan, signal, false);
    const { vocabSize, hiddenSize } = this.config;
    const numHidden = plan.items.some(({ wantsHidden }) => wantsHidden) ? plan.kept.length : 0;
    const logits = this.#logits.read(graph, 'logits', plan.outputs.length * vocabSize);
    const hidden = this.#hidden.read(graph, 'hidden', numHidden * hiddenSize);
    return plan.items.map(({ firstOutput, numOutputs, wantsHidden, firstKept, numTokens }) => {
      const end = firstOutput + numOutputs;
      const output: ForwardOutput = {
        logits: logits.subarray(firstOutput * vocabSize, end * vocabSize),
      };
      if (wantsHidden) {
        const endKept = firstKept + numTokens;
        output.hidden = hidden.slice(firstKept * hiddenSize, endKept * hiddenSize);
      }
      return output;
    });
  }

  async #run(
    { items, tokens, kept, outputs }: BatchPlan,
    signal: AbortSignal | undefined,
    isTraced: boolean,
  ): Promise<CompiledGraph> {
    for (const { cache, startPos, numTokens } of items) cache.reserve(startPos + numTokens);
    // Rows from startPos on are being overwritten, whatever happens.
    for (const { cache, startPos } of items) cache.length = startPos;
    signal?.throwIfAborted();
    const shape: GraphShape = {
      numTokens: tokens.length,
      numKept: kept.length,
      numOutputs: outputs.length,
      wantsHidden: items.some(({ wantsHidden }) => wantsHidden),
      isTraced,
    };
    const { numKept, numOutputs, wantsHidden } = shape;
    const graph = await this.runner.run({
      key: `forward/${numKept}/${numOutputs}/${wantsHidden}/${isTraced}`,
      parts: items,
      build: (g, caches, positions) =>
        buildForward(g, shape, this.weights, caches, positions, this.config),
      write: (compiled) => {
        compiled.write('tokens', tokens);
        if (numKept > 0 && numKept < tokens.length) compiled.write('kept', kept);
        if (numOutputs > 0 && numOutputs < numKept) compiled.write('outputs', outputs);
      },
      signal,
    });
    for (const { cache, startPos, numTokens } of items) cache.length = startPos + numTokens;
    this.#count(items);
    return graph;
  }

  #count(items: BatchPlan['items']): void {
    const topk = this.config.indexer?.topk ?? Number.POSITIVE_INFINITY;
    for (const { startPos, numTokens } of items) {
      const numDense = Math.min(numTokens, Math.max(0, topk - startPos));
      this.#numDense += numDense;
      this.#numSparse += numTokens - numDense;
    }
  }
}

/** Memory that one output of a graph is read into, as large as the largest so far. */
class ResultMemory {
  #values = new Float32Array(0);

  /** `numValues` is what the output has, or 0 where the graph has no such output. */
  read(graph: CompiledGraph, name: string, numValues: number): Float32Array {
    if (numValues > this.#values.length) this.#values = new Float32Array(numValues);
    const target = this.#values.subarray(0, numValues);
    return numValues === 0 ? target : graph.readF32(name, target);
  }
}
