// A reply as Anthropic stream events (api reference §9.7). Frames are put together as strings: the
// beginning of a block's delta frames is made once, and each delta costs one JSON.stringify.
// Invariants: block indexes are contiguous, one block is open at a time, thinking comes first.

import type { ReplyEvent } from '../../chat/types.js';
import type { ReplyStream } from '../door.js';
import { overloadedError } from '../openai/errors.js';
import type { ReplyHeader } from '../openai/reply-header.js';
import { errorBody } from './errors.js';
import { stopFields, usageFields, type FinishEvent } from './reply-parts.js';

const PING = 'event: ping\ndata: {"type":"ping"}\n\n';
const MESSAGE_STOP = 'event: message_stop\ndata: {"type":"message_stop"}\n\n';

const THINKING = { start: '{"type":"thinking","thinking":"","signature":""}', delta: 'thinking' };
const TEXT = { start: '{"type":"text","text":""}', delta: 'text' };

export class MessageStream implements ReplyStream {
  readonly keepAlive = PING;
  readonly #header: ReplyHeader;
  #numBlocks = 0;
  #openBlock: 'thinking' | 'text' | 'tool_use' | undefined;
  /** A delta frame of the open block up to its text. */
  #deltaHead = '';

  constructor(header: ReplyHeader) {
    this.#header = header;
  }

  next(event: ReplyEvent): string {
    switch (event.type) {
      case 'start':
        return this.#messageStart(event);
      case 'reasoning-start':
        return this.#open('thinking', THINKING);
      case 'content-start':
        return this.#emptyThinking() + this.#open('text', TEXT);
      case 'tool-call-start': {
        const start =
          `{"type":"tool_use","id":${JSON.stringify(event.id)},` +
          `"name":${JSON.stringify(event.name)},"input":{}}`;
        return this.#emptyThinking() + this.#open('tool_use', { start, delta: 'input_json' });
      }
      case 'reasoning-delta':
      case 'content-delta':
        return this.#delta(event.text);
      case 'tool-call-delta':
        return this.#delta(event.argumentsDelta);
      case 'reasoning-end':
      case 'content-end':
      case 'tool-call-end':
        return this.#close();
      case 'finish':
        return this.#finish(event);
      default:
        event satisfies never;
        return '';
    }
  }

  /** The prompt counts are final here; clients show them before the first word. */
  #messageStart(usage: Extract<ReplyEvent, { type: 'start' }>): string {
    const { id, mode } = this.#header;
    return (
      `event: message_start\ndata: {"type":"message_start","message":{"id":"${id}",` +
      `"type":"message","role":"assistant","model":"${mode.alias}","content":[],` +
      `"stop_reason":null,"stop_sequence":null,` +
      `"usage":{${usageFields(usage, 0)},"service_tier":"standard"}}}\n\n`
    );
  }

  /**
   * In thinking mode the model may answer without a thought; clients must then send an empty
   * thinking block back in a tool loop, or they draw the error about a missing one.
   */
  #emptyThinking(): string {
    if (!this.#header.mode.thinking || this.#numBlocks > 0) return '';
    return this.#open('thinking', THINKING) + this.#close();
  }

  #open(
    block: 'thinking' | 'text' | 'tool_use',
    { start, delta }: { start: string; delta: string },
  ): string {
    const index = this.#numBlocks++;
    this.#openBlock = block;
    const member = block === 'tool_use' ? 'partial_json' : delta;
    this.#deltaHead =
      `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},` +
      `"delta":{"type":"${delta}_delta","${member}":`;
    return (
      'event: content_block_start\n' +
      `data: {"type":"content_block_start","index":${index},"content_block":${start}}\n\n`
    );
  }

  #delta(text: string): string {
    return text === '' ? '' : `${this.#deltaHead}${JSON.stringify(text)}}}\n\n`;
  }

  /** The signature of a thinking block is the message id (§9.6). */
  #close(): string {
    const block = this.#openBlock;
    if (block === undefined) return '';
    this.#openBlock = undefined;
    const index = this.#numBlocks - 1;
    const signature =
      block === 'thinking'
        ? `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},` +
          `"delta":{"type":"signature_delta","signature":"${this.#header.id}"}}\n\n`
        : '';
    return (
      `${signature}event: content_block_stop\n` +
      `data: {"type":"content_block_stop","index":${index}}\n\n`
    );
  }

  #finish(event: FinishEvent): string {
    const closing = this.#close();
    const stop = stopFields(event);
    if (stop === undefined) {
      return `${closing}event: error\ndata: ${errorBody(overloadedError())}\n\n`;
    }
    const { usage } = event;
    return (
      `${closing}event: message_delta\ndata: {"type":"message_delta","delta":{${stop}},` +
      `"usage":{${usageFields(usage, usage.completionTokens)}}}\n\n${MESSAGE_STOP}`
    );
  }
}
