// A client of one OpenAI-style endpoint for whole replies: one POST, one message, its usage. Tries again
// where that can help, follows no redirects (headers carry a key), and treats every reply as hostile:
// bounded in size, checked field by field. Knows nothing of tasks.
//
// The key is handed in by the caller and goes into one header; no error message ever contains it.

import { setTimeout as pause } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { ChatMessage, ToolCall } from '../task-prompt.js';
import type { JsonObject } from '../world-types.js';

/** Worth another attempt (RFC 9110; 529 is how some endpoints say "overloaded"). */
const RETRYABLE = new Set([408, 409, 425, 429, 500, 502, 503, 504, 529]);
const MAX_REPLY_BYTES = 16 << 20;
const MAX_TOOL_CALLS = 128;
const BASE_WAIT_MS = 500;
const MAX_WAIT_MS = 60_000;
/** Of an endpoint's own words, how much is repeated. */
const MAX_SHOWN = 300;

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  /** Part of the completion. */
  readonly reasoning_tokens: number;
  /** Part of the prompt. */
  readonly cached_tokens: number;
}

export interface ModelReply {
  readonly message: ChatMessage;
  readonly finishReason: string;
  /** undefined = the endpoint did not say. */
  readonly usage: Usage | undefined;
  /** Attempts that failed before this one. */
  readonly retries: number;
}

/** `status_<n>` = refused for good, or still after all attempts. */
export type EndpointFailure = 'unreachable' | 'timeout' | 'bad_reply' | `status_${number}`;

/** No reply came. Never contains the key. */
export class EndpointError extends Error {
  override name = 'EndpointError';
  constructor(
    readonly type: EndpointFailure,
    message: string,
    readonly retries: number,
  ) {
    super(message);
  }
}

/** `baseUrl` is no address that may be asked. */
export class BaseUrlError extends Error {
  override name = 'BaseUrlError';
}

export interface ChatEndpointOptions {
  /** Up to and without `/chat/completions`. */
  readonly baseUrl: string;
  readonly apiKey?: string;
  /** Attempts after the first; default 5. */
  readonly maxRetries?: number;
  /** Of one attempt; default 10 minutes: reasoning takes its time. */
  readonly timeoutMs?: number;
  /** @throws the signal's reason */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** In 0..1; spreads the attempts of many rollouts. */
  readonly random?: () => number;
}

/** http or https, without credentials, query or fragment. @throws BaseUrlError */
export function checkedBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new BaseUrlError(
      `the base URL must be http or https: ${JSON.stringify(text.slice(0, 80))}`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new BaseUrlError('the base URL must not contain a user or password');
  }
  if (url.search !== '' || url.hash !== '') {
    throw new BaseUrlError('the base URL must have no query and no fragment');
  }
  return url.href.replace(/\/+$/, '');
}

export class ChatEndpoint {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #maxRetries: number;
  readonly #timeoutMs: number;
  readonly #sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly #random: () => number;
  readonly #agent: Agent;

  /** @throws BaseUrlError */
  constructor({
    baseUrl,
    apiKey,
    maxRetries = 5,
    timeoutMs = 600_000,
    sleep = (ms, signal) => pause(ms, undefined, { signal }),
    random = Math.random,
  }: ChatEndpointOptions) {
    this.#url = `${checkedBaseUrl(baseUrl)}/chat/completions`;
    this.#headers = {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
    };
    this.#maxRetries = maxRetries;
    this.#timeoutMs = timeoutMs;
    this.#sleep = sleep;
    this.#random = random;
    // The attempt's own limit counts; the client's would end a long reasoning after five minutes.
    this.#agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  }

  /**
   * The reply to a request body (`stream` is set here).
   * @throws EndpointError; the reason of `signal` when it is aborted
   */
  async complete(body: JsonObject, signal: AbortSignal): Promise<ModelReply> {
    const text = JSON.stringify({ ...body, stream: false });
    for (let retries = 0; ; retries++) {
      const answer = await this.#attempt(text, signal);
      signal.throwIfAborted();
      if (answer.type === 'reply') return { ...answer.reply, retries };
      if (!answer.again || retries >= this.#maxRetries) {
        throw new EndpointError(answer.failure, answer.message, retries);
      }
      await this.#sleep(answer.afterMs ?? this.#waitMs(retries), signal);
    }
  }

  /** Ends the connections. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  /** Doubles from half a second, half of it by chance. */
  #waitMs(retries: number): number {
    const most = Math.min(MAX_WAIT_MS, BASE_WAIT_MS * 2 ** retries);
    return Math.round(most / 2 + (most / 2) * this.#random());
  }

