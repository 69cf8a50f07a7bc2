// Server-sent events from text that arrives in any pieces (WHATWG "event stream"). No DOM: EventSource
// cannot send our header, so streams are read from fetch.

export interface ServerEvent {
  id: string | undefined;
  event: string;
  data: string;
}

/** Feed it text; it gives the events that are complete. */
export class EventStreamParser {
  #rest = '';
  #data: string[] = [];
  #event = '';
  #id: string | undefined;

  push(text: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    this.#rest += text;
    let start = 0;
    for (;;) {
      const end = this.#lineEnd(start);
      if (end === undefined) break;
      const [at, next] = end;
      this.#line(this.#rest.slice(start, at), events);
      start = next;
    }
    this.#rest = this.#rest.slice(start);
    return events;
  }

  /** Where the line ends and the next begins. A CR at the very end may be half of CRLF: wait. */
  #lineEnd(start: number): [number, number] | undefined {
    for (let at = start; at < this.#rest.length; at++) {
      const code = this.#rest.charCodeAt(at);
      if (code === 10) return [at, at + 1];
      if (code !== 13) continue;
      if (at + 1 === this.#rest.length) return undefined;
      return [at, this.#rest.charCodeAt(at + 1) === 10 ? at + 2 : at + 1];
    }
    return undefined;
  }

  #line(line: string, events: ServerEvent[]): void {
    if (line === '') {
      if (this.#data.length > 0) {
        events.push({ id: this.#id, event: this.#event || 'message', data: this.#data.join('\n') });
      }
      this.#data = [];
      this.#event = '';
      return;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? '' : line.slice(colon + 1);
    if (value.startsWith(' ')) value = value.slice(1);
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#event = value;
    else if (field === 'id') this.#id = value;
  }
}
