// What the chunks of one upstream completion mean: token events, and when and why it ended. The
// counterpart of the engine's Sequence: same stop rules, same counts, on tokens sampled elsewhere.
// Knows no sockets; fed by hand in tests.

import type {
  FinishReason,
  GenerateEvent,
  GenerateRequest,
  TokenLogprobs,
  TokenUsage,
} from '../backend/types.js';
import { StopMatcher, type Released } from '../backend/stop-matcher.js';
import type { Tokenizer } from '../encoding/tokenizer.js';
import type { CompletionChunk, WireLogprob, WireToken } from './completion-chunk.js';
import type { ControlTexts } from './control-texts.js';
import { TextTokens } from './text-tokens.js';

/** Log-probabilities that wait for their token; more than this have lost it. */
const MAX_PENDING_LOGPROBS = 64;

interface ReadToken {
  token: number;
  logprobs: TokenLogprobs | undefined;
}

export interface Ending {
  reason: FinishReason;
  stoppedBy?: { token: number } | { string: string };
}

export interface ReaderOptions {
  request: GenerateRequest;
  tokenizer: Tokenizer;
  controls: ControlTexts;
  /** Tokens that may be generated. */
  maxTokens: number;
}

export class CompletionReader {
  readonly #request: GenerateRequest;
  readonly #tokenizer: Tokenizer;
  readonly #maxTokens: number;
  readonly #stopTokens: ReadonlySet<number>;
  readonly #stopMatcher: StopMatcher<ReadToken>;
  readonly #textTokens: TextTokens;
  #pendingLogprobs: WireLogprob[] = [];
  #source: 'unknown' | 'ids' | 'text' = 'unknown';
  #ending: Ending | undefined;
  #numTokens = 0;
  #reportedTokens: number | undefined;
  #cacheHitTokens = 0;
  #toldProgress = -1;

  constructor({ request, tokenizer, controls, maxTokens }: ReaderOptions) {
    this.#request = request;
    this.#tokenizer = tokenizer;
    this.#maxTokens = maxTokens;
    this.#stopTokens = new Set(request.stopTokens);
    this.#stopMatcher = new StopMatcher(request.stopStrings);
    this.#textTokens = new TextTokens(tokenizer, controls);
  }

