// MCP Streamable HTTP at /{env_id}/mcp. A session belongs to no connection: its id finds it from
// anywhere. The server starts no message of its own, so answers are plain JSON; a client that takes
// events only gets the answer as one event, and the stream of GET is not offered (405).

import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody, sendEmpty, sendJson } from './http-exchange.js';
import {
  errorAnswer,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  INVALID_REQUEST,
  NO_SESSION,
  PARSE_ERROR,
  readMessage,
  RpcError,
  type RpcMessage,
} from './json-rpc.js';
import { answerRequest, initializeAnswer, PROTOCOL_VERSIONS } from './mcp.js';
import type { Rollout, Rollouts } from './rollouts.js';
import { ServiceError } from './service-error.js';

/** Recorded calls are memory: a session may hold limits.maxToolCalls of them. */
const MAX_BODY_BYTES = 1 << 18;
/** The one version that had batches. */
const BATCH_VERSION = '2025-03-26';
const MAX_BATCH = 64;
const SESSION_HEADER = 'mcp-session-id';

export interface McpRequest {
  readonly rollouts: Rollouts;
  readonly envId: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export async function serveMcp(exchange: McpRequest): Promise<void> {
  const { request, response } = exchange;
  try {
    switch (request.method) {
      case 'POST':
        return await post(exchange);
      case 'DELETE':
        exchange.rollouts.close(sessionOf(exchange).id);
        return sendEmpty(response, 200);
      default:
        return sendEmpty(response, 405, { allow: 'POST, DELETE' });
    }
  } catch (error) {
    const [status, rpcError] = asRpcError(error);
    if (response.headersSent) throw error;
    sendJson(
      response,
      status,
      errorAnswer(rpcError),
      status === 413 ? { connection: 'close' } : {},
    );
  }
}

async function post(exchange: McpRequest): Promise<void> {
  const { request, response } = exchange;
  const isEvent = answersAsEvent(request.headers.accept);
  const body = parse(await readBody(request, MAX_BODY_BYTES));
  if (Array.isArray(body)) return await postBatch(exchange, body, isEvent);
  const message = readMessage(body);
  if (message?.method === 'initialize' && message.id !== undefined) {
    const rollout = open(exchange);
    const text = initializeAnswer(message.id, message.params, rollout);
    return send(response, text, isEvent, { [SESSION_HEADER]: rollout.id });
  }
  const rollout = sessionOf(exchange);
  if (message?.id === undefined) return sendEmpty(response, 202);
  send(response, await answerRequest(exchange.rollouts, rollout, message.id, message), isEvent);
}

async function postBatch(
  exchange: McpRequest,
  items: readonly unknown[],
  isEvent: boolean,
): Promise<void> {
  const version = exchange.request.headers['mcp-protocol-version'] ?? BATCH_VERSION;
  if (version !== BATCH_VERSION || items.length === 0 || items.length > MAX_BATCH) {
    throw new RpcError(
      INVALID_REQUEST,
      `a batch has 1 to ${MAX_BATCH} messages, in ${BATCH_VERSION} only`,
    );
  }
  const rollout = sessionOf(exchange);
  const answers: string[] = [];
  // One after the other: calls of one session see each other's changes in order.
  for (const item of items) {
    try {
      const message: RpcMessage | undefined = readMessage(item);
      if (message?.id === undefined) continue;
      answers.push(await answerRequest(exchange.rollouts, rollout, message.id, message));
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      answers.push(errorAnswer(error));
    }
  }
  if (answers.length === 0) return sendEmpty(exchange.response, 202);
  send(exchange.response, `[${answers.join(',')}]`, isEvent);
}

function open({ rollouts, envId, request }: McpRequest): Rollout {
  const key = request.headers['x-task-key'];
  return typeof key === 'string' ? rollouts.openTask(key, { envId }) : rollouts.openDefault(envId);
}

/** @throws RpcError INVALID_REQUEST without an id or for a version that is not spoken; ServiceError */
function sessionOf({ rollouts, envId, request }: McpRequest): Rollout {
  const { [SESSION_HEADER]: id, 'mcp-protocol-version': version } = request.headers;
  if (typeof version === 'string' && !PROTOCOL_VERSIONS.has(version)) {
    throw new RpcError(
      INVALID_REQUEST,
      `the protocol version ${version.slice(0, 20)} is not spoken`,
    );
  }
  if (typeof id !== 'string') {
    throw new RpcError(INVALID_REQUEST, 'the header Mcp-Session-Id is missing; initialize first');
  }
  const rollout = rollouts.get(id);
  if (rollout.environment.env.id !== envId) {
    throw new ServiceError('not_found', 'the session belongs to another environment');
  }
  return rollout;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new RpcError(PARSE_ERROR, 'the body is no JSON');
  }
}

/** @throws ServiceError not_acceptable */
function answersAsEvent(accept: string | undefined): boolean {
  if (accept === undefined || /application\/(json|\*)|\*\/\*/.test(accept)) return false;
  if (accept.includes('text/event-stream')) return true;
  throw new ServiceError('not_acceptable', 'answers are application/json or text/event-stream');
}

function send(
  response: ServerResponse,
  text: string,
  isEvent: boolean,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (!isEvent) return sendJson(response, 200, text, headers);
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(`event: message\ndata: ${text}\n\n`);
}

function asRpcError(error: unknown): [status: number, RpcError] {
  if (error instanceof RpcError) {
    // An error that answers a request is an answer; without an id it is a bad HTTP request.
    return [error.id === null ? 400 : 200, error];
  }
  if (!(error instanceof ServiceError)) throw error;
  const code =
    error.code === 'not_found'
      ? NO_SESSION
      : error.status >= 500
        ? INTERNAL_ERROR
        : error.code === 'bad_request'
          ? INVALID_PARAMS
          : INVALID_REQUEST;
  return [error.status, new RpcError(code, error.message)];
}