  async #attempt(body: string, signal: AbortSignal): Promise<Attempt> {
    const limit = AbortSignal.timeout(this.#timeoutMs);
    try {
      const {
        statusCode,
        headers,
        body: stream,
      } = await request(this.#url, {
        method: 'POST',
        headers: this.#headers,
        body,
        dispatcher: this.#agent,
        signal: AbortSignal.any([signal, limit]),
      });
      const text = await readLimited(stream);
      if (statusCode !== 200) {
        return {
          type: 'failure',
          failure: `status_${statusCode}`,
          message: `the endpoint answered ${statusCode}${saidIn(text)}`,
          again: RETRYABLE.has(statusCode),
          afterMs: retryAfterMs(headers['retry-after']),
        };
      }
      if (text === undefined) return failed('bad_reply', `longer than ${MAX_REPLY_BYTES} bytes`);
      return { type: 'reply', reply: replyIn(text) };
    } catch (error) {
      if (error instanceof BadReply) return failed('bad_reply', error.message);
      if (limit.aborted && !signal.aborted) {
        return { ...failed('timeout', `no reply within ${this.#timeoutMs} ms`), again: true };
      }
      return { ...failed('unreachable', messageOf(error)), again: true };
    }
  }
}

type Attempt =
  | { readonly type: 'reply'; readonly reply: Omit<ModelReply, 'retries'> }
  | {
      readonly type: 'failure';
      readonly failure: EndpointFailure;
      readonly message: string;
      readonly again: boolean;
      readonly afterMs?: number | undefined;
    };

class BadReply extends Error {}

function failed(failure: EndpointFailure, message: string): Extract<Attempt, { type: 'failure' }> {
  return { type: 'failure', failure, message, again: false };
}

/** undefined = too long. */
async function readLimited(body: AsyncIterable<Buffer>): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > MAX_REPLY_BYTES) return undefined; // leaving the loop closes the connection
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}

/** The endpoint's own words, if they have the usual form: anything else is not repeated. */
function saidIn(text: string | undefined): string {
  try {
    const { error } = JSON.parse(text ?? '') as { error?: { message?: unknown } };
    if (typeof error?.message === 'string') return `: ${error.message.slice(0, MAX_SHOWN)}`;
  } catch {
    // No JSON: the status says it.
  }
  return '';
}

/** Seconds or a date (RFC 9110 §10.2.3), at most a minute. */
function retryAfterMs(header: string | string[] | undefined): number | undefined {
  if (typeof header !== 'string') return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.min(MAX_WAIT_MS, Math.max(0, ms)) : undefined;
}

function messageOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return [code, message].filter(Boolean).join(' ').slice(0, MAX_SHOWN);
}

interface WireReply {
  choices?: { message?: Record<string, unknown>; finish_reason?: unknown }[];
  usage?: Record<string, unknown> | null;
}

/** @throws BadReply */
function replyIn(text: string): Omit<ModelReply, 'retries'> {
  let reply: WireReply | null;
  try {
    reply = JSON.parse(text) as WireReply | null;
  } catch {
    throw new BadReply('the reply is no JSON');
  }
  const choice = Array.isArray(reply?.choices) ? reply.choices[0] : undefined;
  const message = choice?.message;
  if (typeof message !== 'object' || message === null)
    throw new BadReply('the reply has no message');
  const { content, reasoning_content: reasoning, tool_calls: calls } = message;
  const called = toolCallsIn(calls);
  return {
    message: {
      role: 'assistant',
      content: typeof content === 'string' ? content : null,
      ...(typeof reasoning === 'string' && { reasoning_content: reasoning }),
      ...(called.length > 0 && { tool_calls: called }),
    },
    finishReason: typeof choice?.finish_reason === 'string' ? choice.finish_reason : 'stop',
    usage: usageIn(reply?.usage),
  };
}

function toolCallsIn(calls: unknown): ToolCall[] {
  if (calls === undefined || calls === null) return [];
  if (!Array.isArray(calls) || calls.length > MAX_TOOL_CALLS) {
    throw new BadReply(`tool_calls is no list of at most ${MAX_TOOL_CALLS}`);
  }
  const ids = new Set<string>();
  return calls.map(
    (call: { id?: unknown; function?: { name?: unknown; arguments?: unknown } } | null, i) => {
      const { name, arguments: args } = call?.function ?? {};
      if (typeof name !== 'string') throw new BadReply(`tool call ${i + 1} has no function name`);
      // Results are matched by id: one that is missing or there twice is replaced.
      let id = typeof call?.id === 'string' && call.id !== '' ? call.id : `call_${i}`;
      while (ids.has(id)) id = `${id}_${i}`;
      ids.add(id);
      const text = typeof args === 'string' ? args : JSON.stringify(args ?? {});
      return { id, type: 'function', function: { name, arguments: text } };
    },
  );
}

function usageIn(usage: Record<string, unknown> | null | undefined): Usage | undefined {
  if (typeof usage?.['completion_tokens'] !== 'number') return undefined;
  const inside = (name: string): Record<string, unknown> =>
    (usage[name] ?? {}) as Record<string, unknown>;
  const cached =
    inside('prompt_tokens_details')['cached_tokens'] ?? usage['prompt_cache_hit_tokens'];
  return {
    prompt_tokens: countOf(usage['prompt_tokens']),
    completion_tokens: countOf(usage['completion_tokens']),
    reasoning_tokens: countOf(inside('completion_tokens_details')['reasoning_tokens']),
    cached_tokens: countOf(cached),
  };
}

function countOf(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : 0;
}
