// Existing engines as a Backend: vLLM, SGLang, llama.cpp server, any OpenAI-compatible completions
// endpoint. We render prompts and parse replies; they only continue token sequences. Spreads requests
// by cached prefix and load, tries another endpoint before the first byte, never after it: tokens
// that were delivered cannot be taken back.

import {
  BackendError,
  type Backend,
  type GenerateEvent,
  type GenerateRequest,
  type ModelCard,
} from '../backend/types.js';
import { validateRequest } from '../backend/validate-request.js';
import type { Tokenizer } from '../encoding/tokenizer.js';
import type { CircuitState } from './circuit.js';
import type { CompletionChunk } from './completion-chunk.js';
import { CompletionReader } from './completion-reader.js';
import { ControlTexts } from './control-texts.js';
import { Endpoint, type EndpointOptions } from './endpoint.js';
import { EndpointPool } from './endpoint-pool.js';
import { UpstreamConfigError, UpstreamFailure } from './failure.js';
import { HealthMonitor } from './health-monitor.js';
import type { EndpointReport, UpstreamCounter, UpstreamNotice } from './notices.js';
import { isAboutLength, openCompletion, type OpenCompletion } from './open-completion.js';
import { blockChain } from './prefix-blocks.js';
import { Router, type RouterOptions } from './router.js';
import { pause, systemTimers, type Timers } from './timers.js';

/** After the end, time for the engine to say what it counted. */
const USAGE_GRACE_MS = 2_000;
const MAX_CHUNKS_AFTER_END = 16;

export interface UpstreamOptions {
  endpoints: readonly EndpointOptions[];
  /** Of the model that the endpoints serve. */
  tokenizer: Tokenizer;
  /** In tokens; default: the smallest that the endpoints report. */
  contextLength?: number;
  /** Id of the card; default: the endpoints' name of the model. */
  modelId?: string;
  timers?: Timers;
  /** In [0, 1); for jitter. */
  random?: () => number;
  onNotice?: (notice: UpstreamNotice) => void;
  onCount?: (counter: UpstreamCounter, endpoint: string) => void;
  routing?: RouterOptions;
  healthIntervalMs?: number;
  /** For health checks and questions about the model. */
  checkTimeoutMs?: number;
  /** From sending a request to its first chunk: their queue and the prefill are in it. */
  firstByteTimeoutMs?: number;
  /** Longest silence within a stream. */
  idleTimeoutMs?: number;
  /** Endpoints asked before a request fails. */
  maxAttempts?: number;
  /** First wait before an endpoint is asked again; doubles. */
  backoffMs?: number;
  /** Requests that may wait for a place at an endpoint. */
  maxWaiting?: number;
}

export class UpstreamBackend implements Backend {
  readonly #options: UpstreamOptions;
  readonly #timers: Timers;
  readonly #controls: ControlTexts;
  readonly #pool: EndpointPool;
  readonly #monitor: HealthMonitor;
  readonly #running = new Map<string, AbortController>();
  #card: ModelCard | undefined;
  #isClosed = false;

  /**
   * Asks all endpoints once and goes on asking. Starts without an answer when `contextLength` and
   * the model's name are given: requests then fail as `unavailable` until an endpoint comes up.
   * @throws UpstreamConfigError for options that cannot work.
   */
  static async start(options: UpstreamOptions): Promise<UpstreamBackend> {
    const backend = new UpstreamBackend(options);
    try {
      await backend.#monitor.start();
      backend.#card = backend.#makeCard();
    } catch (error) {
      await backend.dispose();
      throw error;
    }
    return backend;
  }

