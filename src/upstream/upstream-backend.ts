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
import { CompletionReader } from './completion-reader.js';
import { ControlTexts } from './control-texts.js';
import { Dispatcher } from './dispatcher.js';
import { Endpoint, type EndpointOptions } from './endpoint.js';
import { EndpointPool } from './endpoint-pool.js';
import { UpstreamConfigError } from './failure.js';
import { HealthMonitor } from './health-monitor.js';
import { modelCard } from './model-card.js';
import type { EndpointReport, UpstreamCounter, UpstreamNotice } from './notices.js';
import { relay } from './relay.js';
import { Router, type RouterOptions } from './router.js';
import { systemTimers, type Timers } from './timers.js';

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
  readonly #dispatcher: Dispatcher;
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
    const { tokenizer, random = Math.random } = options;
    this.#options = options;
    this.#timers = options.timers ?? systemTimers;
    this.#controls = new ControlTexts(tokenizer);
    const endpoints = options.endpoints.map(
      (endpoint, id) => new Endpoint(id, endpoint, this.#timers),
    );
    this.#pool = new EndpointPool(
      endpoints,
      new Router(options.routing),
      options.maxWaiting ?? 1_024,
    );
    this.#dispatcher = new Dispatcher({
      pool: this.#pool,
      tokenizer,
      controls: this.#controls,
      timers: this.#timers,
      random,
      maxAttempts: options.maxAttempts ?? 3,
      backoffMs: options.backoffMs ?? 200,
      firstByteTimeoutMs: options.firstByteTimeoutMs ?? 600_000,
      idleTimeoutMs: options.idleTimeoutMs ?? 120_000,
      onNotice: (notice) => options.onNotice?.(notice),
      onCount: (counter, endpoint) => options.onCount?.(counter, endpoint),
    });
    this.#monitor = new HealthMonitor(endpoints, {
      tokenizer,
      timers: this.#timers,
      intervalMs: options.healthIntervalMs ?? 5_000,
      timeoutMs: options.checkTimeoutMs ?? 5_000,
      random,
      onState: (endpoint, from) => this.#dispatcher.onState(endpoint, from),
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
    const begun = await this.#dispatcher.begin(request, { maxTokens, signal });
    if (!begun) {
      yield* reader.end({ reason: 'aborted' });
      yield reader.finish();
      return;
    }
    const { endpoint, open } = begun;
    try {
      yield* relay(open, {
        reader,
        timers: this.#timers,
        signal,
        onBroken: (failure) => {
          this.#dispatcher.blame(endpoint, failure);
          const { label } = endpoint;
          this.#options.onCount?.('broken_streams', label);
          const detail = failure.message;
          const { id } = request;
          this.#options.onNotice?.({ type: 'stream-broken', id, endpoint: label, detail });
        },
      });
    } finally {
      open.close();
      this.#pool.release(endpoint);
    }
  }

  #makeCard(): ModelCard {
    const { contextLength, modelId, tokenizer, endpoints, onNotice } = this.#options;
    return modelCard(this.#pool.endpoints, {
      contextLength,
      modelId,
      vocabSize: tokenizer.vocabSize,
      areModelsNamed: endpoints.every(({ model }) => model !== undefined),
      onNotice: (notice) => onNotice?.(notice),
    });
  }
}
