// The studio's server: one node:http process for all environments of a corpus. Chooses the door by path
// (/{env_id}/mcp, or the trainers' paths), checks where a request comes from, and turns failures into
// answers that tell nothing of how the server is made.

import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CorpusStore } from '../corpus.js';
import type { RunElsewhere } from '../programs/elsewhere.js';
import { loadProgramRunner } from '../programs/program-runner.js';
import { ClientGoneError, readJson, sendJson } from './http-exchange.js';
import { serveMcp } from './mcp-http.js';
import { Proxies, PROXY_ROOT } from './proxy.js';
import { answerApi, API_ROOTS, errorBody, isRolloutLoop } from './rollout-http.js';
import { ENDPOINT_KEY_HEADER, serveRolloutLoop, type LoopService } from './rollout-loop-http.js';
import { Rollouts, type RolloutLimits } from './rollouts.js';
import { ServiceError } from './service-error.js';
import { TrustedOrigins } from './trusted-origin.js';

/** Batches of conversations are long. */
const MAX_API_BODY_BYTES = 32 << 20;
const SWEEP_MS = 30_000;
/** Longer than the idle time of common client pools, so that the client closes first. */
const IDLE_CONNECTION_MS = 75_000;

export interface ServeCorpusOptions {
  readonly store: CorpusStore;
  readonly host?: string;
  /** 0 = any free one. */
  readonly port?: number;
  /** When set, everything but MCP needs it as bearer token: an agent with a network cannot ask for verdicts. */
  readonly trainerKey?: string;
  /** Names besides loopback that requests may be addressed to. */
  readonly allowedHosts?: readonly string[];
  readonly limits?: Partial<RolloutLimits>;
  readonly now?: () => number;
  /** Where programs of agents run. Default: the isolate of this process, which bounds no time. */
  readonly runProgram?: RunElsewhere;
  /** Which endpoints `POST /v1/rollouts` may ask; default: any. */
  readonly rolloutLoop?: LoopService;
  /** Gets what went wrong inside; default: nothing is written. */
  readonly onError?: (error: unknown) => void;
}

export interface RunningStudio {
  readonly url: string;
  readonly port: number;
  readonly rollouts: Rollouts;
  close(): Promise<void>;
}

/** @throws Error of node:net if the address cannot be listened on */
export async function serveCorpus(options: ServeCorpusOptions): Promise<RunningStudio> {
  await loadProgramRunner();
  const { host = '127.0.0.1', port = 0, onError = () => {} } = options;
  const rollouts = new Rollouts(options);
  const door = new FrontDoor(rollouts, options);
  const server = createServer(
    { keepAliveTimeout: IDLE_CONNECTION_MS, noDelay: true },
    (request, response) => {
      door.serve(request, response).catch((error: unknown) => {
        if (!(error instanceof ClientGoneError)) onError(error);
        response.destroy();
      });
    },
  );
  const sweeping = setInterval(() => rollouts.sweep(), SWEEP_MS);
  sweeping.unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    port: bound,
    rollouts,
    close: async () => {
      clearInterval(sweeping);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await door.close();
    },
  };
}

class FrontDoor {
  readonly #rollouts: Rollouts;
  readonly #origins: TrustedOrigins;
  readonly #trainerKey: string | undefined;
  readonly #rolloutLoop: LoopService;
  readonly #proxies: Proxies;
  readonly #onError: (error: unknown) => void;

  constructor(
    rollouts: Rollouts,
    {
      allowedHosts,
      trainerKey,
      rolloutLoop = { endpoints: [] },
      onError = () => {},
    }: ServeCorpusOptions,
  ) {
    this.#rollouts = rollouts;
    this.#origins = new TrustedOrigins(allowedHosts);
    this.#trainerKey = trainerKey;
    this.#rolloutLoop = rolloutLoop;
    this.#proxies = new Proxies(rollouts, rolloutLoop);
    this.#onError = onError;
  }

  close(): Promise<void> {
    return this.#proxies.close();
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      this.#origins.check(request.headers);
      const { path, search } = locationOf(request.url ?? '/');
      if (path.at(-1) === 'mcp' && path.length > 1) {
        const envId = path.slice(0, -1).join('/');
        return await serveMcp({ rollouts: this.#rollouts, envId, request, response });
      }
      if (path[0] === PROXY_ROOT) {
        return await this.#proxies.serve(request, response, path.slice(1));
      }
      await this.#api(request, response, path, new URLSearchParams(search));
    } catch (error) {
      if (error instanceof ClientGoneError || response.headersSent) throw error;
      this.#answerFailure(response, error);
    }
  }

  async #api(
    request: IncomingMessage,
    response: ServerResponse,
    path: readonly string[],
    query: URLSearchParams,
  ): Promise<void> {
    if (path.length === 1 && path[0] === 'health') {
      return sendJson(response, 200, JSON.stringify({ sessions: this.#rollouts.size }));
    }
    if (!API_ROOTS.has(path[0] ?? '')) throw new ServiceError('not_found', 'there is nothing here');
    this.#authorize(request.headers.authorization);
    const rollouts = this.#rollouts;
    const method = request.method ?? '';
    const readBody = (): Promise<unknown> => readJson(request, MAX_API_BODY_BYTES);
    if (isRolloutLoop(method, path)) {
      const body = await readBody();
      return serveRolloutLoop({ ...this.#rolloutLoop, rollouts, request, response, body });
    }
    const key = request.headers[ENDPOINT_KEY_HEADER];
    const endpointKey = typeof key === 'string' ? key : undefined;
    const proxies = this.#proxies;
    const exchange = { method, path, query, body: readBody, proxies, endpointKey };
    const value = await answerApi(rollouts, exchange);
    sendJson(response, 200, JSON.stringify(value));
  }

  #authorize(header: string | undefined): void {
    if (this.#trainerKey === undefined) return;
    const given = Buffer.from(header ?? '');
    const wanted = Buffer.from(`Bearer ${this.#trainerKey}`);
    if (given.length === wanted.length && timingSafeEqual(given, wanted)) return;
    throw new ServiceError('unauthorized', 'this needs the trainer key as bearer token');
  }

  #answerFailure(response: ServerResponse, error: unknown): void {
    if (!(error instanceof ServiceError)) {
      this.#onError(error);
      const text = JSON.stringify({ error: { type: 'internal', message: 'the server failed' } });
      return sendJson(response, 500, text);
    }
    if (error.status >= 500) this.#onError(error.cause ?? error);
    // What is left of a body that was refused is not read: the connection ends.
    const headers: Record<string, string> =
      error.code === 'too_large' ? { connection: 'close' } : {};
    sendJson(response, error.status, JSON.stringify(errorBody(error)), headers);
  }
}

/** @throws ServiceError bad_request for a path that is not properly encoded */
function locationOf(url: string): { path: string[]; search: string } {
  const at = url.indexOf('?');
  const path = at === -1 ? url : url.slice(0, at);
  try {
    return {
      path: decodeURIComponent(path).split('/').filter(Boolean),
      search: at === -1 ? '' : url.slice(at + 1),
    };
  } catch (cause) {
    throw new ServiceError('bad_request', 'the path is not properly encoded', { cause });
  }
}