  /** Set once the completion has ended; only counts are read from later chunks. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  get usage(): TokenUsage {
    return {
      promptTokens: this.#request.promptTokens.length,
      cacheHitTokens: Math.min(this.#cacheHitTokens, this.#request.promptTokens.length),
      completionTokens: this.#completionTokens(),
    };
  }

  /** Takes the next chunk; returns the events it releases, never a finish. */
  accept(chunk: CompletionChunk): GenerateEvent[] {
    if (chunk.completionTokens !== undefined) this.#reportedTokens = chunk.completionTokens;
    if (chunk.cachedTokens !== undefined) this.#cacheHitTokens = chunk.cachedTokens;
    if (this.#ending) return [];
    const events = [...this.#progress(chunk), ...this.#tokens(chunk)];
    if (chunk.finishReason === undefined || this.#ending) return events;
    return [...events, ...this.#endedUpstream(chunk.finishReason, chunk.stopReason)];
  }

  /** Ends it from our side, unless it has ended. Held text is released; it is ordinary after all. */
  end(ending: Ending): GenerateEvent[] {
    if (this.#ending) return [];
    const events = this.#flushText();
    if (this.#ending) return events; // the held text completed a stop string
    this.#ending = ending;
    return [...events, ...this.#stopMatcher.flush().map(tokenEvent)];
  }

  /** The last event. Call after the end. */
  finish(): GenerateEvent {
    return { type: 'finish', usage: this.usage, ...(this.#ending ?? { reason: 'aborted' }) };
  }

  #progress({ processedTokens, cachedTokens }: CompletionChunk): GenerateEvent[] {
    const { length: promptTokens } = this.#request.promptTokens;
    if (processedTokens === undefined || processedTokens <= this.#toldProgress) return [];
    const isFirst = this.#toldProgress < 0;
    this.#toldProgress = processedTokens;
    return [
      {
        type: 'prefill-progress',
        processedTokens: Math.min(processedTokens, promptTokens),
        promptTokens,
        ...(isFirst && cachedTokens !== undefined && { cacheHitTokens: this.usage.cacheHitTokens }),
      },
    ];
  }

  #tokens({ text, tokenIds, logprobs }: CompletionChunk): GenerateEvent[] {
    // Ids once, ids always: vLLM's text lags behind its ids, so the two must not be mixed.
    if (this.#source === 'unknown') {
      if (tokenIds && tokenIds.length > 0) this.#source = 'ids';
      else if (text !== '') this.#source = 'text';
    }
    if (this.#source === 'ids') {
      const aligned = tokenIds?.length === logprobs.length ? logprobs : [];
      return (tokenIds ?? []).flatMap((token, index) => this.#accept(token, aligned[index]));
    }
    this.#pendingLogprobs.push(...logprobs);
    this.#pendingLogprobs.splice(0, this.#pendingLogprobs.length - MAX_PENDING_LOGPROBS);
    return this.#textTokens
      .push(text)
      .flatMap((token) => this.#accept(token, this.#takeLogprob(token)));
  }

  #flushText(): GenerateEvent[] {
    return this.#textTokens
      .flush()
      .flatMap((token) => this.#accept(token, this.#takeLogprob(token)));
  }

  /** The engine's own entry for a token that we found in its text; others before it lost theirs. */
  #takeLogprob(token: number): WireLogprob | undefined {
    if (this.#pendingLogprobs.length === 0) return undefined;
    const index = this.#pendingLogprobs.findIndex(({ token: wire }) => this.#idOf(wire) === token);
    return index < 0 ? undefined : this.#pendingLogprobs.splice(0, index + 1)[index];
  }

  /** Same order as the engine's Sequence.accept: stop token, stop string, length. */
  #accept(token: number, wire: WireLogprob | undefined): GenerateEvent[] {
    if (this.#ending) return [];
    if (this.#stopTokens.has(token)) {
      const held = this.#stopMatcher.flush().map(tokenEvent);
      this.#ending = { reason: 'stop', stoppedBy: { token } };
      return held;
    }
    this.#numTokens++;
    const { released, match } = this.#stopMatcher.push({
      value: { token, logprobs: wire && this.#logprobsOf(wire) },
      bytes: this.#tokenizer.tokenBytes(token),
      isControl: this.#tokenizer.isControl(token),
    });
    const events = released.map(tokenEvent);
    if (match) {
      this.#ending = { reason: 'stop', stoppedBy: { string: match.stop } };
      return events;
    }
    if (this.#numTokens < this.#maxTokens) return events;
    this.#ending = { reason: 'length' };
    return [...events, ...this.#stopMatcher.flush().map(tokenEvent)];
  }

  /** An end that we did not see coming in the tokens: EOS left out, or a limit over there. */
  #endedUpstream(reason: string, by: number | string | undefined): GenerateEvent[] {
    if (reason === 'length') return this.end({ reason: 'length' });
    // vLLM and SGLang say `abort` or `error` when they gave up.
    if (reason !== 'stop') return this.end({ reason: 'insufficient_system_resource' });
    return this.end({ reason: 'stop', ...this.#stoppedBy(by) });
  }

  #stoppedBy(by: number | string | undefined): Pick<Ending, 'stoppedBy'> {
    if (typeof by === 'string') {
      return this.#request.stopStrings.includes(by) ? { stoppedBy: { string: by } } : {};
    }
    const token = by ?? this.#tokenizer.eosId; // none named: its end of sequence
    return this.#stopTokens.has(token) ? { stoppedBy: { token } } : {};
  }

  /**
   * Ids are counted here. Text is tokenised anew, so there the engine knows better; its number
   * includes the stop token, ours does not.
   */
  #completionTokens(): number {
    if (this.#source === 'ids' || this.#reportedTokens === undefined) return this.#numTokens;
    const byToken = this.#ending?.stoppedBy !== undefined && 'token' in this.#ending.stoppedBy;
    return Math.min(Math.max(0, this.#reportedTokens - (byToken ? 1 : 0)), this.#maxTokens);
  }

  #logprobsOf({ token, logprob, top }: WireLogprob): TokenLogprobs {
    const known = top
      .flatMap(({ token, logprob }) => {
        const id = this.#idOf(token);
        return id === undefined ? [] : [{ token: id, logprob }];
      })
      .toSorted((a, b) => b.logprob - a.logprob);
    const id = this.#idOf(token);
    const rank = known.findIndex((entry) => entry.token === id);
    return {
      logprob,
      rank: rank < 0 ? known.length + 1 : rank + 1,
      top: known.slice(0, this.#request.topLogprobs ?? 0),
    };
  }

  #idOf(token: WireToken): number | undefined {
    return 'id' in token ? token.id : this.#tokenizer.tokenId(token.text);
  }
}

function tokenEvent({ value, visibleBytes }: Released<ReadToken>): GenerateEvent {
  return {
    type: 'token',
    token: value.token,
    ...(visibleBytes !== undefined && { visibleBytes }),
    ...(value.logprobs && { logprobs: value.logprobs }),
  };
}
