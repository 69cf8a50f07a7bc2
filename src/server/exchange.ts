// One request and its response: trace id, principal, the abort signal of everything done for it, and
// the few ways to answer. Knows no route.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LoggedRequest } from '../observe/logged-request.js';
import type { RequestObservation } from '../observe/types.js';
import type { ApiError } from '../protocol/api-error.js';
import { errorBody } from '../protocol/openai/errors.js';
import type { Principal } from '../store/types.js';
import { closeWithConnection } from './pipelined.js';
import type { RouteMatch } from './routes.js';

export interface ExchangeParts {
  request: IncomingMessage;
  response: ServerResponse;
  traceId: string;
  /** undefined = no such path. */
  match: RouteMatch | undefined;
  observation: RequestObservation;
  /** In the request log; absent = a route that is not logged. */
  logged?: LoggedRequest | undefined;
}

const CLIENT_GONE = 'client disconnected';

export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly traceId: string;
  readonly observation: RequestObservation;
  readonly logged: LoggedRequest | undefined;
  /** Why the answer was an error, for metrics. */
  errorType: string | undefined;
  /** In words, for the request log. */
  errorMessage: string | undefined;
  /** While the request waits for its turn. */
  queuePosition: (() => number) | undefined;
  readonly #match: RouteMatch | undefined;
  readonly #abort = new AbortController();
  #principal: Principal | undefined;

  constructor({ request, response, traceId, match, observation, logged }: ExchangeParts) {
    this.request = request;
    this.response = response;
    this.traceId = traceId;
    this.observation = observation;
    this.logged = logged;
    this.#match = match;
    closeWithConnection(request, response);
    response.on('close', () => {
      if (!response.writableFinished) this.abort(CLIENT_GONE);
    });
  }

  get hasMatch(): boolean {
    return this.#match !== undefined;
  }

  get match(): RouteMatch {
    if (!this.#match) throw new Error('no route: this path is answered with 404');
    return this.#match;
  }

  /** Only on routes with authentication. */
  get principal(): Principal {
    if (!this.#principal) throw new Error(`${this.match.pattern} is answered without a key`);
    return this.#principal;
  }

  set principal(principal: Principal) {
    this.#principal = principal;
  }

  /** Aborted when the client leaves, a time limit passes, or the server stops. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  abort(reason: string): void {
    this.#abort.abort(new Error(reason));
  }

  get isClientGone(): boolean {
    return this.abortReason === CLIENT_GONE;
  }

  /** Why the exchange was aborted, for the log. */
  get abortReason(): string | undefined {
    return this.signal.aborted ? (this.signal.reason as Error).message : undefined;
  }

  get isHeadSent(): boolean {
    return this.response.headersSent;
  }

  /** In the head that a keep-alive opens: how many are to be served before, this one included. */
  announceQueuePosition(): void {
    const position = this.queuePosition?.() ?? 0;
    if (position > 0) this.response.setHeader('x-hadal-queue-position', position);
  }

  startBody(status: number, contentType: string): void {
    this.response.writeHead(status, { 'content-type': contentType });
  }

  sendJson(status: number, body: string): void {
    this.sendText(status, 'application/json', body);
  }

  sendText(status: number, contentType: string, body: string): void {
    const length = Buffer.byteLength(body);
    this.response.writeHead(status, { 'content-type': contentType, 'content-length': length });
    this.response.end(body);
  }

  sendError(error: ApiError): void {
    const { response } = this;
    this.errorType = error.type;
    this.errorMessage = error.message;
    if (error.retryAfterSeconds !== undefined) {
      response.setHeader('retry-after', error.retryAfterSeconds);
    }
    // Claude Code takes a 401 for an expired login and repeats it for minutes without this header, which
    // the SDKs of both families obey. A key that is wrong now is wrong at the next try.
    if (error.status === 401) response.setHeader('x-should-retry', 'false');
    const body = this.#match?.route.door?.errorBody(error) ?? errorBody(error);
    this.sendJson(error.status, body);
  }

  /** 404, 405 and preflight answers: no body, no content type. */
  sendEmpty(status: number): void {
    this.response.writeHead(status, { 'content-length': 0 });
    this.response.end();
  }
}
