// Runs the items of one step: one forward pass for all, grammar masks worked out meanwhile, then the
// sampling. When the pass fails, each item runs alone, so that only the culprit is lost.
// Knows sequences, not who chose them; hands out nothing itself.
// Contract: never rejects. No memory may be freed and no cache touched while `isComputing`.

import type { Drafter } from './drafter.js';
import type { EngineCounters } from './engine-counters.js';
import type { ForwardSlice, ModelRunner, SliceOutput } from './model-runner.js';
import type { Sampler } from './sampler.js';
import type { SampledToken, Sequence } from './sequence.js';
import type { GenerateEvent } from '../backend/types.js';
import { numTokensOf, type StepItem } from './step-planner.js';
import type { MeasuredStep, StepPacer } from './step-pacer.js';

export interface StepRunnerOptions {
  runner: ModelRunner;
  sampler: Sampler;
  counters: EngineCounters;
  pacer: StepPacer;
  /** Absent = one token per step and sequence. */
  drafter?: Drafter | undefined;
  /** Milliseconds. */
  now: () => number;
  push: (sequence: Sequence, events: GenerateEvent[]) => void;
  /** The sequence cannot go on. */
  fail: (sequence: Sequence, error: unknown) => void;
}

export class StepRunner {
  readonly #options: StepRunnerOptions;
  /** In the model at this moment. */
  #items: readonly StepItem[] = [];
  #abort: AbortController | undefined;

  constructor(options: StepRunnerOptions) {
    this.#options = options;
  }

  get isComputing(): boolean {
    return this.#abort !== undefined;
  }

  /** To be called when a sequence was finished from outside: stops the pass if it has no use left. */
  noticeAbort(): void {
    if (this.#items.every(({ sequence }) => sequence.isFinished)) this.#abort?.abort();
  }

  /** Makes drafts for the next step, when the events of this one are out. Never rejects. */
  async draft(): Promise<void> {
    const { drafter, counters, now } = this.#options;
    if (!drafter) return;
    const start = now();
    this.#abort = new AbortController();
    await drafter.draft();
    this.#abort = undefined;
    counters.decodeSeconds += (now() - start) / 1000;
  }

  async run(items: readonly StepItem[]): Promise<void> {
    const failure = await this.#tryRun(items);
    if (!failure) return;
    if (items.length === 1) this.#fail(items[0]!, failure.error);
    else for (const item of items) await this.#runAlone(item);
  }

  async #runAlone(item: StepItem): Promise<void> {
    if (item.sequence.isFinished) return; // aborted meanwhile
    const failure = await this.#tryRun([item]);
    if (failure) this.#fail(item, failure.error);
  }

