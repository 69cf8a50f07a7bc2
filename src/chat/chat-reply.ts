// The reply to a ChatRequest: tokens to text, text through the completion parser, parser events into
// blocks with a start and an end, log-probabilities to the text they belong to, tokens to the usage.

import type { CompletionEvent } from '../encoding/completion.js';
import { LenientCompletionParser } from '../encoding/lenient-parser.js';
import { DSML } from '../encoding/markers.js';
import { TokenTextStream } from '../encoding/token-text.js';
import type { Tokenizer } from '../encoding/tokenizer.js';
import type { NewCallId } from './call-ids.js';
import { ClientSyntax } from './client-syntax.js';
import type { ClientTools } from './client-tools.js';
import type { FinishEvent, ReplyAssembler, TokenEvent } from './reply-assembler.js';
import { replyLogprob } from './reply-logprobs.js';
import type { ReplyEvent, ReplyFinishReason, ReplyLogprob, ReplyUsage } from './types.js';

export interface ChatReplyOptions {
  tokenizer: Tokenizer;
  thinking: boolean;
  hasTools: boolean;
  /** Tools of the client's own syntax; they matter in thinking mode. */
  clientTools: ClientTools;
  /** Tokens put in front of what the backend generates; they belong to the completion. */
  forcedTokens: Int32Array;
  newCallId: NewCallId;
}

export class ChatReply implements ReplyAssembler {
  readonly #tokenizer: Tokenizer;
  readonly #newCallId: NewCallId;
  readonly #text: TokenTextStream;
  readonly #parser: LenientCompletionParser;
  readonly #clientSyntax: ClientSyntax | undefined;
  /** Without a token of its own the mark can only be spelled, so spelled text must count. */
  readonly #spellsControl: boolean;
  #openBlock: 'reasoning' | 'content' | undefined;
  #pendingLogprobs: ReplyLogprob[] = [];
  #numTokens = 0;
  #numReasoningTokens = 0;
  /** Of the reasoning tokens, those whose text may turn out to be content. */
  #numHeldTokens = 0;
  readonly #forcedTokens: Int32Array;
  #hasCall = false;
  #hasBrokenCall = false;

  constructor(options: ChatReplyOptions) {
    const { tokenizer, thinking, hasTools, clientTools } = options;
    this.#tokenizer = tokenizer;
    this.#forcedTokens = options.forcedTokens;
    this.#newCallId = options.newCallId;
    this.#text = new TokenTextStream(tokenizer);
    this.#parser = new LenientCompletionParser({ thinking, hasTools });
    if (thinking && clientTools.size > 0) this.#clientSyntax = new ClientSyntax(clientTools);
    const mark = tokenizer.tokenId(DSML);
    this.#spellsControl = mark === undefined || !tokenizer.isControl(mark);
  }

  /** Whether the next text is plain reasoning: neither the answer nor the beginning of an action. */
  get isReasoning(): boolean {
    const { phase, isAtTag } = this.#parser;
    return phase === 'reasoning' && !isAtTag && this.#clientSyntax?.isHolding !== true;
  }

