// Text to the socket in few writes: what becomes ready within one turn of the event loop goes out
// together, and nothing piles up in memory when the reader is slow.

import type { ServerResponse } from 'node:http';
import type { Timers } from '../timers.js';

/** So much may be gathered before the producer has to wait for the loop to turn. */
const MAX_GATHERED_CHARS = 16 * 1024;

export interface SocketWriterOptions {
  response: ServerResponse;
  timers: Timers;
  onWrite: () => void;
  /** A reader that takes nothing for so long is given up. */
  stallTimeoutMs: number;
  onStall: () => void;
}

export class SocketWriter {
  readonly #options: SocketWriterOptions;
  #gathered = '';
  #isFirst = true;
  #flushed: Promise<void> | undefined;
  #isFlushing = false;

  constructor(options: SocketWriterOptions) {
    this.#options = options;
  }

  /** undefined = go on; otherwise wait for it before producing more. Never rejects. */
  push(text: string): Promise<void> | undefined {
    if (text === '' || this.#options.response.destroyed) return undefined;
    if (this.#isFirst) {
      // The first bytes are what the client's clock waits for.
      this.#isFirst = false;
      return this.#write(text);
    }
    this.#gathered += text;
    if (!this.#isFlushing) {
      this.#isFlushing = true;
      this.#flushed = new Promise((resolve) => {
        setImmediate(() => {
          this.#isFlushing = false;
          const wait = this.#flush();
          if (wait) void wait.then(resolve);
          else resolve();
        });
      });
    }
    return this.#gathered.length > MAX_GATHERED_CHARS ? this.#flushed : undefined;
  }

  /** A sign of life, unless bytes are already waiting for the reader. */
  pushSign(text: string): void {
    const { response } = this.#options;
    if (!response.destroyed && !response.writableNeedDrain && this.#gathered === '') {
      response.write(text);
    }
  }

  /** Writes what is left and ends the response. */
  end(): void {
    const text = this.#gathered;
    this.#gathered = '';
    this.#options.response.end(text);
  }

  #flush(): Promise<void> | undefined {
    const text = this.#gathered;
    if (text === '') return undefined; // ended meanwhile
    this.#gathered = '';
    return this.#write(text);
  }

  #write(text: string): Promise<void> | undefined {
    const { response, onWrite } = this.#options;
    if (response.destroyed) return undefined;
    onWrite();
    return response.write(text) ? undefined : this.#drained();
  }

  #drained(): Promise<void> {
    const { response, timers, stallTimeoutMs, onStall } = this.#options;
    return new Promise((resolve) => {
      const cancel = timers.after(stallTimeoutMs, () => {
        onStall();
        response.destroy();
        done(); // a response whose turn on the socket has not come would not close by itself
      });
      const done = () => {
        cancel();
        response.off('drain', done);
        response.off('close', done);
        resolve();
      };
      response.on('drain', done);
      response.on('close', done);
    });
  }
}
