// Replies of `POST /completions` (api reference §6.2): one `text_completion`, or a stream of the same
// object with parts of the text. With `echo` the text begins with the prompt.

import type { ReplyEvent, ReplyLogprob } from '../../chat/types.js';
import type { ReplyBody, ReplyStream } from '../door.js';
import { FimLogprobs, type WireFimLogprobs } from './fim-logprobs.js';
import { wireFinishReason, type ReplyHeader, type WireFinishReason } from './reply-header.js';
import { SSE_CLOSE, SSE_DONE, SSE_KEEP_ALIVE, SSE_OPEN, type UsageOptions } from './sse.js';
import { wireUsage, type WireUsage } from './usage.js';

export interface WireTextCompletion {
  id: string;
  object: 'text_completion';
  created: number;
  model: string;
  choices: {
    text: string;
    index: 0;
    logprobs: WireFimLogprobs | null;
    finish_reason: WireFinishReason | null;
  }[];
  usage?: WireUsage | null;
  system_fingerprint: string;
}

export interface FimReplyOptions {
  /** Set with `echo`. */
  echoedPrompt: string | undefined;
  withLogprobs: boolean;
}

type Finish = Extract<ReplyEvent, { type: 'finish' }>;

export class FimCompletionWriter implements ReplyBody {
  readonly #header: ReplyHeader;
  readonly #options: FimReplyOptions;
  #text: string;
  readonly #logprobs: ReplyLogprob[] = [];
  #finish: Finish | undefined;

  constructor(header: ReplyHeader, options: FimReplyOptions) {
    this.#header = header;
    this.#options = options;
    this.#text = options.echoedPrompt ?? '';
  }

  accept(event: ReplyEvent): void {
    if (event.type === 'finish') this.#finish = event;
    if (event.type !== 'content-delta') return;
    this.#text += event.text;
    for (const logprob of event.logprobs ?? []) this.#logprobs.push(logprob);
  }

  text(): string {
    if (!this.#finish) throw new Error('text() was called before the finish event');
    const { reason, usage } = this.#finish;
    const { mode } = this.#header;
    const logprobs = this.#options.withLogprobs
      ? newLogprobs(this.#options).take(this.#logprobs)
      : null;
    return JSON.stringify(
      completion(this.#header, {
        text: this.#text,
        logprobs,
        finishReason: wireFinishReason(reason),
        usage: wireUsage(usage, mode),
      }),
    );
  }

  /** As in chat: `finish_reason` says how it ended. */
  failure(): undefined {
    return undefined;
  }
}

export class FimChunkWriter implements ReplyStream {
  readonly keepAlive = SSE_KEEP_ALIVE;
  readonly #header: ReplyHeader;
  readonly #options: FimReplyOptions & UsageOptions;
  readonly #logprobs: FimLogprobs;
  /** What stands around the text of a chunk without logprobs. */
  readonly #before: string;
  readonly #after: string;

  constructor(header: ReplyHeader, options: FimReplyOptions & UsageOptions) {
    this.#header = header;
    this.#options = options;
    this.#logprobs = newLogprobs(options);
    // Cut an example in two, so that there is one description of the object.
    const example = this.#frame({
      text: '',
      logprobs: null,
      finishReason: null,
      usage: this.#noUsage,
    });
    const cut = example.indexOf('"text":""') + '"text":'.length;
    this.#before = example.slice(0, cut);
    this.#after = example.slice(cut + '""'.length);
  }

  next(event: ReplyEvent): string {
    switch (event.type) {
      case 'start':
        return this.#options.echoedPrompt ? this.#plain(this.#options.echoedPrompt) : '';
      case 'content-delta':
        return event.logprobs
          ? this.#frame({
              text: event.text,
              logprobs: this.#logprobs.take(event.logprobs),
              finishReason: null,
              usage: this.#noUsage,
            })
          : this.#plain(event.text);
      case 'finish':
        return this.#last(event);
      default:
        return '';
    }
  }

  #plain(text: string): string {
    return this.#before + JSON.stringify(text) + this.#after;
  }

  get #noUsage(): null | undefined {
    return this.#options.includeUsage ? null : undefined;
  }

  /** Usage as in chat streams (§4.4). */
  #last({ reason, usage }: Finish): string {
    const last = { text: '', logprobs: null, finishReason: wireFinishReason(reason) };
    const counts = wireUsage(usage, this.#header.mode);
    const { includeUsage, usageChunk } = this.#options;
    if (usageChunk === 'inline' || !includeUsage) {
      return this.#frame({ ...last, usage: counts }) + SSE_DONE;
    }
    const counted = completion(this.#header, { ...last, usage: counts });
    const extra = `${SSE_OPEN}${JSON.stringify({ ...counted, choices: [] })}${SSE_CLOSE}`;
    return this.#frame({ ...last, usage: null }) + extra + SSE_DONE;
  }

  #frame(piece: Piece): string {
    return `${SSE_OPEN}${JSON.stringify(completion(this.#header, piece))}${SSE_CLOSE}`;
  }
}

interface Piece {
  text: string;
  logprobs: WireFimLogprobs | null;
  finishReason: WireFinishReason | null;
  /** undefined = no such key. */
  usage: WireUsage | null | undefined;
}

function completion(header: ReplyHeader, piece: Piece): WireTextCompletion {
  const { id, created, mode, systemFingerprint } = header;
  const { text, logprobs, finishReason, usage } = piece;
  return {
    id,
    object: 'text_completion',
    created,
    model: mode.alias,
    choices: [{ text, index: 0, logprobs, finish_reason: finishReason }],
    ...(usage !== undefined && { usage }),
    system_fingerprint: systemFingerprint,
  };
}

function newLogprobs({ echoedPrompt = '' }: FimReplyOptions): FimLogprobs {
  let startOffset = 0;
  for (const _ of echoedPrompt) startOffset++;
  return new FimLogprobs({ startOffset });
}