  start(out: ReplyEvent[]): void {
    for (const token of this.#forcedTokens) this.accept({ type: 'token', token }, out);
  }

  accept({ token, visibleBytes, logprobs }: TokenEvent, out: ReplyEvent[]): void {
    this.#numTokens++;
    const { phase } = this.#parser;
    if (logprobs && phase === 'content') {
      this.#pendingLogprobs.push(replyLogprob(this.#tokenizer, token, logprobs));
    }
    const isControl = this.#tokenizer.isControl(token);
    if (isControl) this.#push(this.#text.flush(), false, out);
    this.#push(this.#text.push(token, visibleBytes), isControl, out);
    if (phase !== 'reasoning') return;
    this.#numReasoningTokens++;
    if (this.#clientSyntax?.isHolding) this.#numHeldTokens++;
    else this.#numHeldTokens = 0;
  }

  finish(event: FinishEvent, out: ReplyEvent[]): void {
    const { reason, usage, stoppedBy, reservedAnswer } = event;
    // Tokens that a stop string hid were generated in the phase the visible text ended in.
    const numHidden = usage.completionTokens + this.#forcedTokens.length - this.#numTokens;
    if (this.#parser.phase === 'reasoning') this.#numReasoningTokens += numHidden;
    const stopString = stoppedBy && 'string' in stoppedBy ? stoppedBy.string : undefined;

    this.#push(this.#text.flush(), false, out);
    this.#deliver(
      this.#parser.finish({ isTruncated: reason !== 'stop' || stopString !== undefined }),
      out,
    );
    if (this.#clientSyntax) this.#finishClientSyntax(this.#clientSyntax, stopString, out);
    this.#closeBlock(out);
    out.push({
      type: 'finish',
      reason: this.#finishReason(reason),
      usage: this.#usage(usage),
      ...(stopString !== undefined && { stopString }),
      ...(reservedAnswer && { reservedAnswer }),
    });
  }

  #finishClientSyntax(
    clientSyntax: ClientSyntax,
    stopString: string | undefined,
    out: ReplyEvent[],
  ): void {
    const events: CompletionEvent[] = [];
    const isAction = clientSyntax.finish(stopString, events);
    if (isAction) this.#numReasoningTokens -= this.#numHeldTokens;
    for (const event of events) this.#convert(event, out);
  }

  #push(text: string, isControl: boolean, out: ReplyEvent[]): void {
    if (text === '') return;
    this.#deliver(this.#parser.push({ text, control: isControl || this.#spellsControl }), out);
  }

  #deliver(parsed: readonly CompletionEvent[], out: ReplyEvent[]): void {
    let events = parsed;
    if (this.#clientSyntax && parsed.length > 0) {
      const filtered: CompletionEvent[] = [];
      for (const event of parsed) this.#clientSyntax.push(event, filtered);
      events = filtered;
    }
    for (const event of events) this.#convert(event, out);
  }

  #convert(event: CompletionEvent, out: ReplyEvent[]): void {
    switch (event.type) {
      case 'reasoning-delta':
        this.#openBlockOf('reasoning', out);
        out.push(event);
        break;
      case 'content-delta':
        this.#openBlockOf('content', out);
        out.push(this.#withLogprobs(event));
        break;
      case 'tool-call-start': {
        this.#hasCall = true;
        const { index, name } = event;
        this.#closeBlock(out);
        out.push({ type: 'tool-call-start', index, id: this.#newCallId(index), name });
        break;
      }
      case 'tool-call-delta':
        out.push(event);
        break;
      case 'tool-call-end':
        if (!event.isComplete) this.#hasBrokenCall = true;
        out.push({ type: 'tool-call-end', index: event.index });
        break;
      default:
        event satisfies never;
    }
  }

  #withLogprobs(event: { type: 'content-delta'; text: string }): ReplyEvent {
    const logprobs = this.#pendingLogprobs;
    if (logprobs.length === 0) return event;
    this.#pendingLogprobs = [];
    return { ...event, logprobs };
  }

  #openBlockOf(block: 'reasoning' | 'content', out: ReplyEvent[]): void {
    if (this.#openBlock === block) return;
    this.#closeBlock(out);
    this.#openBlock = block;
    out.push({ type: block === 'reasoning' ? 'reasoning-start' : 'content-start' });
  }

  #closeBlock(out: ReplyEvent[]): void {
    const block = this.#openBlock;
    if (block === undefined) return;
    this.#openBlock = undefined;
    out.push({ type: block === 'reasoning' ? 'reasoning-end' : 'content-end' });
  }

  /** `tool_calls` promises calls that can be run: every one complete, generation not cut. */
  #finishReason(reason: FinishEvent['reason']): ReplyFinishReason {
    if (reason !== 'stop') return reason;
    return this.#hasCall && !this.#hasBrokenCall ? 'tool_calls' : 'stop';
  }

  #usage(usage: FinishEvent['usage']): ReplyUsage {
    // The backend saw the forced tokens as prompt; to the client they are completion.
    const numForced = this.#forcedTokens.length;
    const promptTokens = usage.promptTokens - numForced;
    const cacheHitTokens = Math.min(usage.cacheHitTokens, promptTokens);
    return {
      promptTokens,
      cacheHitTokens,
      cacheMissTokens: promptTokens - cacheHitTokens,
      completionTokens: usage.completionTokens + numForced,
      reasoningTokens: this.#numReasoningTokens,
    };
  }
}
