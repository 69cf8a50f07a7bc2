// A completion being received: sends the request, checks that a stream comes back, and hands out its
// chunks one at a time. Watches for silence only while somebody waits for the next chunk, so a slow
// client is never mistaken for a slow upstream, and the socket's back-pressure reaches the engine.

import type { Dispatcher } from 'undici';
import { parseChunk, type CompletionChunk } from './completion-chunk.js';
import type { Endpoint } from './endpoint.js';
import { describeError, UpstreamFailure } from './failure.js';
import { SseDecoder } from './sse-decoder.js';
import type { Timers } from './timers.js';

const DONE = '[DONE]';

export interface StreamOptions {
  endpoint: Endpoint;
  body: Record<string, unknown>;
  timers: Timers;
  /** Longest wait for the headers, and after them for the first chunk: queue and prefill. */
  firstByteTimeoutMs: number;
  /** Longest silence between two chunks. */
  idleTimeoutMs: number;
}

export class CompletionStream {
  readonly #options: StreamOptions;
  readonly #controller = new AbortController();
  readonly #decoder = new SseDecoder();
  #bytes: AsyncIterator<Uint8Array> | undefined;
  #pending: string[] = [];
  #hasChunks = false;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  /** Sends the request. @throws UpstreamFailure unless an event stream begins. */
  async open(): Promise<void> {
    const { endpoint, body, firstByteTimeoutMs } = this.#options;
    const response = await this.#watch(firstByteTimeoutMs, () =>
      endpoint.send('POST', `${endpoint.address.apiPath}/completions`, {
        body,
        signal: this.#controller.signal,
      }),
    );
    const type = String(response.headers['content-type'] ?? '');
    if (!/^text\/event-stream\b/i.test(type)) {
      this.cancel();
      throw new UpstreamFailure(
        'broken',
        `answered with ${endpoint.redact(type) || 'no content type'}`,
      );
    }
    this.#bytes = bytesOf(response);
  }

  /** undefined at the end. @throws UpstreamFailure: cut, silent for too long, or not understood. */
  async next(): Promise<CompletionChunk | undefined> {
    for (;;) {
      const data = this.#pending.shift();
      if (data === DONE) return undefined;
      if (data !== undefined) {
        this.#hasChunks = true;
        return this.#parse(data);
      }
      const { firstByteTimeoutMs, idleTimeoutMs } = this.#options;
      const read = await this.#watch(this.#hasChunks ? idleTimeoutMs : firstByteTimeoutMs, () =>
        this.#bytes!.next(),
      );
      if (read.done) return undefined;
      this.#pending.push(...this.#decoder.push(read.value));
    }
  }

  #parse(data: string): CompletionChunk {
    try {
      return parseChunk(data);
    } catch (error) {
      if (!(error instanceof UpstreamFailure)) throw error;
      // It may quote what the other side wrote.
      throw new UpstreamFailure(error.kind, this.#options.endpoint.redact(error.message), {
        cause: error,
      });
    }
  }

  /** Closes the connection, which makes the engine stop; may be called at any time. */
  cancel(reason = new UpstreamFailure('unreachable', 'cancelled')): void {
    this.#controller.abort(reason);
  }

  async #watch<T>(timeoutMs: number, run: () => Promise<T>): Promise<T> {
    const { endpoint, timers } = this.#options;
    const disarm = timers.after(timeoutMs, () =>
      this.cancel(new UpstreamFailure('unreachable', `sent nothing for ${timeoutMs} ms`)),
    );
    try {
      return await run();
    } catch (error) {
      if (error instanceof UpstreamFailure) throw error;
      const { reason } = this.#controller.signal as { reason: unknown };
      if (reason instanceof UpstreamFailure) throw reason;
      const detail = endpoint.redact(describeError(error));
      throw new UpstreamFailure('unreachable', `the stream broke off: ${detail}`, { cause: error });
    } finally {
      disarm();
    }
  }
}

function bytesOf({ body }: Dispatcher.ResponseData): AsyncIterator<Uint8Array> {
  // Errors after a cancel have nobody waiting for them.
  body.on('error', () => {});
  return (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
}
