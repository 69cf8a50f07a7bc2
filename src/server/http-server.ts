// The HTTP shell around the route table: trace ids, CORS, 404/405, authentication, errors, and an
// orderly end. Knows routes only through the table.

import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { overloadedError, specialeExpiredError } from '../protocol/openai/errors.js';
import type { ApiError } from '../protocol/api-error.js';
import type { App } from './app.js';
import { toApiError } from './chat-failure.js';
import { answerPreflight, setCommonHeaders } from './cors.js';
import { Exchange } from './exchange.js';
import { identifyCaller } from './identify-caller.js';
import { ClientGoneError } from './request-body.js';
import { matchRoute, type Route } from './routes.js';

/** Longer than the idle time of common client pools, so that the client closes first. */
const IDLE_CONNECTION_MS = 75_000;
/** A peer that vanished without a word is noticed by TCP after this and its probes. */
const TCP_PROBE_DELAY_MS = 60_000;
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
    const { headersTimeoutMs, requestTimeoutMs } = app.limits;
    this.#server = createServer(
      {
        headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
        requestTimeout: requestTimeoutMs,
        // How late these two can be noticed; node looks at all connections in one go.
        connectionsCheckingInterval: Math.ceil(headersTimeoutMs / 3),
        keepAliveTimeout: IDLE_CONNECTION_MS,
        keepAlive: true,
        keepAliveInitialDelay: TCP_PROBE_DELAY_MS,
        noDelay: true,
      },
      (request, response) => void this.#serve(request, response),
    );
    this.#server.maxConnections = app.limits.maxConnections;
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
    for (const exchange of this.#active) exchange.abort('server is stopping');
    await this.#idle();
    this.#server.closeAllConnections();
    await closed;
    // Replies that hung on a connection end with it, and are billed.
    await this.#idle();
  }

  /** Resolves when nothing is being answered any more, or the grace time is over. */
  async #idle(): Promise<void> {
    if (this.#active.size === 0) return;
    const idle = new Promise<void>((resolve) => (this.#onIdle = resolve));
    const cancel = this.#app.timers.after(CLOSE_GRACE_MS, () => this.#onIdle?.());
    await idle;
    cancel();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const app = this.#app;
    const startedAt = app.now();
    const path = pathOf(request);
    if (app.admin.owns(path)) {
      return this.#handOver(request, response, () => app.admin.handle(request, response));
    }
    if (app.web.owns(path)) {
      return this.#handOver(request, response, () => app.web.handle(request, response, path));
    }
    const exchange = this.#exchange(request, response, path);
    this.#active.add(exchange);
    setCommonHeaders(exchange);
    try {
      await this.#route(exchange);
    } catch (error) {
      this.#answerFailure(exchange, error);
    }
    // `end` has been called on every path; wait until the bytes are out or the client is gone.
    if (!response.writableFinished && !response.destroyed) await this.#delivered(exchange);
    this.#active.delete(exchange);
    const { traceId, abortReason, errorType, errorMessage } = exchange;
    const status = response.statusCode;
    const end = {
      status,
      ...(abortReason !== undefined && { abortReason }),
      ...(errorType !== undefined && { errorType }),
    };
    exchange.observation.end(end);
    if (exchange.logged) {
      app.kept.end(exchange.logged, errorMessage === undefined ? end : { ...end, errorMessage });
    }
    app.log('info', `${request.method} ${path}`, {
      status,
      ms: app.now() - startedAt,
      trace: traceId,
      aborted: abortReason,
    });
    if (this.#active.size === 0) this.#onIdle?.();
  }

  #delivered(exchange: Exchange): Promise<void> {
    const { response } = exchange;
    // Mostly the socket has taken everything by now. Where it has not, the client must go on reading;
    // node's own socket time-out sees progress inside a large write, which our timers would not.
    if (response.socket?.writableLength !== 0) {
      response.setTimeout(this.#app.limits.stallTimeoutMs, () => {
        exchange.abort('the client stopped reading');
        response.destroy();
      });
    }
    return new Promise((resolve) => response.once('close', () => resolve()));
  }

  #exchange(request: IncomingMessage, response: ServerResponse, path: string): Exchange {
    const traceId = newTraceId();
    const match = matchRoute(path);
    const { method = '', headers } = request;
    const traceparent = headers['traceparent'];
    const { observer, kept } = this.#app;
    const start = {
      traceId,
      method,
      route: match?.pattern ?? 'unknown',
      traceparent: typeof traceparent === 'string' ? traceparent : undefined,
    };
    const observation = observer.start(start);
    // What asks the model something; lists and probes would push it out.
    const logged =
      match?.route.door && method === 'POST' ? kept.open(start, observation) : undefined;
    return new Exchange({ request, response, traceId, match, observation, logged });
  }

  async #route(exchange: Exchange): Promise<void> {
    const app = this.#app;
    const { method = '' } = exchange.request;
    if (!exchange.hasMatch) return exchange.sendEmpty(404);
    const { route, canExpire, scenario } = exchange.match;
    if (scenario !== undefined && !app.lab?.has(scenario)) return exchange.sendEmpty(404);
    if (method === 'OPTIONS') return answerPreflight(exchange, Object.keys(route.methods));
    const handler = handlerOf(route, method);
    if (!handler) {
      exchange.response.setHeader('allow', Object.keys(route.methods).join(', '));
      return exchange.sendEmpty(405);
    }
    if (this.#isClosing) throw overloadedError();
    if (canExpire && app.now() > app.specialeExpiresAt) {
      throw specialeExpiredError(new Date(app.specialeExpiresAt));
    }
    if (!route.isPublic) {
      const place = route.door?.name === 'anthropic' ? 'either' : 'authorization';
      exchange.principal = await identifyCaller(exchange.request, app, place);
      const { accountId, keyId } = exchange.principal;
      exchange.observation.set({ accountId, keyId });
    }
    if (scenario !== undefined && app.lab?.enter(scenario, exchange) === false) return;
    return handler(exchange, app);
  }

  /** The admin API and the page write their own answers; what they cannot catch ends the connection. */
  async #handOver(
    request: IncomingMessage,
    response: ServerResponse,
    handle: () => Promise<void>,
  ): Promise<void> {
    const traceId = newTraceId();
    response.setHeader('x-ds-trace-id', traceId);
    response.once('close', () =>
      this.#app.log('info', `${request.method} ${pathOf(request)}`, {
        status: response.statusCode,
        trace: traceId,
      }),
    );
    try {
      await handle();
    } catch (error) {
      this.#app.log('error', 'request failed', { trace: traceId, error: String(error) });
      response.destroy();
    }
  }

  #answerFailure(exchange: Exchange, error: unknown): void {
    if (error instanceof ClientGoneError) return void exchange.response.destroy();
    const apiError = toApiError(error);
    if (apiError.status >= 500) {
      this.#app.log('error', apiError.message, {
        trace: exchange.traceId,
        cause: causeOf(apiError),
      });
    }
    // A failure after the head, with no way left to say so in the body: cut the connection.
    if (exchange.isHeadSent) exchange.response.destroy();
    else exchange.sendError(apiError);
  }
}

/** 32 hex digits; much cheaper than randomBytes. */
function newTraceId(): string {
  return randomUUID().replaceAll('-', '');
}

/** What a defect's stack, or the reason behind an overload, is for the log. */
function causeOf({ status, cause }: ApiError): string {
  if (!(cause instanceof Error)) return '';
  return (status === 500 ? cause.stack : undefined) ?? cause.message;
}

function handlerOf({ methods }: Route, method: string): Route['methods'][string] | undefined {
  if (Object.hasOwn(methods, method)) return methods[method];
  // node leaves the body out of the answer to HEAD.
  return method === 'HEAD' ? methods['GET'] : undefined;
}

/** Without the query string, which no API route reads, and without the origin that proxies send. */
function pathOf({ url = '/' }: IncomingMessage): string {
  const path = url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?]*/i, '');
  const end = path.indexOf('?');
  return end < 0 ? path : path.slice(0, end);
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
