// Stream chunks (api reference §4.2-4.4): one ReplyEvent to zero or more chunks, shapes and key
// order as on the wire. Framing and timing are the server's.

import type { ReplyEvent, ReplyLogprob } from '../../chat/types.js';
import { wireLogprobs, type WireLogprobs } from './logprobs.js';
import { wireFinishReason, type ReplyHeader, type WireFinishReason } from './reply-header.js';
import { wireUsage, type WireUsage } from './usage.js';

export interface WireDelta {
  role?: 'assistant';
  content?: string | null;
  reasoning_content?: string | null;
  tool_calls?: [
    {
      index: number;
      id?: string;
      type?: 'function';
      function: { name?: string; arguments: string };
    },
  ];
}

export interface WireChunk {
  id: string;
  object: 'chat.completion.chunk';
  created: number;
  model: string;
  system_fingerprint: string;
  choices: {
    index: 0;
    delta: WireDelta;
    logprobs: WireLogprobs | null;
    finish_reason: WireFinishReason | null;
  }[];
  usage?: WireUsage | null;
}

export interface ChatChunkOptions {
  /** `stream_options.include_usage`: then every chunk has a `usage` key. */
  includeUsage: boolean;
  /**
   * Where the usage goes. `inline`, on the last chunk, is what the platform sends; `separate`, an
   * extra chunk without choices when asked for, is what its documents and OpenAI describe.
   */
  usageChunk?: 'inline' | 'separate';
}

export class ChatChunkWriter {
  readonly #header: ReplyHeader;
  readonly #options: ChatChunkOptions;

  constructor(header: ReplyHeader, options: ChatChunkOptions) {
    this.#header = header;
    this.#options = options;
  }

  /** The first chunk; the only one with a role. */
  first(): WireChunk {
    return this.#chunk(
      this.#thinking
        ? { role: 'assistant', content: null, reasoning_content: '' }
        : { role: 'assistant', content: '' },
    );
  }

  next(event: ReplyEvent): WireChunk[] {
    switch (event.type) {
      case 'reasoning-delta':
        return [this.#chunk({ content: null, reasoning_content: event.text })];
      case 'content-delta':
        return [this.#chunk(this.#contentDelta(event.text), event.logprobs)];
      case 'tool-call-start': {
        const { index, id, name } = event;
        const call = { index, id, type: 'function' as const, function: { name, arguments: '' } };
        return [this.#chunk({ tool_calls: [call] })];
      }
      case 'tool-call-delta': {
        const { index, argumentsDelta } = event;
        return [this.#chunk({ tool_calls: [{ index, function: { arguments: argumentsDelta } }] })];
      }
      case 'finish':
        return this.#last(event);
      case 'reasoning-start':
      case 'reasoning-end':
      case 'content-start':
      case 'content-end':
      case 'tool-call-end':
        return [];
      default:
        event satisfies never;
        return [];
    }
  }

  get #thinking(): boolean {
    return this.#header.mode.thinking;
  }

  #last({ reason, usage }: Extract<ReplyEvent, { type: 'finish' }>): WireChunk[] {
    const chunk = this.#chunk(this.#contentDelta(''));
    chunk.choices[0]!.finish_reason = wireFinishReason(reason);
    const counts = wireUsage(usage, this.#header.mode);
    if (this.#options.usageChunk === 'separate' && this.#options.includeUsage) {
      return [chunk, { ...chunk, choices: [], usage: counts }];
    }
    return [{ ...chunk, usage: counts }];
  }

  #contentDelta(text: string): WireDelta {
    return this.#thinking ? { content: text, reasoning_content: null } : { content: text };
  }

  #chunk(delta: WireDelta, logprobs?: readonly ReplyLogprob[]): WireChunk {
    const { id, created, mode, systemFingerprint } = this.#header;
    return {
      id,
      object: 'chat.completion.chunk',
      created,
      model: mode.alias,
      system_fingerprint: systemFingerprint,
      choices: [
        {
          index: 0,
          delta,
          logprobs: logprobs ? wireLogprobs(logprobs) : null,
          finish_reason: null,
        },
      ],
      ...(this.#options.includeUsage && { usage: null }),
    };
  }
}
