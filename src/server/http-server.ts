// The HTTP shell around the route table: trace ids, CORS, 404/405, authentication, errors, and an
// orderly end. Knows routes only through the table.

import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { overloadedError } from '../protocol/openai/errors.js';
import type { App } from './app.js';
import { toApiError } from './chat-failure.js';
import { answerPreflight, setCorsHeaders } from './cors.js';
import { Exchange } from './exchange.js';
import { ClientGoneError } from './request-body.js';
import { ROUTES, type Route } from './routes.js';

/** Headers must arrive within this. */
const HEADERS_TIMEOUT_MS = 30_000;
/** The whole request, body included, must arrive within this. */
const REQUEST_TIMEOUT_MS = 120_000;
/** Longer than the idle time of common client pools, so that the client closes first. */
const IDLE_CONNECTION_MS = 75_000;
/** How long running replies may take to write their last chunk when the server stops. */
const CLOSE_GRACE_MS = 5000;

/** The server cannot listen where it was told to; `message` names the fix. */
export class ListenError extends Error {
  override name = 'ListenError';
}

export class HttpServer {
  readonly #app: App;
  readonly #server: Server;
  readonly #active = new Set<Exchange>();
  #isClosing = false;
  #onIdle: (() => void) | undefined;

  constructor(app: App) {
    this.#app = app;
    this.#server = createServer(
      {
        headersTimeout: HEADERS_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        keepAliveTimeout: IDLE_CONNECTION_MS,
      },
      (request, response) => void this.#serve(request, response),
    );
  }

  /** Requests being answered right now. */
  get numActive(): number {
    return this.#active.size;
  }

  /** Resolves with the port, which differs from the given one when that is 0. @throws ListenError */
  listen({ host, port }: { host: string; port: number }): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) =>
        reject(new ListenError(listenProblem(error, { host, port }), { cause: error })),
      );
      this.#server.listen(port, host, () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  /** Stops accepting, ends running replies with their last chunk, closes every connection. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#isClosing = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const idle = new Promise<void>((resolve) => (this.#onIdle = resolve));
    for (const exchange of this.#active) exchange.abort('server is stopping');
    if (this.#active.size > 0) {
      const cancel = this.#app.timers.after(CLOSE_GRACE_MS, () => this.#onIdle?.());
      await idle;
      cancel();
    }
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const startedAt = this.#app.now();
    const exchange = new Exchange(request, response, randomBytes(16).toString('hex'));
    this.#active.add(exchange);
    setCorsHeaders(exchange);
    const path = pathOf(request);
    try {
      await this.#route(exchange, path);
    } catch (error) {
      this.#answerFailure(exchange, error);
    }
    // `end` has been called on every path; wait until the bytes are out or the client is gone.
    if (!response.writableFinished && !response.destroyed) {
      await new Promise<void>((resolve) => response.once('close', resolve));
    }
    this.#active.delete(exchange);
    this.#app.log('info', `${request.method} ${path}`, {
      status: response.statusCode,
      ms: this.#app.now() - startedAt,
      trace: exchange.traceId,
      aborted: exchange.abortReason,
    });
    if (this.#active.size === 0) this.#onIdle?.();
  }

  async #route(exchange: Exchange, path: string): Promise<void> {
    const { method = '', headers } = exchange.request;
    const route = ROUTES.get(path);
    if (!route) return exchange.sendEmpty(404);
    if (method === 'OPTIONS') return answerPreflight(exchange, Object.keys(route.methods));
    const handler = handlerOf(route, method);
    if (!handler) {
      exchange.response.setHeader('allow', Object.keys(route.methods).join(', '));
      return exchange.sendEmpty(405);
    }
    if (this.#isClosing) throw overloadedError();
    if (!route.isPublic) exchange.tenant = this.#app.keys.identify(headers.authorization);
    return handler(exchange, this.#app);
  }

  #answerFailure(exchange: Exchange, error: unknown): void {
    if (error instanceof ClientGoneError) return void exchange.response.destroy();
    const apiError = toApiError(error);
    if (apiError.status >= 500) {
      this.#app.log('error', apiError.message, {
        trace: exchange.traceId,
        cause:
          error instanceof Error ? (apiError.status === 500 ? error.stack : error.message) : '',
      });
    }
    // A failure after the head, with no way left to say so in the body: cut the connection.
    if (exchange.isHeadSent) exchange.response.destroy();
    else exchange.sendError(apiError);
  }
}

function handlerOf({ methods }: Route, method: string): Route['methods'][string] | undefined {
  if (Object.hasOwn(methods, method)) return methods[method];
  // node leaves the body out of the answer to HEAD.
  return method === 'HEAD' ? methods['GET'] : undefined;
}

/** Without the query string, which no route of this API reads. */
function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0]!;
}

function listenProblem(
  error: NodeJS.ErrnoException,
  { host, port }: { host: string; port: number },
): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `port ${port} on ${host} is already in use; choose another with --port`;
    case 'EACCES':
      return `not allowed to listen on port ${port}; choose one above 1023 with --port`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine; choose another with --host`;
    default:
      return `cannot listen on ${host}:${port}: ${error.message}`;
  }
}
