// The reply to a FIM request: every token's text is content, whatever it spells. Control tokens have
// no text and are left out, their log-probabilities as well.

import { TokenTextStream } from '../encoding/token-text.js';
import type { Tokenizer } from '../encoding/tokenizer.js';
import type { FinishEvent, ReplyAssembler, TokenEvent } from './reply-assembler.js';
import { replyLogprob } from './reply-logprobs.js';
import type { ReplyEvent, ReplyLogprob } from './types.js';

export class FimReply implements ReplyAssembler {
  readonly #tokenizer: Tokenizer;
  readonly #text: TokenTextStream;
  #pendingLogprobs: ReplyLogprob[] = [];
  #isOpen = false;

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
    this.#text = new TokenTextStream(tokenizer);
  }

  start(): void {}

  accept({ token, visibleBytes, logprobs }: TokenEvent, out: ReplyEvent[]): void {
    if (this.#tokenizer.isControl(token)) {
      this.#content(this.#text.flush(), out);
      return;
    }
    if (logprobs) this.#pendingLogprobs.push(replyLogprob(this.#tokenizer, token, logprobs));
    this.#content(this.#text.push(token, visibleBytes), out);
  }

  finish({ reason, usage, stoppedBy }: FinishEvent, out: ReplyEvent[]): void {
    this.#content(this.#text.flush(), out);
    if (this.#isOpen) out.push({ type: 'content-end' });
    const stopString = stoppedBy && 'string' in stoppedBy ? stoppedBy.string : undefined;
    out.push({
      type: 'finish',
      reason,
      usage: {
        promptTokens: usage.promptTokens,
        cacheHitTokens: usage.cacheHitTokens,
        cacheMissTokens: usage.promptTokens - usage.cacheHitTokens,
        completionTokens: usage.completionTokens,
        reasoningTokens: 0,
      },
      ...(stopString !== undefined && { stopString }),
    });
  }

  #content(text: string, out: ReplyEvent[]): void {
    if (text === '') return;
    if (!this.#isOpen) out.push({ type: 'content-start' });
    this.#isOpen = true;
    const logprobs = this.#pendingLogprobs;
    if (logprobs.length === 0) {
      out.push({ type: 'content-delta', text });
      return;
    }
    this.#pendingLogprobs = [];
    out.push({ type: 'content-delta', text, logprobs });
  }
}
