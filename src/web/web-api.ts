// The web API and the page itself: composes the routes of this layer, knows who calls, and turns
// failures into answers. Every part of the API is one line in the table below.

import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { z } from 'zod';
import { StoreError } from '../store/store-error.js';
import { PlatformUnavailableError } from '../store/types.js';
import type { Sessions } from './session/sessions.js';
import { sessionRoutes } from './session/session-routes.js';
import { Site } from './site/site.js';
import { WebError } from './web-error.js';
import type { Caller, WebEnv, WebHost } from './web-host.js';

export interface WebApiOptions {
  host: WebHost;
  sessions: Sessions;
  version: string;
  port: () => number;
  /** Parts of the API by their first path segment, e.g. `conversations`. */
  parts: Readonly<Record<string, Hono<WebEnv>>>;
  /** Folder of the built page; undefined = there is none, and only the API is served. */
  siteFolder: string | undefined;
}

const API = '/web/v1';

const STATUS_OF_STORE = { 'not-found': 404, conflict: 409, invalid: 400 } as const;

export class WebApi {
  readonly #options: WebApiOptions;
  readonly #site: Site;
  readonly #listener: ReturnType<typeof getRequestListener>;

  constructor(options: WebApiOptions) {
    this.#options = options;
    this.#site = new Site(options.siteFolder);
    this.#listener = getRequestListener(this.#routes().fetch, { overrideGlobalObjects: false });
  }

  owns(path: string): boolean {
    return path.startsWith('/web/') || this.#site.owns(path);
  }

  async handle(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('referrer-policy', 'no-referrer');
    if (!path.startsWith('/web/')) return this.#site.serve(request, response, path);
    response.setHeader('cache-control', 'no-store');
    await this.#listener(request, response);
  }

  #routes(): Hono<WebEnv> {
    const { host, parts } = this.#options;
    const app = new Hono<WebEnv>();
    app.route(`${API}/session`, sessionRoutes(this.#options));
    app.use(`${API}/*`, async (c, next) => {
      // No id and no name has it, and PostgreSQL takes it for an error of ours.
      if (c.env.incoming.url?.includes('%00')) throw new WebError(400, 'the address holds a NUL');
      c.set('caller', await this.#callerOf(c.env.incoming));
      return next();
    });
    for (const [name, routes] of Object.entries(parts)) app.route(`${API}/${name}`, routes);
    app.notFound((c) => c.json(errorBody(`there is no ${c.req.method} ${c.req.path}`), 404));
    app.onError((error, c) => {
      if (error instanceof WebError) return c.json(errorBody(error.message), error.status);
      if (error instanceof z.ZodError) return c.json(errorBody(z.prettifyError(error)), 400);
      if (error instanceof StoreError) {
        return c.json(errorBody(error.message), STATUS_OF_STORE[error.kind]);
      }
      if (error instanceof PlatformUnavailableError) {
        return c.json(errorBody(error.message), 503, { 'retry-after': '2' });
      }
      // Most of what was under way for somebody who left ends with an error; nobody did wrong.
      if (c.env.outgoing.destroyed) return c.body(null);
      host.log('error', 'web request failed', { error: error.stack ?? error.message });
      return c.json(errorBody('internal error'), 500);
    });
    return app;
  }

  /** @throws WebError 401 */
  async #callerOf(request: IncomingMessage): Promise<Caller> {
    const { sessions, host } = this.#options;
    const key = bearerOf(request.headers);
    if (key !== undefined) {
      const principal = await host.platform.identify(key);
      if (!principal) throw new WebError(401, 'this key is not known here');
      const { keyId, accountId } = principal;
      return { keyId, accountId, isOperator: false };
    }
    const session = await sessions.find(request);
    const caller = session && (await sessions.callerOf(session));
    if (!caller) throw new WebError(401, 'nobody is signed in; sign in with a key');
    return caller;
  }
}

function bearerOf({ authorization }: IncomingHttpHeaders): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
}

function errorBody(message: string): { error: { message: string } } {
  return { error: { message } };
}

/** The key whose conversations are meant. @throws WebError 403 for an operator without one */
export function requireKey({ keyId }: Caller): string {
  if (keyId !== undefined) return keyId;
  throw new WebError(403, 'this needs an API key of your own: sign in with one as well');
}

/** @throws WebError 403 */
export function requireOperator({ isOperator }: Caller): void {
  if (!isOperator) throw new WebError(403, 'this needs the administrator key');
}
