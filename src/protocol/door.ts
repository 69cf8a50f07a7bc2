// What the server needs of an API dialect: a Door turns a body into a request for the one road, and
// ReplyEvents into bytes. The server owns time, sockets, limits and money; doors know none of them.

import type { ChatRequest, FimRequest, ReplyEvent } from '../chat/types.js';
import type { ApiError } from './api-error.js';
import type { LeniencyLog } from './leniency.js';
import type { Mode } from './openai/modes.js';
import type { ReplyHeader } from './openai/reply-header.js';

/** Which base URL a request came in by (api reference §1.1). */
export type ApiBase = 'main' | 'beta' | 'speciale';

/** What the server knows beside the body. */
export interface RequestContext {
  traceId: string;
  tenant: string;
  /** Card id of the served weights; the API names stand for modes of it. */
  model: string;
  base: ApiBase;
  /**
   * Apply the mapping the V3 model card describes for the hosted API (api reference §10): T = 1
   * samples at 0.3. For small weights, which wander at 1.
   */
  mapTemperature: boolean;
  /** Where OpenAI-style streams put the usage (api reference §4.4). */
  usageChunk: 'inline' | 'separate';
  leniency: LeniencyLog;
  /** Called between the range checks and the semantic ones (api reference §2.3). @throws ApiError 402 */
  requireBalance: () => void;
}

export interface ParsedRequest {
  request: ChatRequest | FimRequest;
  mode: Mode;
  stream: boolean;
  /**
   * Indexes into the ChatRequest's `messages` of assistant turns whose reasoning is missing and
   * may be healed; non-empty only with the leniency `heal_reasoning`. Left as they are, they count
   * as empty reasoning.
   */
  missingReasoning: readonly number[];
  newStream(header: ReplyHeader): ReplyStream;
  newBody(header: ReplyHeader): ReplyBody;
}

/** Writes one streamed reply as text for the socket. Holds the state of one reply. */
export interface ReplyStream {
  /**
   * SSE frames for an event; empty when the dialect has none for it. The first event is `start`,
   * the last `finish`, whose frames end the stream (`[DONE]` included).
   */
  next(event: ReplyEvent): string;
  /** A sign of life while the client waits. */
  readonly keepAlive: string;
}

/** Collects one reply into a response body. */
export interface ReplyBody {
  accept(event: ReplyEvent): void;
  /** The JSON text; to be called once, after `finish` was accepted. */
  text(): string;
  /**
   * The HTTP error to answer with instead, where the dialect has one for a failed generation and no
   * byte has been sent; undefined = `text()` is the answer.
   */
  failure(): ApiError | undefined;
}

export interface Door {
  readonly name: 'chat' | 'fim' | 'anthropic' | 'responses';
  /** @throws ApiError with the documented text; the checks run in the order of §2.3. */
  parse(body: Uint8Array, context: RequestContext): ParsedRequest;
  errorBody(error: ApiError): string;
}
