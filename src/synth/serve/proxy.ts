// The interception proxy for foreign harnesses: a trainer opens one for a session, gives its address to the
// harness as the model's, and gets a trace of everything that was asked and answered. Requests go on to the
// endpoint with the sampling fields set here and are otherwise what the harness sent; replies come back byte
// for byte, streams as they come. The harness never sees the endpoint's key: its own headers of that kind are
// replaced. The address holds a secret, so it needs no other key. Source: agents reference §3.

import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, request as send, type Dispatcher } from 'undici';
import { checkedBaseUrl, BaseUrlError } from '../model-loop/chat-endpoint.js';
import type { JsonObject } from '../world-types.js';
import { readBody } from './http-exchange.js';
import {
  chatDialect,
  eventsIn,
  messagesDialect,
  type Dialect,
  type Fields,
  type ReadReply,
} from './proxy-dialects.js';
import { Trace, type TraceCall } from './proxy-trace.js';
import type { LoopService } from './rollout-loop-http.js';
import { readSampling } from './rollout-loop-request.js';
import type { Rollout, Rollouts } from './rollouts.js';
import { ServiceError, shown } from './service-error.js';

export const PROXY_ROOT = 'proxy';
const MAX_REQUEST_BYTES = 32 << 20;
/** Of a reply, how much of it is recorded; the harness gets all of it. */
const MAX_RECORDED_BYTES = 16 << 20;
/** A trace is memory: beyond it the proxy refuses, so that nothing goes unrecorded. */
const MAX_CALLS = 5000;
const MAX_TRACE_CHARACTERS = 256 << 20;
/** What a request or a reply may bring along besides its body. */
const REQUEST_HEADERS = ['content-type', 'accept', 'anthropic-version', 'anthropic-beta'];
const KEY_HEADERS = ['authorization', 'x-api-key'];
const REPLY_HEADERS = ['content-type', 'retry-after', 'request-id', 'x-request-id'];

interface Proxy {
  readonly secret: string;
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  readonly sampling: JsonObject;
  readonly trace: Trace;
  readonly began: number;
}

/** The proxies of all sessions. One lives as long as its session. */
export class Proxies {
  readonly #bySession = new WeakMap<Rollout, Proxy>();
  readonly #agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });

