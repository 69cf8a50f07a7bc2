// The non-stream response (api reference §3.1): collects ReplyEvents, writes one object. Key order
// is the wire's.

import type { ReplyEvent, ReplyFinishReason, ReplyLogprob, ReplyUsage } from '../../chat/types.js';
import type { ReplyBody } from '../door.js';
import { wireLogprobs, type WireLogprobs } from './logprobs.js';
import { wireFinishReason, type ReplyHeader, type WireFinishReason } from './reply-header.js';
import { wireUsage, type WireUsage } from './usage.js';

interface WireToolCall {
  index: number;
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

export interface WireChatCompletion {
  id: string;
  object: 'chat.completion';
  created: number;
  model: string;
  choices: [
    {
      index: 0;
      message: {
        role: 'assistant';
        content: string;
        reasoning_content?: string;
        tool_calls?: WireToolCall[];
      };
      logprobs: WireLogprobs | null;
      finish_reason: WireFinishReason;
    },
  ];
  usage: WireUsage;
  system_fingerprint: string;
}

export class ChatCompletionWriter implements ReplyBody {
  readonly #header: ReplyHeader;
  readonly #withLogprobs: boolean;
  #content = '';
  #reasoning = '';
  readonly #toolCalls: WireToolCall[] = [];
  readonly #logprobs: ReplyLogprob[] = [];
  #finish: { reason: ReplyFinishReason; usage: ReplyUsage } | undefined;

  constructor(header: ReplyHeader, { withLogprobs }: { withLogprobs: boolean }) {
    this.#header = header;
    this.#withLogprobs = withLogprobs;
  }

  accept(event: ReplyEvent): void {
    switch (event.type) {
      case 'reasoning-delta':
        this.#reasoning += event.text;
        return;
      case 'content-delta':
        this.#content += event.text;
        for (const logprob of event.logprobs ?? []) this.#logprobs.push(logprob);
        return;
      case 'tool-call-start': {
        const { index, id, name } = event;
        this.#toolCalls.push({ index, id, type: 'function', function: { name, arguments: '' } });
        return;
      }
      case 'tool-call-delta':
        this.#toolCalls[event.index]!.function.arguments += event.argumentsDelta;
        return;
      case 'finish':
        this.#finish = event;
        return;
      case 'start':
      case 'reasoning-start':
      case 'reasoning-end':
      case 'content-start':
      case 'content-end':
      case 'tool-call-end':
        return;
      default:
        event satisfies never;
    }
  }

  text(): string {
    return JSON.stringify(this.#completion());
  }

  /** None: what was generated is worth having, and `finish_reason` says how it ended (§3.2, §4.6). */
  failure(): undefined {
    return undefined;
  }

  #completion(): WireChatCompletion {
    if (!this.#finish) throw new Error('text() was called before the finish event');
    const { reason, usage } = this.#finish;
    const { id, created, mode, systemFingerprint } = this.#header;
    return {
      id,
      object: 'chat.completion',
      created,
      model: mode.alias,
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: this.#content,
            ...(mode.thinking && { reasoning_content: this.#reasoning }),
            ...(this.#toolCalls.length > 0 && { tool_calls: this.#toolCalls }),
          },
          logprobs: this.#withLogprobs ? wireLogprobs(this.#logprobs) : null,
          finish_reason: wireFinishReason(reason),
        },
      ],
      usage: wireUsage(usage, mode),
      system_fingerprint: systemFingerprint,
    };
  }
}
