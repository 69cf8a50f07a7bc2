// One upstream server: its connection pool, what was learned about it, and its circuit. Sends
// requests and reads bounded replies; which request goes where is the router's business.

import { Pool, type Dispatcher } from 'undici';
import { Circuit } from './circuit.js';
import { parseEndpointUrl, type EndpointAddress } from './endpoint-url.js';
import { describeError, failureOfStatus, UpstreamConfigError, UpstreamFailure } from './failure.js';
import type { EngineKind } from './request-body.js';
import type { Timers } from './timers.js';

const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 60_000;
const MAX_CONNECTIONS = 512;
/** Of an error body or a JSON document, in bytes. */
const MAX_DOCUMENT = 1 << 20;
const MAX_DETAIL = 300;
/** For the body of an error; its status has been told. */
const ERROR_BODY_TIMEOUT_MS = 5_000;

export interface EndpointOptions {
  /** Base URL, with or without `/v1`. */
  url: string;
  /** Sent as a bearer token; never logged. */
  apiKey?: string;
  /** Name of the model over there; default: the first that it lists. */
  model?: string;
  /** Share of the load relative to the others. Default 1. */
  weight?: number;
  /** Most requests at a time. Default 512. */
  maxConcurrency?: number;
}

export class Endpoint {
  readonly address: EndpointAddress;
  readonly weight: number;
  readonly maxConcurrency: number;
  readonly circuit = new Circuit();
  inFlight = 0;
  kind: EngineKind = 'unknown';
  model: string | undefined;
  contextLength: number | undefined;
  /** Whether it has told about itself since it was last down. */
  isLearned = false;
  /** Index of the best body level it takes; undefined until its first answer. */
  level: number | undefined;
  readonly #pool: Pool;
  readonly #apiKey: string | undefined;
  readonly #headers: Record<string, string>;
  readonly #timers: Timers;

  /** @throws UpstreamConfigError for a URL, weight or limit that makes no sense. */
  constructor(
    readonly id: number,
    { url, apiKey, model, weight = 1, maxConcurrency = MAX_CONNECTIONS }: EndpointOptions,
    timers: Timers,
  ) {
    this.address = parseEndpointUrl(url);
    if (!(weight > 0 && Number.isFinite(weight))) {
      throw new UpstreamConfigError(`${this.label}: weight must be above 0, got ${weight}`);
    }
    if (!Number.isInteger(maxConcurrency) || maxConcurrency < 1) {
      throw new UpstreamConfigError(
        `${this.label}: maxConcurrency must be a whole number of at least 1, got ${maxConcurrency}`,
      );
    }
    this.model = model;
    this.weight = weight;
    this.maxConcurrency = maxConcurrency;
    this.#apiKey = apiKey;
    this.#timers = timers;
    const authorization = apiKey === undefined ? this.address.authorization : `Bearer ${apiKey}`;
    this.#headers = {
      accept: 'text/event-stream, application/json',
      ...(authorization !== undefined && { authorization }),
    };
    this.#pool = new Pool(this.address.origin, {
      connections: Math.min(maxConcurrency, MAX_CONNECTIONS) + 1, // one for health checks
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      // Silence is timed by the one who reads: only then a slow client is not taken for it.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  get label(): string {
    return this.address.label;
  }

  /** @throws UpstreamFailure unless it answers 2xx; the caller reads the body or destroys it. */
  async send(
    method: 'GET' | 'POST',
    path: string,
    { body, signal }: { body?: unknown; signal: AbortSignal },
  ): Promise<Dispatcher.ResponseData> {
    let response: Dispatcher.ResponseData;
    try {
      response = await this.#pool.request({
        method,
        path,
        headers: {
          ...this.#headers,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal,
      });
    } catch (error) {
      if (error instanceof UpstreamFailure) throw error; // the reason of our own abort
      throw new UpstreamFailure('unreachable', this.redact(describeError(error)), { cause: error });
    }
    const { statusCode } = response;
    if (statusCode >= 200 && statusCode < 300) return response;
    throw failureOfStatus(statusCode, await this.#errorDetail(response));
  }

  /** A JSON document. @throws UpstreamFailure: no answer in time, not 2xx, not JSON. */
  async json(
    method: 'GET' | 'POST',
    path: string,
    { body, timeoutMs }: { body?: unknown; timeoutMs: number },
  ): Promise<unknown> {
    const controller = new AbortController();
    const cancel = this.#timers.after(timeoutMs, () =>
      controller.abort(new UpstreamFailure('unreachable', `no answer within ${timeoutMs} ms`)),
    );
    try {
      const response = await this.send(method, path, { body, signal: controller.signal });
      const text = await readBounded(response);
      return text === '' ? undefined : parseJson(text);
    } finally {
      cancel();
    }
  }

  /** Makes a text that the other side wrote fit to be shown: short, printable, without our key. */
  redact(text: string): string {
    const clean = text.replace(/\p{Cc}+/gu, ' ').trim();
    const shown = this.#apiKey ? clean.replaceAll(this.#apiKey, '***') : clean;
    return shown.slice(0, MAX_DETAIL);
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #errorDetail(response: Dispatcher.ResponseData): Promise<string> {
    const disarm = this.#timers.after(ERROR_BODY_TIMEOUT_MS, () => response.body.destroy());
    try {
      return this.redact(messageOf(await readBounded(response)));
    } catch {
      return ''; // the status alone says enough
    } finally {
      disarm();
    }
  }
}

async function readBounded({ body }: Dispatcher.ResponseData): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_DOCUMENT) {
        throw new UpstreamFailure('broken', `sent a document of over ${MAX_DOCUMENT} bytes`);
      }
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof UpstreamFailure) throw error;
    throw new UpstreamFailure('unreachable', describeError(error), { cause: error });
  }
  return Buffer.concat(chunks).toString();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UpstreamFailure('broken', 'answered with something that is not JSON', {
      cause: error,
    });
  }
}

/** vLLM, llama.cpp: `{"error": {"message"}}`; SGLang: `{"message"}`; FastAPI: `{"detail"}`. */
function messageOf(text: string): string {
  try {
    const json = JSON.parse(text) as Record<string, unknown>;
    const error = json.error as Record<string, unknown> | string | undefined;
    const message = typeof error === 'object' ? error?.message : (error ?? json.message);
    return typeof message === 'string' ? message : JSON.stringify(json.detail ?? json);
  } catch {
    return text;
  }
}
