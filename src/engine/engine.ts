// The generation loop: makes room, lets sequences in, plans a step, runs it, and hands out the events
// of all its sequences together. Single-threaded and in-process: child.ts puts it behind a process
// boundary. Decides nothing itself: who holds memory is scheduler.ts, what a step takes is
// step-planner.ts, how it runs is step-runner.ts, what a token means is sequence.ts.

import { BackendError, type GenerateEvent, type GenerateRequest } from '../backend/types.js';
import { numTokens, type TokenTable } from '../backend/token-table.js';
import { Drafter } from './drafter.js';
import { EngineCounters } from './engine-counters.js';
import type { EngineStats } from './engine-stats.js';
import type { TokenGrammar } from './grammar/token-grammar.js';
import type { ModelRunner } from './model-runner.js';
import type { PrefixCache } from './prefix-cache/prefix-cache.js';
import { Sampler } from './sampler.js';
import { Scheduler, type SchedulerOptions } from './scheduler.js';
import { Sequence } from './sequence.js';
import { SequenceCaches } from './sequence-caches.js';
import type { Speculation } from './speculation.js';
import { StepPacer, type PaceOptions } from './step-pacer.js';
import { planStep } from './step-planner.js';
import { StepRunner } from './step-runner.js';

export type SchedulingOptions = SchedulerOptions & PaceOptions;

export interface EngineOptions {
  runner: ModelRunner;
  tokenTable: TokenTable;
  /** Receives the events of a step, all sequences together, in order. */
  emit: (events: { id: string; event: GenerateEvent }[]) => void;
  /** A forward pass or a cache allocation failed; the sequence ends, the engine goes on. */
  onError?: (error: unknown, id: string) => void;
  scheduling?: Partial<SchedulingOptions>;
  /** Absent = every prompt is computed from its beginning. */
  prefixCache?: PrefixCache;
  /** Absent = no drafts, as is right for a runner that has none. */
  speculation?: Speculation | undefined;
  /** Milliseconds, for measuring; default the process's own clock. */
  now?: () => number;
}

export const DEFAULT_SCHEDULING: SchedulingOptions = {
  maxRunning: 32,
  headroomTokens: 64,
  stepTokens: 64,
  stepTokensAlone: 256,
  targetStepMs: 100,
};

export class Engine {
  readonly #options: EngineOptions;
  readonly #scheduler: Scheduler;
  readonly #pacer: StepPacer;
  readonly #caches: SequenceCaches;
  readonly #steps: StepRunner;
  readonly #counters = new EngineCounters();
  #outbox: { id: string; event: GenerateEvent }[] = [];
  /** The newest run of the loop; set only after its first step has begun. */
  #loop: Promise<void> | undefined;
  #isRunning = false;
  #turn = 0;
  /** Finished sequences whose cache is still to be released. */
  #finished: Sequence[] = [];
  /** Ends the wait for prefixes from disk. */
  #wake: () => void = () => {};

