// The generation loop: asks the scheduler for a step, runs its slices through the model, samples,
// and hands out events once per step. Single-threaded and in-process: child.ts puts it behind a
// process boundary. Extension points: batching runs the slices of a plan in one call, a grammar is one more logits
// processor of the sequence.

import type { GenerateEvent, GenerateRequest } from '../backend/types.js';
import { numTokens, type TokenTable } from '../backend/token-table.js';
import type { TokenGrammar } from './grammar/token-grammar.js';
import type { ModelRunner } from './model-runner.js';
import type { PrefixCache, PrefixCacheStats } from './prefix-cache/prefix-cache.js';
import { Sampler } from './sampler.js';
import { Scheduler, type SchedulerOptions } from './scheduler.js';
import { Sequence, type SampledToken } from './sequence.js';

export interface EngineStats {
  waiting: number;
  running: number;
  /** Caches allocated and not yet released; equals `running` between steps. */
  caches: number;
  /** Decode and prefill slices run since start. */
  slices: number;
  /** Absent without a prefix cache. */
  prefixCache?: PrefixCacheStats;
}

export interface EngineOptions {
  runner: ModelRunner;
  tokenTable: TokenTable;
  /** Receives the events of a step, all sequences together, in order. */
  emit: (events: { id: string; event: GenerateEvent }[]) => void;
  /** A forward pass or a cache allocation failed; the sequence ends, the engine goes on. */
  onError?: (error: unknown, id: string) => void;
  scheduling?: Partial<SchedulerOptions>;
  /** Absent = every prompt is computed from its beginning. */
  prefixCache?: PrefixCache;
}

export const DEFAULT_SCHEDULING: SchedulerOptions = {
  maxRunning: 8,
  prefillChunk: 64,
  prefillChunkAlone: 256,
};

