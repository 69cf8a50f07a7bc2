// The plain answer: one response object with all items. A failed reply is a response with the status
// `failed` and what there was of it, a form that this dialect has; so there is never an HTTP error.

import type { ReplyEvent } from '../../chat/types.js';
import type { ReplyBody } from '../door.js';
import type { ReplyHeader } from '../openai/reply-header.js';
import { lastStatus, OutputItems } from './output-items.js';
import { hexOf, outcomeOf, ResponseObject, type ReplyContext } from './response-object.js';

export class ResponseBody implements ReplyBody {
  readonly #response: ResponseObject;
  readonly #items: OutputItems;
  #text: string | undefined;

  constructor(header: ReplyHeader, context: ReplyContext) {
    this.#response = new ResponseObject(header, context);
    this.#items = new OutputItems({ hex: hexOf(header), ...context });
  }

  accept(event: ReplyEvent): void {
    switch (event.type) {
      case 'reasoning-start':
        this.#closeOpen();
        this.#items.startText('reasoning');
        return;
      case 'content-start':
        this.#closeOpen();
        this.#items.startText('message');
        return;
      case 'tool-call-start':
        this.#closeOpen();
        this.#items.startCall(event);
        return;
      case 'reasoning-delta':
      case 'content-delta':
        this.#items.append(event.text);
        return;
      case 'tool-call-delta':
        this.#items.append(event.argumentsDelta);
        return;
      case 'finish':
        this.#finish(event);
        return;
      case 'start':
      case 'reasoning-end':
      case 'content-end':
      case 'tool-call-end':
        return;
      default:
        event satisfies never;
    }
  }

  text(): string {
    if (this.#text === undefined) throw new Error('the reply has not finished yet');
    return this.#text;
  }

  failure(): undefined {
    return undefined;
  }

  #closeOpen(): void {
    if (!this.#items.open) return;
    this.#items.takeRest();
    this.#items.close('completed');
  }

  #finish({ reason, usage }: Extract<ReplyEvent, { type: 'finish' }>): void {
    const items = this.#items;
    if (items.open) {
      items.takeRest();
      items.close(lastStatus(items.open, reason));
    }
    const outcome = outcomeOf(reason, items);
    this.#text = this.#response.finished(outcome, items.closed, usage);
  }
}
