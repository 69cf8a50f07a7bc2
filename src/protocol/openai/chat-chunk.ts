// Stream chunks (api reference §4.2-4.4): one ReplyEvent to the text of zero or more frames, shapes
// and key order as on the wire. A stream is thousands of chunks that differ in one string, so all the
// rest of them is written once. Timing is the server's.

import type { ReplyEvent, ReplyLogprob } from '../../chat/types.js';
import type { ReplyStream } from '../door.js';
import { wireLogprobs } from './logprobs.js';
import { wireFinishReason, type ReplyHeader } from './reply-header.js';
import { SSE_CLOSE, SSE_DONE, SSE_KEEP_ALIVE, SSE_OPEN, type UsageOptions } from './sse.js';
import { wireUsage } from './usage.js';

export class ChatChunkWriter implements ReplyStream {
  readonly keepAlive = SSE_KEEP_ALIVE;
  readonly #header: ReplyHeader;
  readonly #options: UsageOptions;
  /** Up to the list of choices. */
  readonly #open: string;
  /** From the open to the delta. */
  readonly #choiceOpen: string;
  /** After the delta of every chunk but the last. */
  readonly #choiceClose: string;
  /** `,"usage":null` where chunks have the key. */
  readonly #noUsage: string;
  /** What stands around the text of a delta. */
  readonly #content: readonly [before: string, after: string];
  readonly #reasoning: readonly [before: string, after: string];

  constructor(header: ReplyHeader, options: UsageOptions) {
    const { id, created, mode, systemFingerprint } = header;
    this.#header = header;
    this.#options = options;
    this.#noUsage = options.includeUsage ? ',"usage":null' : '';
    this.#open =
      `${SSE_OPEN}{"id":${JSON.stringify(id)},"object":"chat.completion.chunk",` +
      `"created":${created},"model":${JSON.stringify(mode.alias)},` +
      `"system_fingerprint":${JSON.stringify(systemFingerprint)},"choices":[`;
    this.#choiceOpen = `${this.#open}{"index":0,"delta":`;
    this.#choiceClose = `,"logprobs":null,"finish_reason":null}]${this.#noUsage}}${SSE_CLOSE}`;
    const afterContent = mode.thinking ? ',"reasoning_content":null}' : '}';
    this.#content = [`${this.#choiceOpen}{"content":`, afterContent];
    this.#reasoning = [
      `${this.#choiceOpen}{"content":null,"reasoning_content":`,
      `}${this.#choiceClose}`,
    ];
  }

  next(event: ReplyEvent): string {
    switch (event.type) {
      case 'start':
        return this.#first();
      case 'reasoning-delta':
        return this.#reasoning[0] + JSON.stringify(event.text) + this.#reasoning[1];
      case 'content-delta':
        return (
          this.#content[0] +
          JSON.stringify(event.text) +
          this.#content[1] +
          (event.logprobs ? this.#closeWith(event.logprobs) : this.#choiceClose)
        );
      case 'tool-call-start':
        return this.#toolCall(
          event.index,
          `"id":${JSON.stringify(event.id)},"type":"function",` +
            `"function":{"name":${JSON.stringify(event.name)},"arguments":""}`,
        );
      case 'tool-call-delta':
        return this.#toolCall(
          event.index,
          `"function":{"arguments":${JSON.stringify(event.argumentsDelta)}}`,
        );
      case 'finish':
        return this.#last(event);
      case 'reasoning-start':
      case 'reasoning-end':
      case 'content-start':
      case 'content-end':
      case 'tool-call-end':
        return '';
      default:
        event satisfies never;
        return '';
    }
  }

  /** The only chunk with a role. */
  #first(): string {
    const delta = this.#header.mode.thinking
      ? '{"role":"assistant","content":null,"reasoning_content":""}'
      : '{"role":"assistant","content":""}';
    return this.#choiceOpen + delta + this.#choiceClose;
  }

  #toolCall(index: number, rest: string): string {
    return `${this.#choiceOpen}{"tool_calls":[{"index":${index},${rest}}]}${this.#choiceClose}`;
  }

  #closeWith(logprobs: readonly ReplyLogprob[]): string {
    const text = JSON.stringify(wireLogprobs(logprobs));
    return `,"logprobs":${text},"finish_reason":null}]${this.#noUsage}}${SSE_CLOSE}`;
  }

  #last({ reason, usage }: Extract<ReplyEvent, { type: 'finish' }>): string {
    const choice =
      `${this.#content[0]}""${this.#content[1]},"logprobs":null,` +
      `"finish_reason":"${wireFinishReason(reason)}"}]`;
    const counts = `,"usage":${JSON.stringify(wireUsage(usage, this.#header.mode))}}${SSE_CLOSE}`;
    const { includeUsage, usageChunk } = this.#options;
    return usageChunk === 'separate' && includeUsage
      ? `${choice}${this.#noUsage}}${SSE_CLOSE}${this.#open}]${counts}${SSE_DONE}`
      : choice + counts + SSE_DONE;
  }
}
