// The non-stream reply (api reference §9.7): collects ReplyEvents, writes one object as text, because
// the input of a tool call must keep the spelling of its numbers. Key order is the wire's.

import assert from 'node:assert/strict';
import type { ReplyEvent } from '../../chat/types.js';
import type { ApiError } from '../api-error.js';
import type { ReplyBody } from '../door.js';
import { overloadedError } from '../openai/errors.js';
import type { ReplyHeader } from '../openai/reply-header.js';
import { errorBody } from './errors.js';
import { stopFields, toolInput, usageFields, type FinishEvent } from './reply-parts.js';

type Block =
  | { type: 'thinking'; text: string }
  | { type: 'text'; text: string }
  | { type: 'tool_use'; text: string; id: string; name: string };

export class MessageBody implements ReplyBody {
  readonly #header: ReplyHeader;
  readonly #blocks: Block[] = [];
  #finish: FinishEvent | undefined;

  constructor(header: ReplyHeader) {
    this.#header = header;
  }

  accept(event: ReplyEvent): void {
    switch (event.type) {
      case 'reasoning-start':
        this.#blocks.push({ type: 'thinking', text: '' });
        break;
      case 'content-start':
        this.#addEmptyThinking();
        this.#blocks.push({ type: 'text', text: '' });
        break;
      case 'tool-call-start':
        this.#addEmptyThinking();
        this.#blocks.push({ type: 'tool_use', text: '', id: event.id, name: event.name });
        break;
      case 'reasoning-delta':
      case 'content-delta':
        this.#blocks.at(-1)!.text += event.text;
        break;
      case 'tool-call-delta':
        this.#blocks.at(-1)!.text += event.argumentsDelta;
        break;
      case 'finish':
        this.#finish = event;
        break;
      case 'start':
      case 'reasoning-end':
      case 'content-end':
      case 'tool-call-end':
        break;
      default:
        event satisfies never;
    }
  }

  text(): string {
    const finish = this.#finish;
    assert(finish, 'text() was called before the finish event');
    const failure = this.failure();
    // Only when the status has gone out already, with the first keep-alive.
    if (failure) return errorBody(failure);
    const { id, mode } = this.#header;
    const { usage } = finish;
    const content = this.#blocks.map((block) => this.#blockText(block)).join(',');
    return (
      `{"id":"${id}","type":"message","role":"assistant","model":"${mode.alias}",` +
      `"content":[${content}],${stopFields(finish)},` +
      `"usage":{${usageFields(usage, usage.completionTokens)},"service_tier":"standard"}}`
    );
  }

  /** Half an answer without a stream is no answer: the client can send the request again. */
  failure(): ApiError | undefined {
    const finish = this.#finish;
    if (!finish || stopFields(finish) !== undefined) return undefined;
    return overloadedError();
  }

  /** As in the stream: a client must have a thinking block to send back. */
  #addEmptyThinking(): void {
    if (!this.#header.mode.thinking || this.#blocks.length > 0) return;
    this.#blocks.push({ type: 'thinking', text: '' });
  }

  #blockText(block: Block): string {
    const { text } = block;
    switch (block.type) {
      case 'thinking':
        return JSON.stringify({ type: 'thinking', thinking: text, signature: this.#header.id });
      case 'text':
        return JSON.stringify({ type: 'text', text });
      case 'tool_use':
        return (
          `{"type":"tool_use","id":${JSON.stringify(block.id)},` +
          `"name":${JSON.stringify(block.name)},"input":${toolInput(text)}}`
        );
    }
  }
}
