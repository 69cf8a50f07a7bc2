// Token events of a backend to ReplyEvents: bytes to text, text through the completion parser,
// parser events into blocks with a start and an end, log-probabilities to the text they belong to,
// tokens to the usage. Holds the state of one reply.

import type { GenerateEvent, TokenLogprob } from '../backend/types.js';
import type { CompletionEvent } from '../encoding/completion.js';
import { LenientCompletionParser } from '../encoding/lenient-parser.js';
import { DSML } from '../encoding/markers.js';
import type { Tokenizer } from '../encoding/tokenizer.js';
import { Utf8Stream } from '../encoding/utf8-stream.js';
import type { NewCallId } from './call-ids.js';
import type { ReplyEvent, ReplyFinishReason, ReplyLogprob, ReplyUsage } from './types.js';

type TokenEvent = Extract<GenerateEvent, { type: 'token' }>;
type FinishEvent = Extract<GenerateEvent, { type: 'finish' }>;

export interface ReplyAssemblerOptions {
  tokenizer: Tokenizer;
  thinking: boolean;
  hasTools: boolean;
  newCallId: NewCallId;
}

export class ReplyAssembler {
  readonly #tokenizer: Tokenizer;
  readonly #newCallId: NewCallId;
  readonly #parser: LenientCompletionParser;
  readonly #utf8 = new Utf8Stream();
  /** Without a token of its own the mark can only be spelled, so spelled text must count. */
  readonly #spellsControl: boolean;
  #openBlock: 'reasoning' | 'content' | undefined;
  #pendingLogprobs: ReplyLogprob[] = [];
  #numTokens = 0;
  #numReasoningTokens = 0;
  #numForced = 0;
  #hasCall = false;
  #hasBrokenCall = false;

  constructor({ tokenizer, thinking, hasTools, newCallId }: ReplyAssemblerOptions) {
    this.#tokenizer = tokenizer;
    this.#newCallId = newCallId;
    this.#parser = new LenientCompletionParser({ thinking, hasTools });
    const mark = tokenizer.tokenId(DSML);
    this.#spellsControl = mark === undefined || !tokenizer.isControl(mark);
  }

  /** Tokens put in front of what the backend generates; they belong to the completion. */
  acceptForced(tokens: Int32Array): ReplyEvent[] {
    this.#numForced = tokens.length;
    return [...tokens].flatMap((token) => this.accept({ type: 'token', token }));
  }

  accept({ token, visibleBytes, logprobs }: TokenEvent): ReplyEvent[] {
    this.#numTokens++;
    const { phase } = this.#parser;
    if (phase === 'reasoning') this.#numReasoningTokens++;
    if (logprobs && phase === 'content') {
      this.#pendingLogprobs.push({
        ...this.#withBytes({ token, logprob: logprobs.logprob }),
        rank: logprobs.rank,
        topLogprobs: logprobs.top.map((top) => this.#withBytes(top)),
      });
    }
    const bytes = this.#tokenizer.tokenBytes(token).subarray(0, visibleBytes);
    if (!this.#tokenizer.isControl(token)) return this.#push(this.#utf8.push(bytes), false);
    const control = Buffer.from(bytes).toString();
    return [...this.#push(this.#utf8.flush(), false), ...this.#push(control, true)];
  }

  finish({ reason, usage, stoppedBy }: FinishEvent): ReplyEvent[] {
    // Tokens that a stop string hid were generated in the phase the visible text ended in.
    const numHidden = usage.completionTokens + this.#numForced - this.#numTokens;
    if (this.#parser.phase === 'reasoning') this.#numReasoningTokens += numHidden;

    const events = this.#push(this.#utf8.flush(), false);
    const isTruncated = reason !== 'stop';
    events.push(...this.#convert(this.#parser.finish({ isTruncated })), ...this.#closeBlock());
    const stopString = stoppedBy && 'string' in stoppedBy ? stoppedBy.string : undefined;
    events.push({
      type: 'finish',
      reason: this.#finishReason(reason),
      usage: this.#usage(usage),
      ...(stopString !== undefined && { stopString }),
    });
    return events;
  }

  #push(text: string, isControl: boolean): ReplyEvent[] {
    if (text === '') return [];
    const control = isControl || this.#spellsControl;
    return this.#convert(this.#parser.push({ text, control }));
  }

  #convert(events: readonly CompletionEvent[]): ReplyEvent[] {
    return events.flatMap((event) => this.#convertOne(event));
  }

  #convertOne(event: CompletionEvent): ReplyEvent[] {
    switch (event.type) {
      case 'reasoning-delta':
        return [...this.#openReasoning(), event];
      case 'content-delta': {
        const logprobs = this.#pendingLogprobs.splice(0);
        const delta = logprobs.length > 0 ? { ...event, logprobs } : event;
        return [...this.#openContent(), delta];
      }
      case 'tool-call-start': {
        this.#hasCall = true;
        const { index, name } = event;
        const id = this.#newCallId(index);
        return [...this.#closeBlock(), { type: 'tool-call-start', index, id, name }];
      }
      case 'tool-call-delta':
        return [event];
      case 'tool-call-end':
        if (!event.isComplete) this.#hasBrokenCall = true;
        return [{ type: 'tool-call-end', index: event.index }];
    }
  }

  #openReasoning(): ReplyEvent[] {
    if (this.#openBlock === 'reasoning') return [];
    this.#openBlock = 'reasoning';
    return [{ type: 'reasoning-start' }];
  }

  #openContent(): ReplyEvent[] {
    if (this.#openBlock === 'content') return [];
    const closing = this.#closeBlock();
    this.#openBlock = 'content';
    return [...closing, { type: 'content-start' }];
  }

  #closeBlock(): ReplyEvent[] {
    const block = this.#openBlock;
    this.#openBlock = undefined;
    if (block === undefined) return [];
    return [{ type: block === 'reasoning' ? 'reasoning-end' : 'content-end' }];
  }

  /** `tool_calls` promises calls that can be run: every one complete, generation not cut. */
  #finishReason(reason: FinishEvent['reason']): ReplyFinishReason {
    if (reason !== 'stop') return reason;
    return this.#hasCall && !this.#hasBrokenCall ? 'tool_calls' : 'stop';
  }

  #usage(usage: FinishEvent['usage']): ReplyUsage {
    return {
      // The backend saw the forced tokens as prompt; to the client they are completion.
      promptTokens: usage.promptTokens - this.#numForced,
      cacheHitTokens: usage.cacheHitTokens,
      cacheMissTokens: usage.promptTokens - this.#numForced - usage.cacheHitTokens,
      completionTokens: usage.completionTokens + this.#numForced,
      reasoningTokens: this.#numReasoningTokens,
    };
  }

  #withBytes({ token, logprob }: TokenLogprob): TokenLogprob & { bytes: Uint8Array } {
    return { token, logprob, bytes: this.#tokenizer.tokenBytes(token) };
  }
}
