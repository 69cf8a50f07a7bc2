// `POST /v1/rollouts`: the whole loop for a trainer, rows as lines of JSON while they come. Ends with its
// client: a trainer that leaves stops every rollout and every request to the endpoint.
//
// This server makes requests to an address that its caller names. Callers hold the trainer key; only http
// and https are asked, redirects are not followed, and of an answer that is no chat completion nothing is
// repeated but its status and `error.message`. Where callers are not trusted with the server's network,
// `endpoints` lists the addresses they may name. The server's own key goes to listed addresses only.

import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ChatEndpoint } from '../model-loop/chat-endpoint.js';
import { runGroups } from './rollout-loop-groups.js';
import { readRolloutsRequest } from './rollout-loop-request.js';
import type { Rollouts } from './rollouts.js';
import { ServiceError, shown } from './service-error.js';

/** Header with the endpoint's key; `authorization` is the trainer's own. */
export const ENDPOINT_KEY_HEADER = 'x-endpoint-key';

export interface LoopService {
  /** Base URLs that callers may name; empty = any. */
  readonly endpoints: readonly string[];
  /** For listed endpoints, where the caller sends none. */
  readonly endpointKey?: string;
}

export interface ServeLoopOptions extends LoopService {
  readonly rollouts: Rollouts;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: unknown;
}

/** @throws ServiceError before the first byte; afterwards failures are a last line `{"error"}` */
export async function serveRolloutLoop(options: ServeLoopOptions): Promise<void> {
  const { rollouts, request, response } = options;
  const wanted = readRolloutsRequest(options.body, rollouts);
  const isListed = options.endpoints.includes(wanted.baseUrl);
  if (options.endpoints.length > 0 && !isListed) {
    throw new ServiceError('forbidden', `${shown(wanted.baseUrl)} is not among the endpoints here`);
  }
  const given = request.headers[ENDPOINT_KEY_HEADER];
  const apiKey = typeof given === 'string' ? given : isListed ? options.endpointKey : undefined;
  const { baseUrl, maxRetries } = wanted;
  const endpoint = new ChatEndpoint({ baseUrl, maxRetries, ...(apiKey && { apiKey }) });
  const gone = new AbortController();
  const leave = (): void => gone.abort(new Error('the client is gone'));
  response.once('close', leave);
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'x-accel-buffering': 'no' });
  response.flushHeaders();
  try {
    await runGroups({
      ...wanted,
      rollouts,
      endpoint,
      signal: gone.signal,
      onRow: async (row) => {
        const hasRoom = response.write(`${JSON.stringify(row)}\n`);
        if (!hasRoom) await once(response, 'drain', { signal: gone.signal });
      },
    });
    response.end();
  } catch (error) {
    if (gone.signal.aborted) return;
    const isKnown = error instanceof ServiceError;
    const type = isKnown ? error.code : 'internal';
    const message = isKnown ? error.message : 'the server failed';
    response.end(`${JSON.stringify({ error: { type, message } })}\n`);
    if (!isKnown) throw error;
  } finally {
    response.removeListener('close', leave);
    await endpoint.close();
  }
}
