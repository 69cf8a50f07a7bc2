// One request and its response: trace id, tenant, the abort signal of everything done for it, and
// the few ways to answer. Knows no route.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiError } from '../protocol/api-error.js';
import { errorBody } from '../protocol/openai/errors.js';

export class Exchange {
  /** Empty on routes without authentication. */
  tenant = '';
  readonly #abort = new AbortController();

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    readonly traceId: string,
  ) {
    response.setHeader('x-ds-trace-id', traceId);
    response.setHeader('x-content-type-options', 'nosniff');
    response.on('close', () => {
      if (!response.writableFinished) this.abort('client disconnected');
    });
  }

  /** Aborted when the client leaves, a time limit passes, or the server stops. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  abort(reason: string): void {
    this.#abort.abort(new Error(reason));
  }

  /** Why the exchange was aborted, for the log. */
  get abortReason(): string | undefined {
    return this.signal.aborted ? (this.signal.reason as Error).message : undefined;
  }

  get isHeadSent(): boolean {
    return this.response.headersSent;
  }

  startBody(status: number, contentType: string): void {
    this.response.writeHead(status, { 'content-type': contentType });
  }

  /** Writes a piece and waits while the socket is full. Nothing is written to a client that left. */
  async write(text: string): Promise<void> {
    const { response } = this;
    if (response.destroyed || response.write(text)) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        response.off('drain', done);
        response.off('close', done);
        resolve();
      };
      response.on('drain', done);
      response.on('close', done);
    });
  }

  sendJson(status: number, body: string): void {
    const length = Buffer.byteLength(body);
    this.response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': length,
    });
    this.response.end(body);
  }

  sendError(error: ApiError): void {
    const { response } = this;
    if (error.retryAfterSeconds !== undefined) {
      response.setHeader('retry-after', error.retryAfterSeconds);
    }
    this.sendJson(error.status, errorBody(error));
  }

  /** 404, 405 and preflight answers: no body, no content type. */
  sendEmpty(status: number): void {
    this.response.writeHead(status, { 'content-length': 0 });
    this.response.end();
  }
}