export class Engine {
  readonly #options: EngineOptions;
  readonly #scheduler: Scheduler;
  readonly #sampler: Sampler;
  #outbox: { id: string; event: GenerateEvent }[] = [];
  #numCaches = 0;
  #numSlices = 0;
  /** The newest run of the loop; set only after its first slice has begun. */
  #loop: Promise<void> | undefined;
  #isRunning = false;
  /** A slice is in the model: no memory may be freed under the running computation. */
  #isComputing = false;
  /** Finished sequences whose cache is still to be released. */
  #finished: Sequence[] = [];
  /** Ends the wait for prefixes from disk. */
  #wake: () => void = () => {};

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#scheduler = new Scheduler({ ...DEFAULT_SCHEDULING, ...options.scheduling });
    const vocabSize = Math.min(options.runner.card.vocabSize, numTokens(options.tokenTable));
    this.#sampler = new Sampler(vocabSize);
  }

  /**
   * Queues a request that has been validated against the model card (validate-request.ts), with its
   * grammar compiled (grammar/grammar-gate.ts).
   */
  submit(request: GenerateRequest, grammar?: TokenGrammar): void {
    const { contextLength } = this.#options.runner.card;
    const { tokenTable: table } = this.#options;
    this.#scheduler.add(new Sequence(request, { contextLength, table }, grammar));
    if (!this.#isRunning) this.#loop = this.#run();
    this.#wake();
  }

  /** Ends the sequence at once, its slice in flight too; unknown or finished ids are ignored. */
  abort(id: string): void {
    const sequence = this.#scheduler.find(id);
    if (!sequence) return;
    this.#push(sequence, sequence.abort());
    this.#retire(sequence);
    this.#flush();
    this.#wake();
  }

  stats(): EngineStats {
    const { prefixCache } = this.#options;
    return {
      waiting: this.#scheduler.numWaiting,
      running: this.#scheduler.numRunning,
      caches: this.#numCaches,
      slices: this.#numSlices,
      ...(prefixCache && { prefixCache: prefixCache.stats() }),
    };
  }

  /** Aborts everything, waits for the slice in flight, releases the model. */
  async dispose(): Promise<void> {
    for (const sequence of this.#scheduler.all()) this.abort(sequence.id);
    await this.#loop;
    this.#options.runner.dispose();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      // Checked without an await in between, so that a submit is either seen here or starts anew.
      while (this.#scheduler.numRunning + this.#scheduler.numWaiting > 0) {
        await this.#step();
        await nextTurn();
      }
    } finally {
      this.#isRunning = false;
    }
  }

  async #step(): Promise<void> {
    for (const sequence of this.#scheduler.admit()) this.#giveCache(sequence);
    this.#holdFollowers();
    const plan = this.#scheduler.plan();
    if (plan.decode.length === 0 && !plan.prefill && this.#scheduler.numRunning > 0) {
      this.#flush();
      // All that run wait for the disk. Nothing happens between the check and the wait.
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    for (const sequence of plan.decode) await this.#runSlice(sequence, sequence.nextInput());
    if (plan.prefill) {
      const { sequence, size } = plan.prefill;
      this.#restorePrefix(sequence);
      await this.#runSlice(sequence, sequence.nextChunk(size));
    }
    this.#flush();
    // After the events are out: nobody waits for it.
    for (const sequence of [...plan.decode, plan.prefill?.sequence]) this.#savePrefix(sequence);
  }

  /** Of sequences that begin alike one computes and the others hit; none waits for a lower priority. */
  #holdFollowers(): void {
    const leaders = this.#scheduler.running.filter(
      (one) => one.needsPrefill && one.prefilledTokens > 0,
    );
    for (const sequence of this.#scheduler.running) {
      const { prefix } = sequence;
      if (!prefix || sequence.prefilledTokens > 0 || sequence.isFetching) continue;
      sequence.isFollowing = leaders.some((leader) => {
        if (!leader.prefix || leader.priority < sequence.priority) return false;
        return prefix.isAwaiting(leader.prefix, leader.prefilledTokens);
      });
      if (!sequence.isFollowing) leaders.push(sequence);
    }
  }

  #openPrefix(sequence: Sequence): void {
    const { promptTokens: tokens, cacheSalt: salt } = sequence.request;
    sequence.prefix = this.#options.prefixCache?.open({ tokens, salt });
    const fetching = sequence.prefix?.fetch();
    sequence.isFetching = fetching !== undefined;
    void fetching?.then(() => {
      sequence.isFetching = false;
      this.#wake();
    });
  }

  /** Before the first chunk, not on admission: what others compute meanwhile counts too. */
  #restorePrefix(sequence: Sequence): void {
    const { cache, prefix } = sequence;
    if (!cache || !prefix || sequence.prefilledTokens > 0) return;
    try {
      sequence.cacheHitTokens = prefix.restore(cache);
      sequence.prefilledTokens = sequence.cacheHitTokens;
    } catch (error) {
      this.#fail(sequence, error);
      this.#retire(sequence);
    }
  }

  #savePrefix(sequence: Sequence | undefined): void {
    if (!sequence?.cache || sequence.finishReason === 'insufficient_system_resource') return;
    sequence.prefix?.save(sequence.cache, (position) => sequence.tokensFrom(position));
  }

  async #runSlice(sequence: Sequence, tokens: Int32Array): Promise<void> {
    const { cache, isFinished, needsPrefill, signal } = sequence;
    if (isFinished || !cache) return; // aborted while the step was running
    const prefilled = sequence.prefilledTokens + (needsPrefill ? tokens.length : 0);
    const wantLogits = prefilled === sequence.request.promptTokens.length;
    this.#isComputing = true;
    this.#numSlices++;
    try {
      const forward = this.#options.runner.forward({
        cache,
        tokens,
        wantLogits,
        signal,
      });
      // The model computes meanwhile. It is waited for in any case, whatever becomes of the mask.
      const mask = wantLogits ? sequence.grammar?.computeMask() : undefined;
      mask?.catch(() => {});
      const logits = await forward;
      await mask;
      sequence.prefilledTokens = prefilled;
      // An abort during the slice has finished the sequence already: its token is not wanted.
      if (!sequence.isFinished) {
        if (needsPrefill) this.#push(sequence, [progressEvent(sequence)]);
        if (wantLogits) this.#push(sequence, sequence.accept(this.#sample(sequence, logits)));
      }
    } catch (error) {
      if (!signal.aborted) this.#fail(sequence, error); // else it did as it was told
    }
    this.#isComputing = false;
    if (sequence.isFinished) this.#retire(sequence);
    this.#releaseCaches();
  }

  #sample(sequence: Sequence, logits: Float32Array | undefined): SampledToken {
    if (!logits) throw new Error('the model returned no logits where they were asked for');
    const { sampling, topLogprobs } = sequence.request;
    const token = this.#sampler.sample(logits, sampling, sequence.random, sequence.processors);
    if (topLogprobs === undefined) return { token };
    return { token, logprobs: this.#sampler.logprobs(logits, token, topLogprobs) };
  }

  /** Whoever aborts while a slice is in flight, even another sequence's, leaves the cache to it. */
  #retire(sequence: Sequence): void {
    this.#scheduler.remove(sequence);
    this.#finished.push(sequence);
    if (!this.#isComputing) this.#releaseCaches();
  }

  #releaseCaches(): void {
    for (const sequence of this.#finished.splice(0)) {
      if (!sequence.cache) continue;
      this.#savePrefix(sequence);
      sequence.releaseCache();
      this.#numCaches--;
    }
  }

  #giveCache(sequence: Sequence): void {
    try {
      sequence.cache = this.#options.runner.createCache(sequence.maxLength);
      this.#openPrefix(sequence);
      this.#numCaches++;
    } catch (error) {
      this.#fail(sequence, error);
      this.#retire(sequence);
    }
  }

  #fail(sequence: Sequence, error: unknown): void {
    this.#options.onError?.(error, sequence.id);
    this.#push(sequence, sequence.finish('insufficient_system_resource'));
  }

  #push(sequence: Sequence, events: GenerateEvent[]): void {
    for (const event of events) this.#outbox.push({ id: sequence.id, event });
  }

  #flush(): void {
    if (this.#outbox.length === 0) return;
    const events = this.#outbox;
    this.#outbox = [];
    this.#options.emit(events);
  }
}

function progressEvent(sequence: Sequence): GenerateEvent {
  return {
    type: 'prefill-progress',
    processedTokens: sequence.prefilledTokens,
    promptTokens: sequence.request.promptTokens.length,
    cacheHitTokens: sequence.cacheHitTokens,
  };
}

/** Lets messages from outside (aborts, new requests) in between two steps. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