  constructor(options: EngineOptions) {
    const { runner, tokenTable, prefixCache, speculation, now = () => performance.now() } = options;
    const scheduling = { ...DEFAULT_SCHEDULING, ...options.scheduling };
    this.#options = options;
    this.#scheduler = new Scheduler(scheduling, {
      budgetBytes: runner.cacheBudgetBytes,
      cacheBytes: (numRows) => runner.cacheBytes(numRows),
    });
    this.#pacer = new StepPacer(scheduling);
    this.#caches = new SequenceCaches({ runner, prefixCache, onFetched: () => this.#wake() });
    this.#steps = new StepRunner({
      runner,
      sampler: new Sampler(Math.min(runner.card.vocabSize, numTokens(tokenTable))),
      counters: this.#counters,
      pacer: this.#pacer,
      drafter: speculation && new Drafter({ runner, speculation, counters: this.#counters }),
      now,
      push: (sequence, events) => this.#push(sequence, events),
      fail: (sequence, error) => this.#fail(sequence, error),
    });
  }

  /**
   * Queues a request that has been validated against the model card (validate-request.ts), with its
   * grammar compiled (grammar/grammar-gate.ts).
   * @throws BackendError `context_length` when all the memory for caches could not hold it
   */
  submit(request: GenerateRequest, grammar?: TokenGrammar): void {
    const { contextLength } = this.#options.runner.card;
    const { tokenTable: table } = this.#options;
    const sequence = new Sequence(request, { contextLength, table }, grammar);
    const unfitting = this.#scheduler.findUnfitting(sequence);
    if (unfitting) {
      grammar?.dispose();
      throw new BackendError(
        'context_length',
        `a cache of ${sequence.maxLength} tokens needs ${unfitting.neededBytes} bytes; caches may ` +
          `take ${unfitting.budgetBytes} (a shorter prompt or fewer tokens to generate need less)`,
      );
    }
    this.#scheduler.add(sequence);
    if (!this.#isRunning) this.#loop = this.#run();
    this.#wake();
  }

  /** Ends the sequence at once, a step in flight goes on for the others; unknown or finished ids are
   *  ignored. */
  abort(id: string): void {
    const sequence = this.#scheduler.find(id);
    if (!sequence) return;
    this.#push(sequence, sequence.finish('aborted'));
    this.#retire(sequence);
    this.#steps.noticeAbort();
    this.#flush();
    this.#wake();
  }

  stats(): EngineStats {
    const { prefixCache, runner, speculation } = this.#options;
    const { denseTokens, sparseTokens } = runner.stats();
    return {
      ...this.#counters,
      waiting: this.#scheduler.numWaiting,
      running: this.#scheduler.numRunning,
      caches: this.#caches.count,
      cacheBytes: this.#caches.byteLength,
      cacheBudgetBytes: runner.cacheBudgetBytes,
      denseTokens,
      sparseTokens,
      isDrafting: speculation?.isOn ?? false,
      ...(prefixCache && { prefixCache: prefixCache.stats() }),
    };
  }

  /** Aborts everything, waits for the step in flight, releases the model. */
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
    this.#makeRoom();
    this.#letIn();
    this.#caches.holdFollowers(this.#scheduler.running);
    const items = planStep({
      running: this.#scheduler.running,
      pacer: this.#pacer,
      served: (sequence) => this.#scheduler.served(sequence),
      begin: (sequence) => this.#begin(sequence),
      turn: this.#turn++,
    });
    if (items.length === 0) {
      this.#flush();
      // All that run wait for the disk, unless the one failed that the others were waiting for: then
      // one of them is next. Nothing happens between planning and the wait.
      if (!this.#scheduler.running.some(({ isFetching }) => isFetching)) return;
      return new Promise<void>((resolve) => (this.#wake = resolve));
    }
    await this.#steps.run(items);
    for (const { sequence } of items) {
      this.#charge(sequence);
      if (sequence.isFinished) this.#retire(sequence);
    }
    this.#flush();
    // After the events are out: nobody waits for these.
    await this.#steps.draft();
    for (const { sequence } of items) this.#caches.save(sequence);
    this.#releaseCaches();
  }

  /** Puts back whom the others have outgrown; its client sees a pause. */
  #makeRoom(): void {
    for (const sequence of this.#scheduler.findOverflow()) this.#putBack(sequence);
  }

  #letIn(): void {
    for (;;) {
      const admission = this.#scheduler.findAdmission();
      if (!admission) return;
      for (const sequence of admission.displaced) this.#putBack(sequence);
      this.#scheduler.admit(admission.sequence);
      this.#try(admission.sequence, () => this.#caches.give(admission.sequence));
    }
  }

  #putBack(sequence: Sequence): void {
    this.#caches.release(sequence);
    this.#scheduler.putBack(sequence);
    this.#counters.preemptions++;
  }

  #begin(sequence: Sequence): void {
    this.#try(sequence, () => this.#caches.restore(sequence));
  }

  #try(sequence: Sequence, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#fail(sequence, error);
      this.#retire(sequence);
    }
  }

  /** What was computed for a tenant: neither hits nor what is computed again. */
  #charge(sequence: Sequence): void {
    const { cache, peakLength, cacheHitTokens } = sequence;
    if (!cache || cache.length <= peakLength) return;
    this.#scheduler.charge(sequence, cache.length - Math.max(peakLength, cacheHitTokens));
    sequence.peakLength = cache.length;
  }

  /** Whoever is retired while a step is in flight, even one without it, leaves the cache to its end. */
  #retire(sequence: Sequence): void {
    this.#scheduler.remove(sequence);
    this.#finished.push(sequence);
    if (!this.#steps.isComputing) this.#releaseCaches();
  }

  #releaseCaches(): void {
    for (const sequence of this.#finished.splice(0)) this.#caches.release(sequence);
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

/** Lets messages from outside (aborts, new requests) in between two steps. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
