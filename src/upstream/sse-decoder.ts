// Server-sent events from bytes that may be cut anywhere: inside a character, between CR and LF, in
// the middle of a field (WHATWG HTML, "Event stream interpretation"). Only `data` matters here.
// Every line and every event is bounded, since the other side is not trusted to be an SSE server.

import { UpstreamFailure } from './failure.js';

const MAX_EVENT_LENGTH = 1 << 20; // UTF-16 units; a chunk with 20 log-probabilities has about 2,000

export class SseDecoder {
  readonly #utf8 = new TextDecoder();
  readonly #maxLength: number;
  #line = '';
  #data: string[] = [];
  #dataLength = 0;
  #afterCarriageReturn = false;

  constructor({ maxLength = MAX_EVENT_LENGTH } = {}) {
    this.#maxLength = maxLength;
  }

  /** Data of the events completed by these bytes. @throws UpstreamFailure when one is too long. */
  push(bytes: Uint8Array): string[] {
    const events: string[] = [];
    let text = this.#utf8.decode(bytes, { stream: true });
    if (text === '') return events;
    if (this.#afterCarriageReturn && text.startsWith('\n')) text = text.slice(1);
    this.#afterCarriageReturn = text.endsWith('\r');
    const lines = text.split(/\r\n|\r|\n/);
    for (const [index, part] of lines.entries()) {
      this.#line += part;
      if (this.#line.length + this.#dataLength > this.#maxLength) {
        throw new UpstreamFailure('broken', `sent an event longer than ${this.#maxLength}`);
      }
      if (index === lines.length - 1) break; // not ended yet
      const line = this.#line;
      this.#line = '';
      if (line === '') this.#dispatch(events);
      else this.#field(line);
    }
    return events;
  }

  #field(line: string): void {
    const colon = line.indexOf(':');
    if (colon === 0) return; // a comment: keep-alive
    const name = colon < 0 ? line : line.slice(0, colon);
    if (name !== 'data') return;
    const value = colon < 0 ? '' : line.slice(colon + 1);
    this.#data.push(value.startsWith(' ') ? value.slice(1) : value);
    this.#dataLength += value.length + 1;
  }

  #dispatch(events: string[]): void {
    if (this.#data.length > 0) events.push(this.#data.join('\n'));
    this.#data = [];
    this.#dataLength = 0;
  }
}