  private constructor(options: UpstreamOptions) {
    if (options.endpoints.length === 0) throw new UpstreamConfigError('no upstream URL is given');
    this.#options = options;
    this.#timers = options.timers ?? systemTimers;
    this.#controls = new ControlTexts(options.tokenizer);
    const endpoints = options.endpoints.map((endpoint, id) => new Endpoint(id, endpoint));
    this.#pool = new EndpointPool(
      endpoints,
      new Router(options.routing),
      options.maxWaiting ?? 1_024,
    );
    this.#monitor = new HealthMonitor(endpoints, {
      tokenizer: options.tokenizer,
      timers: this.#timers,
      intervalMs: options.healthIntervalMs ?? 5_000,
      timeoutMs: options.checkTimeoutMs ?? 5_000,
      random: options.random ?? Math.random,
      onState: (endpoint, from) => this.#onState(endpoint, from),
    });
  }

  cards(): ModelCard[] {
    return this.#card ? [this.#card] : [];
  }

  health(): ReturnType<Backend['health']> {
    if (this.#isClosed) return { status: 'closed' };
    const { endpoints } = this.#pool;
    const down = endpoints.filter(({ circuit }) => circuit.state === 'down');
    const detail = down
      .map(({ label, circuit }) => `${label}: ${circuit.detail ?? 'down'}`)
      .join('; ');
    return {
      status: down.length === endpoints.length ? 'restarting' : 'ready',
      ...(detail !== '' && { detail }),
    };
  }

  /** For the status page; no credentials. */
  describe(): { endpoints: EndpointReport[]; waiting: number } {
    return {
      waiting: this.#pool.numWaiting,
      endpoints: this.#pool.endpoints.map((endpoint) => ({
        url: endpoint.label,
        status: endpoint.circuit.state,
        ...(endpoint.circuit.detail !== undefined && { detail: endpoint.circuit.detail }),
        engine: endpoint.kind,
        model: endpoint.model,
        contextLength: endpoint.contextLength,
        inFlight: endpoint.inFlight,
        maxConcurrency: endpoint.maxConcurrency,
        weight: endpoint.weight,
        prefixBlocks: this.#pool.router.numBlocks(endpoint.id),
      })),
    };
  }

  async *generate(
    request: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<GenerateEvent, void> {
    if (this.#isClosed || !this.#card) {
      throw new BackendError('unavailable', 'the upstream backend has been closed');
    }
    validateRequest(request, this.#card);
    if (this.#running.has(request.id)) {
      throw new BackendError('invalid_request', `request id ${request.id} is already running`);
    }
    const controller = new AbortController();
    const abort = () => controller.abort();
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    this.#running.set(request.id, controller);
    try {
      yield* this.#run(request, this.#card, controller.signal);
    } finally {
      signal.removeEventListener('abort', abort);
      this.#running.delete(request.id);
    }
  }

  /** Ends what runs with `aborted`; may be called again. */
  async dispose(): Promise<void> {
    this.#isClosed = true;
    this.#monitor.close();
    for (const controller of this.#running.values()) controller.abort();
    this.#pool.wake();
    await Promise.all(this.#pool.endpoints.map((endpoint) => endpoint.close()));
  }

  async *#run(
    request: GenerateRequest,
    card: ModelCard,
    signal: AbortSignal,
  ): AsyncGenerator<GenerateEvent, void> {
    const { tokenizer } = this.#options;
    const room = card.contextLength - request.promptTokens.length;
    const maxTokens = Math.min(request.maxTokens, room);
    const reader = new CompletionReader({
      request,
      tokenizer,
      controls: this.#controls,
      maxTokens,
    });
    const begun = await this.#begin(request, maxTokens, signal);
    if (!begun) {
      yield* reader.end({ reason: 'aborted' });
      yield reader.finish();
      return;
    }
    try {
      yield* this.#relay(begun, reader, request.id, signal);
    } finally {
      begun.open.close();
      this.#pool.release(begun.endpoint);
    }
  }

  /** Tries endpoints until one begins; undefined when aborted. @throws BackendError when none does. */
  async #begin(
    request: GenerateRequest,
    maxTokens: number,
    signal: AbortSignal,
  ): Promise<{ endpoint: Endpoint; open: OpenCompletion } | undefined> {
    const { maxAttempts = 3, backoffMs = 200, random = Math.random } = this.#options;
    const chain = blockChain(request.promptTokens, request.cacheSalt);
    const tried = new Set<Endpoint>();
    let last: UpstreamFailure | undefined;
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      if (attempt > 0 && this.#pool.usable(tried).length === 0) {
        tried.clear(); // nobody else is left: the same ones again, after a while
        await pause(this.#timers, backoffMs * 2 ** (attempt - 1) * (0.5 + random() / 2), signal);
      }
      const place = await this.#pool.acquire(chain, { except: tried, signal });
      if (!place) break;
      const { endpoint } = place;
      this.#count('requests', endpoint);
      if (place.matchedBlocks > 0) this.#count('prefix_hits', endpoint);
      try {
        const open = await this.#open(endpoint, request, maxTokens, signal);
        this.#report(endpoint, () => endpoint.circuit.succeed());
        return { endpoint, open };
      } catch (error) {
        this.#pool.release(endpoint);
        if (signal.aborted) return undefined;
        if (!(error instanceof UpstreamFailure)) throw error;
        this.#blame(endpoint, error);
        if (!error.isRetryable) throw backendError(error);
        last = error;
        tried.add(endpoint);
        this.#count('retries', endpoint);
        const { label } = endpoint;
        this.#notice({ type: 'retry', id: request.id, endpoint: label, detail: error.message });
      }
    }
    if (signal.aborted) return undefined;
    throw new BackendError(
      'unavailable',
      last ? `no upstream server took the request; the last ${last.message}` : 'all are down',
      { cause: last },
    );
  }

  #open(
    endpoint: Endpoint,
    request: GenerateRequest,
    maxTokens: number,
    signal: AbortSignal,
  ): Promise<OpenCompletion> {
    const { tokenizer, firstByteTimeoutMs = 600_000, idleTimeoutMs = 120_000 } = this.#options;
    const { label } = endpoint;
    return openCompletion(
      {
        endpoint,
        request,
        maxTokens,
        tokenizer,
        controls: this.#controls,
        timers: this.#timers,
        firstByteTimeoutMs,
        idleTimeoutMs,
        onReduced: (detail) => this.#notice({ type: 'reduced-request', endpoint: label, detail }),
      },
      signal,
    );
  }

  async *#relay(
    { endpoint, open }: { endpoint: Endpoint; open: OpenCompletion },
    reader: CompletionReader,
    id: string,
    signal: AbortSignal,
  ): AsyncGenerator<GenerateEvent, void> {
    let chunk: CompletionChunk | undefined = open.first;
    for (;;) {
      for (const event of reader.accept(chunk)) {
        if (signal.aborted) break; // while the consumer held the event before
        yield event;
      }
      if (reader.ending || signal.aborted) break;
      const next = await nextChunk(open);
      if (signal.aborted) break;
      if (next instanceof UpstreamFailure) {
        this.#blame(endpoint, next);
        this.#count('broken_streams', endpoint);
        const { label } = endpoint;
        this.#notice({ type: 'stream-broken', id, endpoint: label, detail: next.message });
        yield* reader.end({ reason: 'insufficient_system_resource' });
        break;
      }
      chunk = next;
    }
    yield* reader.end({ reason: 'aborted' }); // nothing if it has ended
    // Only an engine that has finished too sends its counts at once.
    if (chunk.finishReason !== undefined && !signal.aborted) await this.#readCounts(open, reader);
    yield reader.finish();
  }

  async #readCounts({ stream }: OpenCompletion, reader: CompletionReader): Promise<void> {
    const disarm = this.#timers.after(USAGE_GRACE_MS, () => stream.cancel());
    try {
      for (let i = 0; i < MAX_CHUNKS_AFTER_END; i++) {
        const chunk = await stream.next();
        if (!chunk) return;
        reader.accept(chunk);
      }
    } catch (error) {
      if (!(error instanceof UpstreamFailure)) throw error;
      // The reply is complete; only the engine's own counts are missing, and ours stand.
    } finally {
      disarm();
    }
  }

  #blame(endpoint: Endpoint, failure: UpstreamFailure): void {
    this.#count('failures', endpoint);
    this.#report(endpoint, () => {
      // Busy is not broken; its health checks tell when it is more than that.
      if (failure.kind === 'misconfigured') endpoint.circuit.open(failure.message);
      else if (failure.kind === 'unreachable' || failure.kind === 'broken') {
        endpoint.circuit.fail(failure.message);
      }
    });
  }

  #report(endpoint: Endpoint, change: () => void): void {
    const from = endpoint.circuit.state;
    change();
    if (endpoint.circuit.state !== from) this.#onState(endpoint, from);
  }

  #onState(endpoint: Endpoint, from: CircuitState): void {
    const { label, circuit } = endpoint;
    const detail = circuit.detail ?? 'answers';
    this.#notice({ type: 'endpoint-state', endpoint: label, from, to: circuit.state, detail });
    if (circuit.state === 'down') this.#pool.router.forget(endpoint.id);
    if (from === 'down') endpoint.level = undefined; // perhaps another version came up
    this.#pool.wake();
  }

  #makeCard(): ModelCard {
    const { endpoints } = this.#pool;
    const { tokenizer } = this.#options;
    const reported = endpoints.flatMap(({ contextLength }) => contextLength ?? []);
    const least = reported.length > 0 ? Math.min(...reported) : undefined;
    const contextLength = this.#options.contextLength ?? least;
    const names = new Set(endpoints.flatMap(({ model }) => model ?? []));
    if (names.size > 1 && this.#options.endpoints.some(({ model }) => model === undefined)) {
      throw new UpstreamConfigError(
        `the endpoints serve different models (${[...names].join(', ')}); name one per endpoint, or ` +
          'use endpoints of one model',
      );
    }
    const id = this.#options.modelId ?? [...names][0];
    if (contextLength === undefined || id === undefined) {
      const what = contextLength === undefined ? 'context length (--context)' : 'name of the model';
      const { detail } = this.health();
      throw new UpstreamConfigError(
        `the upstreams do not tell the ${what}, so it must be given${detail ? ` (${detail})` : ''}`,
      );
    }
    for (const { label, contextLength: theirs } of endpoints) {
      if (theirs === undefined || theirs >= contextLength) continue;
      const detail = `holds ${theirs} tokens, less than the ${contextLength} promised`;
      this.#notice({ type: 'configuration', endpoint: label, detail });
    }
    return { id, contextLength, vocabSize: tokenizer.vocabSize };
  }

  #count(counter: UpstreamCounter, { label }: Endpoint): void {
    this.#options.onCount?.(counter, label);
  }

  #notice(notice: UpstreamNotice): void {
    this.#options.onNotice?.(notice);
  }
}

/** An end without a finish reason is a cut. */
async function nextChunk({ stream }: OpenCompletion): Promise<CompletionChunk | UpstreamFailure> {
  try {
    return (await stream.next()) ?? new UpstreamFailure('unreachable', 'ended the stream half-way');
  } catch (error) {
    if (error instanceof UpstreamFailure) return error;
    throw error;
  }
}

function backendError(failure: UpstreamFailure): BackendError {
  const options = { cause: failure };
  if (failure.kind !== 'refused') {
    return new BackendError('unavailable', `the upstream server ${failure.message}`, options);
  }
  return new BackendError(
    isAboutLength(failure) ? 'context_length' : 'invalid_request',
    `the upstream server ${failure.message}`,
    options,
  );
}
