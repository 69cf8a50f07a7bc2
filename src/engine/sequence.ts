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
import type { DraftRole } from './speculation.js';
import { StopMatcher, type Released } from '../backend/stop-matcher.js';

export interface SampledToken {
  token: number;
  logprobs?: TokenLogprobs;
}

export class Sequence {
  /** Set on admission, cleared on release. Its length says how much has been computed. */
  cache: RunnerCache | undefined;
  /** Prompt tokens that came from the prefix cache when the prompt was first begun. */
  cacheHitTokens = 0;
  /** The first chunk has been run or is about to: what the prefix cache served is settled. */
  hasBegun = false;
  /** Set on admission where there is a prefix cache. */
  prefix: CachedPrefix | undefined;
  /** Its prefix is being read from disk. */
  isFetching = false;
  /** Its prefix is being computed by another sequence. */
  isFollowing = false;
  finishReason: FinishReason | undefined;
  /** Place in the order of arrival; the scheduler's. */
  arrival = 0;
  /** Place in the order of first admission, kept when put back; the scheduler's. */
  admission: number | undefined;
  /** Its part in drafting, settled before its first step. */
  draftRole: DraftRole | undefined;
  /** A guess at the token after the newest one, to be fed with it. */
  draft: number | undefined;
  /** When it last had a turn at prefilling, in steps; the planner's. */
  lastTurn = -1;
  /** The most tokens that were ever in its cache: what is computed again was counted before. */
  peakLength = 0;

  readonly random: RandomSource;
  readonly processors: LogitsProcessor[];
  readonly #contextLength: number;
  readonly #table: TokenTable;
  readonly #stopTokens: ReadonlySet<number>;
  readonly #stopMatcher: StopMatcher<SampledToken>;
  readonly #counts = new Map<number, number>();
  #stoppedBy: { token: number } | { string: string } | undefined;
  readonly #generated: number[] = [];
  /** Of these, what the next decode step feeds in. */
  #numNew = 0;
  /** Of the prompt, as the client knows it. */
  #reportedTokens = 0;

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

  get priority(): number {
    return this.request.priority ?? 0;
  }

  /** Whose share of the engine it uses. */
  get tenant(): string {
    return this.request.tenant ?? '';
  }

  get isFinished(): boolean {
    return this.finishReason !== undefined;
  }

  /** It holds a cache but does not run yet. */
  get isHeld(): boolean {
    return this.isFetching || this.isFollowing;
  }

  /** Tokens so far: of the prompt and generated. */
  get length(): number {
    return this.request.promptTokens.length + this.#generated.length;
  }

  /** Rows of its cache after the next decode step. */
  get nextLength(): number {
    return this.length + (this.draft === undefined ? 0 : 1);
  }

  /** Whether the next step feeds one token, and could take the two that a right draft gives. */
  get canTakeDraft(): boolean {
    const isDecoding = this.#numNew === 1 && this.numPending === 1;
    return !this.isFinished && isDecoding && this.length + 2 <= this.maxLength;
  }

  /** Tokens that are not in the cache. */
  get numPending(): number {
    return this.length - (this.cache?.length ?? 0);
  }

  /** More is pending than what was generated last: the prompt, or all when it is computed again. */
  get needsPrefill(): boolean {
    return this.numPending > this.#numNew || this.#numNew === 0;
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

  /** The next piece to prefill, at most `size` tokens; the token after its last one is sampled when
   *  nothing is pending behind it. */
  nextChunk(size: number): Int32Array {
    const start = this.length - this.numPending;
    return this.tokensBetween(start, Math.min(start + size, this.length));
  }

  /** The tokens a decode step feeds in: the sampled one, and what a grammar forces behind it. */
  nextInput(): Int32Array {
    return this.tokensBetween(this.length - this.#numNew, this.length);
  }

  /** Tokens `start .. end` of prompt and generated ones. */
  tokensBetween(start: number, end: number): Int32Array {
    const { promptTokens } = this.request;
    if (end <= promptTokens.length) return promptTokens.subarray(start, end);
    const tokens = new Int32Array(end - start);
    const prompt = promptTokens.subarray(start);
    tokens.set(prompt);
    const numPrompt = promptTokens.length;
    const generated = this.#generated.slice(Math.max(0, start - numPrompt), end - numPrompt);
    tokens.set(generated, prompt.length);
    return tokens;
  }

  /** Tells how far the prompt is; nothing when that was told before. */
  reportProgress(): GenerateEvent[] {
    const promptTokens = this.request.promptTokens.length;
    const processedTokens = Math.min(this.cache?.length ?? 0, promptTokens);
    if (processedTokens <= this.#reportedTokens) return [];
    this.#reportedTokens = processedTokens;
    const { cacheHitTokens } = this;
    return [{ type: 'prefill-progress', processedTokens, promptTokens, cacheHitTokens }];
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

  /** The token sampled last had been fed as a draft: its row is in the cache. */
  keepDraft(): void {
    this.#numNew--;
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

  /** Frees the memory. Everything else goes on where it stands when a new cache has been filled. */
  releaseCache(): void {
    this.cache?.dispose();
    this.cache = undefined;
    this.draft = undefined;
    this.prefix = undefined;
    this.isFetching = false;
    this.isFollowing = false;
  }

  #isFull(): boolean {
    return this.#generated.length >= this.request.maxTokens || this.length >= this.#contextLength;
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
