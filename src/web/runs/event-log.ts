// The events of one run, with ascending ids, kept until the run is forgotten, so that a reader whose
// connection broke goes on where it was. A fast model writes more deltas than anybody can see: they are
// put together to at most thirty a second, the first of a silence at once, and always before what
// follows them.

import type { RunEvent } from '../run-events.js';

const DELTA_PAUSE_MS = 33;
const MAX_CHARACTERS = 32 << 20;
/** Text beside the event itself, in the stream and in memory. */
const FRAME_CHARACTERS = 40;

type Delta = Extract<RunEvent, { type: 'reasoning-delta' | 'content-delta' | 'tool-call-delta' }>;

export interface EventLogTime {
  now: () => number;
  /** @returns what cancels it */
  after: (ms: number, run: () => void) => () => void;
}

export class EventLog {
  /** As JSON; the id of the first is 1. */
  readonly #events: string[] = [];
  readonly #waiting = new Set<() => void>();
  #pending: Delta | undefined;
  #cancelFlush: (() => void) | undefined;
  #lastDeltaAt = -Infinity;
  #numCharacters = 0;
  #isEnded = false;

  constructor(private readonly time: EventLogTime) {}

  get lastId(): number {
    return this.#events.length;
  }

  get numCharacters(): number {
    return this.#numCharacters;
  }

  /** More than any answer has: something is wrong with the model or its tools. */
  get isFull(): boolean {
    return this.#numCharacters > MAX_CHARACTERS;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  add(event: RunEvent): void {
    if (isDelta(event)) return this.#addDelta(event);
    this.#flush();
    this.#write(event);
    if (event.type === 'run-end') this.#isEnded = true;
    this.#wake();
  }

  /** Server-sent events behind the id, of about so many characters; '' = there are none yet. */
  read(after: number, maxCharacters: number): { text: string; lastId: number } {
    let text = '';
    let id = after;
    while (id < this.#events.length && text.length < maxCharacters) {
      text += `id: ${id + 1}\ndata: ${this.#events[id]}\n\n`;
      id++;
    }
    return { text, lastId: id };
  }

  /** Calls once when there is something new. @returns what takes it back */
  onChange(listener: () => void): () => void {
    this.#waiting.add(listener);
    return () => this.#waiting.delete(listener);
  }

  #addDelta(delta: Delta): void {
    if (this.#pending && isSameKind(this.#pending, delta)) append(this.#pending, delta);
    else {
      this.#flush();
      this.#pending = { ...delta };
    }
    if (this.#cancelFlush) return;
    const waitMs = this.#lastDeltaAt + DELTA_PAUSE_MS - this.time.now();
    if (waitMs <= 0) return this.#flushAndWake();
    this.#cancelFlush = this.time.after(waitMs, () => this.#flushAndWake());
  }

  #flushAndWake(): void {
    this.#flush();
    this.#wake();
  }

  #flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    const pending = this.#pending;
    if (!pending) return;
    this.#pending = undefined;
    this.#lastDeltaAt = this.time.now();
    this.#write(pending);
  }

  #write(event: RunEvent): void {
    const text = JSON.stringify(event);
    this.#numCharacters += text.length + FRAME_CHARACTERS;
    this.#events.push(text);
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const listener of waiting) listener();
  }
}

export const SYSTEM_TIME: EventLogTime = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

function isDelta(event: RunEvent): event is Delta {
  return (
    event.type === 'reasoning-delta' ||
    event.type === 'content-delta' ||
    event.type === 'tool-call-delta'
  );
}

function isSameKind(a: Delta, b: Delta): boolean {
  if (a.type !== b.type) return false;
  return a.type !== 'tool-call-delta' || a.call_id === (b as typeof a).call_id;
}

function append(to: Delta, from: Delta): void {
  if (to.type === 'tool-call-delta') {
    to.arguments_delta += (from as typeof to).arguments_delta;
  } else {
    to.text += (from as typeof to).text;
    to.tokens += (from as typeof to).tokens;
  }
}
