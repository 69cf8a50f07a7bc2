// The event stream of a reply (OpenAI's Responses format): frames as text, numbered from 0. A frame
// has an `event:` line, as every client of this dialect reads one.
//
// `output_item.done` is what agents act on: they run the call, or put the text into their history. So
// a call that generation cut off gets none, and nothing that was open gets one when the reply
// failed, because agents then ask again. It all stands in the last event's response.

import type { ReplyEvent } from '../../chat/types.js';
import type { ReplyStream } from '../door.js';
import type { ReplyHeader } from '../openai/reply-header.js';
import { reasoningPart, textPart } from './item-text.js';
import { lastStatus, OutputItems, type OpenItem } from './output-items.js';
import { hexOf, outcomeOf, ResponseObject, type ReplyContext } from './response-object.js';

/** Event names of the four kinds of items, less `.delta` and `.done`. */
const EVENT_NAMES = {
  reasoning: 'response.reasoning_text',
  message: 'response.output_text',
  function: 'response.function_call_arguments',
  custom: 'response.custom_tool_call_input',
} as const;

export class ResponseStream implements ReplyStream {
  readonly #response: ResponseObject;
  readonly #items: OutputItems;
  #sequenceNumber = 0;
  #isCreated = false;
  /** What the deltas of the open item have in common, after their number. */
  #deltaHead = '';

  constructor(header: ReplyHeader, context: ReplyContext) {
    this.#response = new ResponseObject(header, context);
    this.#items = new OutputItems({ hex: hexOf(header), ...context });
  }

  /**
   * An event, because Codex does not take comments for a sign of life and reconnects after its idle
   * timeout. The dialect's first event must be `response.created`, so the first sign is that one;
   * reading this property counts as sending it.
   */
  get keepAlive(): string {
    return this.#create() || this.#frame('keepalive');
  }

  next(event: ReplyEvent): string {
    switch (event.type) {
      case 'start':
        return (
          this.#create() +
          this.#frame('response.in_progress', `"response":${this.#response.inProgress()}`)
        );
      case 'reasoning-start':
        return this.#closeOpen() + this.#started(this.#items.startText('reasoning'));
      case 'content-start':
        return this.#closeOpen() + this.#started(this.#items.startText('message'));
      case 'tool-call-start':
        return this.#closeOpen() + this.#started(this.#items.startCall(event));
      case 'reasoning-delta':
      case 'content-delta':
        return this.#delta(this.#items.append(event.text));
      case 'tool-call-delta':
        return this.#delta(this.#items.append(event.argumentsDelta));
      case 'reasoning-end':
      case 'content-end':
      case 'tool-call-end':
        return '';
      case 'finish':
        return this.#finish(event);
      default:
        event satisfies never;
        return '';
    }
  }

  /** Empty when it has been sent. */
  #create(): string {
    if (this.#isCreated) return '';
    this.#isCreated = true;
    return this.#frame('response.created', `"response":${this.#response.inProgress()}`);
  }

  #started(item: OpenItem): string {
    const { index } = this.#items;
    const added = this.#frame(
      'response.output_item.added',
      `"output_index":${index},"item":${this.#items.textOf(item, 'in_progress')}`,
    );
    const place = this.#place(item);
    this.#deltaHead = `${place},"delta":`;
    if (item.kind !== 'reasoning' && item.kind !== 'message') return added;
    const part = item.kind === 'reasoning' ? reasoningPart('') : textPart('');
    return added + this.#frame('response.content_part.added', `${place},"part":${part}`);
  }

  #delta(text: string): string {
    const { open } = this.#items;
    if (text === '' || !open) return '';
    const logprobs = open.kind === 'message' ? ',"logprobs":[]' : '';
    return this.#frame(
      `${EVENT_NAMES[open.kind]}.delta`,
      `${this.#deltaHead}${JSON.stringify(text)}${logprobs}`,
    );
  }

  #closeOpen(): string {
    return this.#items.open ? this.#close(this.#items.open, 'completed') : '';
  }

  #finish({ reason, usage }: Extract<ReplyEvent, { type: 'finish' }>): string {
    const items = this.#items;
    const outcome = outcomeOf(reason, items);
    let frames = '';
    if (items.open) {
      const status = lastStatus(items.open, reason);
      const isCut =
        status === 'incomplete' && ('callId' in items.open || outcome.status === 'failed');
      frames = isCut ? this.#abandon() : this.#close(items.open, status);
    }
    const response = this.#response.finished(outcome, items.closed, usage);
    return frames + this.#frame(`response.${outcome.status}`, `"response":${response}`);
  }

  #close(item: OpenItem, status: 'completed' | 'incomplete'): string {
    const rest = this.#delta(this.#items.takeRest());
    const { index } = this.#items;
    const done = this.#done(item);
    const closed = this.#items.close(status);
    const itemDone = `"output_index":${index},"item":${closed}`;
    return rest + this.#write(done) + this.#frame('response.output_item.done', itemDone);
  }

  #abandon(): string {
    const rest = this.#delta(this.#items.takeRest());
    this.#items.close('incomplete');
    return rest;
  }

  /** The events that repeat an item's whole text, as names and members. */
  #done(item: OpenItem): [type: string, members: string][] {
    const place = this.#place(item);
    const text = JSON.stringify(item.text);
    const name = `${EVENT_NAMES[item.kind]}.done`;
    const part = 'response.content_part.done';
    switch (item.kind) {
      case 'reasoning':
        return [
          [name, `${place},"text":${text}`],
          [part, `${place},"part":${reasoningPart(item.text)}`],
        ];
      case 'message':
        return [
          [name, `${place},"text":${text},"logprobs":[]`],
          [part, `${place},"part":${textPart(item.text)}`],
        ];
      case 'custom':
        return [[name, `${place},"input":${text}`]];
      case 'function':
        return [[name, `${place},"name":${JSON.stringify(item.tool.name)},"arguments":${text}`]];
    }
  }

  #place({ kind, id }: OpenItem): string {
    const part = kind === 'reasoning' || kind === 'message' ? ',"content_index":0' : '';
    return `"item_id":"${id}","output_index":${this.#items.index}${part}`;
  }

  #write(frames: readonly [type: string, members: string][]): string {
    return frames.map(([type, members]) => this.#frame(type, members)).join('');
  }

  #frame(type: string, members = ''): string {
    const number = this.#sequenceNumber++;
    const rest = members === '' ? '' : `,${members}`;
    return `event: ${type}\ndata: {"type":"${type}","sequence_number":${number}${rest}}\n\n`;
  }
}