  constructor(
    readonly rollouts: Rollouts,
    readonly service: LoopService,
    readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * Opens one for a session, in place of the one that was there. @param body {base_url, sampling}
   * @returns the path to which a harness adds /chat/completions or /messages
   * @throws ServiceError
   */
  open(rollout: Rollout, body: unknown, apiKey: string | undefined): { readonly path: string } {
    const { base_url: baseUrl, sampling } = (body ?? {}) as Fields;
    if (typeof baseUrl !== 'string') throw new ServiceError('bad_request', 'base_url is no text');
    const checked = urlOf(baseUrl);
    const isListed = this.service.endpoints.includes(checked);
    if (this.service.endpoints.length > 0 && !isListed) {
      throw new ServiceError('forbidden', `${shown(checked)} is not among the endpoints here`);
    }
    const secret = randomBytes(24).toString('hex');
    this.#bySession.set(rollout, {
      secret,
      baseUrl: checked,
      apiKey: apiKey ?? (isListed ? this.service.endpointKey : undefined),
      sampling: readSampling(sampling),
      trace: new Trace(),
      began: this.now(),
    });
    return { path: `/${PROXY_ROOT}/${rollout.id}/${secret}` };
  }

  /** @throws ServiceError not_found */
  traceOf(rollout: Rollout): Trace {
    const proxy = this.#bySession.get(rollout);
    if (!proxy) throw new ServiceError('not_found', 'this session has no proxy');
    return proxy.trace;
  }

  /** @param path behind the root: session, secret, then what the harness asks for. @throws ServiceError */
  async serve(
    request: IncomingMessage,
    response: ServerResponse,
    [id = '', secret = '', ...rest]: readonly string[],
  ): Promise<void> {
    const proxy = this.#bySession.get(this.rollouts.get(id));
    if (!proxy || !isEqual(secret, proxy.secret)) {
      throw new ServiceError('not_found', 'there is no such proxy');
    }
    const asked = (rest[0] === 'v1' ? rest.slice(1) : rest).join('/');
    const dialect = DIALECTS[asked];
    if (request.method !== 'POST' || dialect === undefined) {
      throw new ServiceError('not_found', `the proxy has no ${request.method} ${shown(asked)}`);
    }
    const { trace } = proxy;
    if (trace.calls.length >= MAX_CALLS || trace.characters >= MAX_TRACE_CHARACTERS) {
      throw new ServiceError('too_large', 'the trace of this session is full');
    }
    const text = await readBody(request, MAX_REQUEST_BYTES);
    await this.#forward({ proxy, dialect, asked, text, request, response });
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #forward({ proxy, dialect, asked, text, request, response }: Exchange): Promise<void> {
    const fields = fieldsIn(text);
    const body = withSampling(text, fields, proxy.sampling);
    const start = this.now();
    const gone = new AbortController();
    const leave = (): void => gone.abort(new Error('the harness left'));
    response.once('close', leave);
    const recorded: Buffer[] = [];
    let [status, failure]: [number | null, string | null] = [null, null];
    let type = '';
    try {
      const reply = await send(`${proxy.baseUrl}/${asked}`, {
        method: 'POST',
        headers: headersFor(request, proxy.apiKey),
        body,
        dispatcher: this.#agent,
        signal: gone.signal,
      });
      status = reply.statusCode;
      type = String(reply.headers['content-type'] ?? '');
      response.writeHead(status, replyHeaders(reply.headers));
      response.flushHeaders();
      let size = 0;
      for await (const piece of reply.body as AsyncIterable<Buffer>) {
        size += piece.length;
        if (size <= MAX_RECORDED_BYTES) recorded.push(piece);
        if (!response.write(piece)) await once(response, 'drain', { signal: gone.signal });
      }
      if (size > MAX_RECORDED_BYTES) failure = `a reply of ${size} bytes is recorded in part`;
      response.end();
    } catch (error) {
      failure = gone.signal.aborted ? 'the harness left' : messageOf(error);
      if (!response.headersSent) {
        const told = JSON.stringify({ error: { type: 'upstream_error', message: failure } });
        response.writeHead(502, { 'content-type': 'application/json' }).end(told);
      } else response.destroy();
    } finally {
      response.removeListener('close', leave);
    }
    if (dialect === null || fields === undefined) return;
    const read = replyIn(dialect, Buffer.concat(recorded).toString(), type);
    this.#record(proxy, dialect, fields, read, { status, error: failure, start });
  }

  #record(
    { trace, sampling, began }: Proxy,
    dialect: Dialect,
    fields: Fields,
    { reply, finishReason, usage }: ReadReply,
    { status, error, start }: { status: number | null; error: string | null; start: number },
  ): void {
    const after = trace.walk(dialect.messagesIn(fields));
    const call: TraceCall = {
      node: reply === undefined || status !== 200 ? null : trace.reply(after, reply),
      after,
      dialect: dialect.name,
      model: typeof fields['model'] === 'string' ? fields['model'] : '',
      sampling,
      stream: fields['stream'] === true,
      status,
      finish_reason: finishReason,
      usage,
      error,
      start_ms: Math.round(start - began),
      end_ms: Math.round(this.now() - began),
    };
    trace.calls.push(call);
  }
}

interface Exchange {
  readonly proxy: Proxy;
  /** null = forwarded, not recorded. */
  readonly dialect: Dialect | null;
  readonly asked: string;
  readonly text: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

const DIALECTS: Readonly<Record<string, Dialect | null>> = {
  'chat/completions': chatDialect,
  messages: messagesDialect,
  'messages/count_tokens': null,
};

/** The text as it is where there is nothing to set. */
function withSampling(text: string, fields: Fields | undefined, sampling: JsonObject): string {
  if (fields === undefined || Object.keys(sampling).length === 0) return text;
  return JSON.stringify({ ...fields, ...sampling });
}

function headersFor(request: IncomingMessage, apiKey: string | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of [...REQUEST_HEADERS, ...(apiKey === undefined ? KEY_HEADERS : [])]) {
    const value = request.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  // Either dialect may be served with either header.
  if (apiKey !== undefined) {
    headers['authorization'] = `Bearer ${apiKey}`;
    headers['x-api-key'] = apiKey;
  }
  return headers;
}

function replyHeaders(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const kept = REPLY_HEADERS.flatMap((name) => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  return Object.fromEntries(kept);
}

function replyIn(dialect: Dialect, text: string, type: string): ReadReply {
  if (type.includes('text/event-stream')) return dialect.replyOf(eventsIn(text));
  return dialect.replyIn(fieldsIn(text));
}

function fieldsIn(text: string): Fields | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Fields) : undefined;
  } catch {
    return undefined; // no JSON: the endpoint will say so
  }
}

function urlOf(text: string): string {
  try {
    return checkedBaseUrl(text);
  } catch (error) {
    if (error instanceof BaseUrlError) throw new ServiceError('bad_request', error.message);
    throw error;
  }
}

function isEqual(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function messageOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return [code, message].filter(Boolean).join(' ').slice(0, 200);
}
