// One request inside the engine: its tokens, its cache, its sampler state, and when it ends. The
// scheduler decides when a sequence runs; a sequence decides what its next tokens mean.

import type {
  FinishReason,
  GenerateEvent,
  GenerateRequest,
  TokenLogprobs,
  TokenUsage,
} from '../backend/types.js';
import { bytesOfToken, isControlToken, type TokenTable } from '../backend/token-table.js';
import type { TokenGrammar } from './grammar/token-grammar.js';
import type { RunnerCache } from './model-runner.js';
import type { CachedPrefix } from './prefix-cache/prefix-cache.js';
import { createRandom, type RandomSource } from './random.js';
import { penaltyProcessor, type LogitsProcessor } from './sampler.js';
import { StopMatcher, type Released } from '../backend/stop-matcher.js';

export interface SampledToken {
  token: number;
  logprobs?: TokenLogprobs;
}

export class Sequence {
  /** Set on admission, cleared on release. */
  cache: RunnerCache | undefined;
  /** Prompt tokens in the cache so far. */
  prefilledTokens = 0;
  /** Prompt tokens that came from the prefix cache. */
  cacheHitTokens = 0;
  /** Set on admission where there is a prefix cache. */
  prefix: CachedPrefix | undefined;
  /** Its prefix is being read from disk. */
  isFetching = false;
  /** Its prefix is being computed by another sequence. */
  isFollowing = false;
  finishReason: FinishReason | undefined;

  readonly random: RandomSource;
  readonly #abort = new AbortController();
  readonly processors: LogitsProcessor[];
  readonly #contextLength: number;
  readonly #table: TokenTable;
  readonly #stopTokens: ReadonlySet<number>;
  readonly #stopMatcher: StopMatcher<SampledToken>;
  readonly #counts = new Map<number, number>();
  #stoppedBy: { token: number } | { string: string } | undefined;
  readonly #generated: number[] = [];
  /** Generated and not yet run through the model. */
  #numNew = 0;

  constructor(
    readonly request: GenerateRequest,
    { contextLength, table }: { contextLength: number; table: TokenTable },
    /** Owned by the sequence from here on. */
    readonly grammar?: TokenGrammar,
  ) {
    this.random = createRandom(request.sampling.seed);
    this.#contextLength = contextLength;
    this.#table = table;
    this.#stopTokens = new Set(request.stopTokens);
    this.#stopMatcher = new StopMatcher(request.stopStrings);
    const penalties = penaltyProcessor(request.sampling, this.#counts);
    this.processors = [...(penalties ? [penalties] : []), ...(grammar ? [grammar.mask] : [])];
  }

  get id(): string {
    return this.request.id;
  }

  /** Aborted by `abort`; a slice in flight listens to it. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get priority(): number {
    return this.request.priority ?? 0;
  }

  get isFinished(): boolean {
    return this.finishReason !== undefined;
  }

  /** It holds a cache but does not run yet. */
  get isHeld(): boolean {
    return this.isFetching || this.isFollowing;
  }

  get needsPrefill(): boolean {
    return this.prefilledTokens < this.request.promptTokens.length;
  }

  /** The longest this sequence can become, in tokens: the size of its cache. */
  get maxLength(): number {
    const wanted = this.request.promptTokens.length + this.request.maxTokens;
    return Math.min(wanted, this.#contextLength);
  }

  get usage(): TokenUsage {
    return {
      promptTokens: this.request.promptTokens.length,
      cacheHitTokens: this.cacheHitTokens,
      completionTokens: this.#generated.length,
    };
  }

  /** The next piece of the prompt, at most `size` tokens. */
  nextChunk(size: number): Int32Array {
    return this.request.promptTokens.subarray(this.prefilledTokens, this.prefilledTokens + size);
  }

  /** The tokens a decode step feeds in: the sampled one, and what a grammar forces behind it. */
  nextInput(): Int32Array {
    return Int32Array.from(this.#generated.slice(-this.#numNew));
  }

  /** Prompt and generated tokens from a position on. */
  tokensFrom(position: number): Int32Array {
    const { promptTokens } = this.request;
    const tokens = new Int32Array(promptTokens.length + this.#generated.length - position);
    const prompt = promptTokens.subarray(position);
    tokens.set(prompt);
    const generated = this.#generated.slice(Math.max(0, position - promptTokens.length));
    tokens.set(generated, prompt.length);
    return tokens;
  }

  /** Takes a sampled token; returns the events it releases. May finish the sequence. */
  accept(sampled: SampledToken): GenerateEvent[] {
    if (this.#stopTokens.has(sampled.token)) {
      this.#stoppedBy = { token: sampled.token };
      return this.finish('stop');
    }
    this.#numNew = 0;
    const events = this.#take(sampled);
    if (this.grammar && !this.isFinished) {
      this.grammar.accept(sampled.token);
      events.push(...this.#takeForced(this.grammar));
    }
    return events;
  }

  /** Jump-ahead: what the grammar leaves no choice about is not sampled. */
  #takeForced(grammar: TokenGrammar): GenerateEvent[] {
    const events: GenerateEvent[] = [];
    // Log-probabilities are of sampled tokens, and the client wants those of all.
    if (this.request.topLogprobs !== undefined) return events;
    for (const token of grammar.acceptForced()) {
      events.push(...this.#take({ token }));
      if (this.isFinished) break;
    }
    return events;
  }

  #take(sampled: SampledToken): GenerateEvent[] {
    this.#generated.push(sampled.token);
    this.#numNew++;
    this.#counts.set(sampled.token, (this.#counts.get(sampled.token) ?? 0) + 1);

    const isControl = isControlToken(this.#table, sampled.token);
    const bytes = bytesOfToken(this.#table, sampled.token);
    const { released, match } = this.#stopMatcher.push({ value: sampled, bytes, isControl });
    const events = released.map(tokenEvent);
    if (match) {
      this.#stoppedBy = { string: match.stop };
      return [...events, ...this.finish('stop', { keepHeld: false })];
    }
    return this.#isFull() ? [...events, ...this.finish('length')] : events;
  }

  /** Ends the sequence once; later calls return nothing. */
  finish(reason: FinishReason, { keepHeld = true } = {}): GenerateEvent[] {
    if (this.isFinished) return [];
    this.finishReason = reason;
    this.grammar?.dispose();
    const held = keepHeld ? this.#stopMatcher.flush().map(tokenEvent) : [];
    return [
      ...held,
      {
        type: 'finish',
        reason,
        usage: this.usage,
        ...(this.#stoppedBy && { stoppedBy: this.#stoppedBy }),
      },
    ];
  }

  abort(): GenerateEvent[] {
    const events = this.finish('aborted');
    this.#abort.abort();
    return events;
  }

  releaseCache(): void {
    this.cache?.dispose();
    this.cache = undefined;
  }

  #isFull(): boolean {
    const numGenerated = this.#generated.length;
    const length = this.request.promptTokens.length + numGenerated;
    return numGenerated >= this.request.maxTokens || length >= this.#contextLength;
  }
}

function tokenEvent({ value, visibleBytes }: Released<SampledToken>): GenerateEvent {
  return {
    type: 'token',
    token: value.token,
    ...(visibleBytes !== undefined && { visibleBytes }),
    ...(value.logprobs && { logprobs: value.logprobs }),
  };
}