  #fail({ sequence }: StepItem, error: unknown): void {
    if (!sequence.isFinished) this.#options.fail(sequence, error);
  }

  /** undefined when it went well, or when nobody waits for it any more. */
  async #tryRun(items: readonly StepItem[]): Promise<{ error: unknown } | undefined> {
    const abort = new AbortController();
    const slices = this.#slicesOf(items);
    const { runner, now, counters, pacer } = this.#options;
    const start = now();
    this.#items = items;
    this.#abort = abort;
    try {
      const forward = runner.forward(slices, abort.signal);
      // The model computes meanwhile. It is waited for in any case, whatever becomes of the masks.
      const masks = items.map((item) => computeMask(item));
      const outputs = await forward;
      const maskFailures = await Promise.all(masks);
      const measured = measure(items, now() - start);
      counters.recordStep(measured, items.length);
      pacer.record(measured);
      for (const [i, item] of items.entries()) {
        await this.#take(item, slices[i]!, outputs[i]!, maskFailures[i]);
      }
      return undefined;
    } catch (error) {
      return abort.signal.aborted ? undefined : { error };
    } finally {
      this.#items = [];
      this.#abort = undefined;
    }
  }

  /** An item with a draft has one token more. */
  #slicesOf(items: readonly StepItem[]): ForwardSlice[] {
    const { drafter } = this.#options;
    const batchSize = items.filter(({ wantLogits }) => wantLogits).length;
    return items.map((item) => drafter?.toSlice(toSlice(item), item, batchSize) ?? toSlice(item));
  }

  /** Of one item of a pass that went well. An abort during the pass has finished the sequence. */
  async #take(
    item: StepItem,
    slice: ForwardSlice,
    output: SliceOutput,
    maskFailure: { error: unknown } | undefined,
  ): Promise<void> {
    const { drafter } = this.#options;
    const { sequence } = item;
    const cache = sequence.cache!; // a release waits for the end of the pass
    const startPos = cache.length - slice.tokens.length;
    const hasDraft = slice.tokens.length > item.tokens.length;
    const vocabSize = output.logits.length / (hasDraft ? 2 : 1);
    const first = this.#takeFirst(item, output.logits.subarray(0, vocabSize), maskFailure);
    if (hasDraft) {
      sequence.draft = undefined;
      const isAccepted = first === slice.tokens.at(-1) && !sequence.isFinished;
      if (first !== undefined) drafter?.record(isAccepted);
      if (isAccepted) await this.#takeSecond(sequence, output.logits.subarray(vocabSize));
      else cache.truncate(cache.length - 1);
    }
    drafter?.collect(sequence, startPos, slice, output);
  }

  /** Samples the token after the item's own; undefined where there is none. */
  #takeFirst(
    { sequence, isPrefill, wantLogits }: StepItem,
    logits: Float32Array,
    maskFailure: { error: unknown } | undefined,
  ): number | undefined {
    if (sequence.isFinished) return undefined;
    if (isPrefill) this.#options.push(sequence, sequence.reportProgress());
    if (!wantLogits) return undefined;
    try {
      if (maskFailure) throw maskFailure.error;
      return this.#accept(sequence, logits);
    } catch (error) {
      this.#options.fail(sequence, error); // logits that are no numbers, a grammar without a way on
      return undefined;
    }
  }

  /** The draft was right: samples the token after it, unless a grammar forces that. */
  async #takeSecond(sequence: Sequence, logits: Float32Array): Promise<void> {
    sequence.keepDraft();
    if (sequence.numPending > 0) return;
    try {
      await sequence.grammar?.computeMask();
      if (!sequence.isFinished) this.#accept(sequence, logits);
    } catch (error) {
      if (!sequence.isFinished) this.#options.fail(sequence, error);
    }
  }

  /** Samples a token, hands it to the sequence and its events on, and returns it. */
  #accept(sequence: Sequence, logits: Float32Array): number {
    const { push, counters } = this.#options;
    const before = sequence.length;
    const sampled = this.#sample(sequence, logits);
    push(sequence, sequence.accept(sampled));
    counters.decodeTokens += sequence.length - before;
    return sampled.token;
  }

  #sample(sequence: Sequence, logits: Float32Array): SampledToken {
    const { sampler } = this.#options;
    const { sampling, topLogprobs } = sequence.request;
    const token = sampler.sample(logits, sampling, sequence.random, sequence.processors);
    if (topLogprobs === undefined) return { token };
    return { token, logprobs: sampler.logprobs(logits, token, topLogprobs) };
  }
}

function toSlice({ sequence, tokens, wantLogits }: StepItem): ForwardSlice {
  const { cache } = sequence;
  if (!cache) throw new Error(`sequence ${sequence.id} was planned without a cache`);
  return { cache, tokens, wantLogits: wantLogits ? 'last' : 'none', wantHidden: false };
}

/** Never rejects: resolves with what went wrong. */
async function computeMask({
  sequence,
  wantLogits,
}: StepItem): Promise<{ error: unknown } | undefined> {
  try {
    if (wantLogits) await sequence.grammar?.computeMask();
    return undefined;
  } catch (error) {
    return { error };
  }
}

function measure(items: readonly StepItem[], ms: number): MeasuredStep {
  const prefillTokens = numTokensOf(items.filter(({ isPrefill }) => isPrefill));
  return { ms, prefillTokens, decodeTokens: numTokensOf(items) - prefillTokens };
}
