// The engine as a Backend: supervises the child process. A native abort in the child costs the
// requests that were running (they end with `insufficient_system_resource` and the usage so far),
// never the server: the child is restarted with back-off and waiting requests go to the new one.

import { setTimeout as delay } from 'node:timers/promises';
import {
  BackendError,
  type Backend,
  type GenerateEvent,
  type GenerateRequest,
  type ModelCard,
  type TokenUsage,
} from '../backend/types.js';
import type { TokenTable } from '../backend/token-table.js';
import type { EngineStats } from './engine.js';
import { EngineProcess } from './engine-process.js';
import { EventQueue } from './event-queue.js';
import type { FromChild, ModelSource } from './messages.js';
import type { CacheOptions } from './prefix-cache/cache-options.js';
import { validateRequest } from '../backend/validate-request.js';

const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 10_000;
/** A child that lived this long was healthy: the next crash starts the back-off anew. */
const HEALTHY_AFTER_MS = 60_000;

const NO_STATS: Readonly<EngineStats> = { waiting: 0, running: 0, caches: 0, slices: 0 };

/** Things worth a log line; no request content. */
export type EngineNotice =
  | { type: 'crashed'; detail: string; lostRequests: number; restartInMs: number }
  | { type: 'restart-failed'; detail: string; restartInMs: number }
  | { type: 'restarted'; pid: number | undefined }
  | { type: 'warning'; detail: string }
  | { type: 'request-failed'; id: string; detail: string };

export interface EngineBackendOptions {
  source: ModelSource;
  tokenTable: TokenTable;
  /** The context cache; false = none. Default: in memory, of a size chosen from the machine. */
  cache?: CacheOptions | false;
  onNotice?: (notice: EngineNotice) => void;
  /** Module run in the child; tests give one with a tiny model. */
  entry?: URL;
  sleep?: (ms: number) => Promise<unknown>;
}

interface Stream {
  queue: EventQueue<GenerateEvent>;
  usage: TokenUsage;
}

export class EngineBackend implements Backend {
  readonly #options: EngineBackendOptions;
  readonly #streams = new Map<string, Stream>();
  #card: ModelCard | undefined;
  #process: EngineProcess | undefined;
  /** The child to use: resolves when it is ready, rejects when this attempt to start it failed. */
  #current: Promise<EngineProcess>;
  #status: 'ready' | 'starting' | 'restarting' | 'closed' = 'starting';
  #detail: string | undefined;
  #numFailures = 0;
  #statsWaiters: ((stats: EngineStats) => void)[] = [];

  /**
   * Starts the child and waits until the model is loaded.
   * @throws EngineLoadError when it cannot be; nothing is left running then.
   */
  static async start(options: EngineBackendOptions): Promise<EngineBackend> {
    const backend = new EngineBackend(options);
    try {
      await backend.#current;
    } catch (error) {
      await backend.dispose();
      throw error;
    }
    return backend;
  }

  private constructor(options: EngineBackendOptions) {
    this.#options = options;
    this.#current = this.#launch();
    this.#current.catch(() => {}); // reported by start()
  }

  cards(): ModelCard[] {
    return this.#card ? [this.#card] : [];
  }

  health(): ReturnType<Backend['health']> {
    return { status: this.#status, ...(this.#detail !== undefined && { detail: this.#detail }) };
  }

  /** Process id of the child, for diagnostics. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** What the engine holds right now: nothing while there is no child, or when it dies meanwhile. */
  async stats(): Promise<EngineStats> {
    if (this.#status !== 'ready') return { ...NO_STATS };
    return new Promise((resolve) => {
      this.#statsWaiters.push(resolve);
      this.#process?.send({ type: 'stats' });
    });
  }

  async *generate(
    request: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<GenerateEvent, void> {
    const stream: Stream = {
      queue: new EventQueue(),
      usage: { promptTokens: request.promptTokens.length, cacheHitTokens: 0, completionTokens: 0 },
    };
    const process = await this.#readyProcess(signal);
    if (!process) {
      yield { type: 'finish', reason: 'aborted', usage: stream.usage };
      return;
    }
    validateRequest(request, this.#card!);
    if (this.#streams.has(request.id)) {
      throw new BackendError('invalid_request', `request id ${request.id} is already running`);
    }

    this.#streams.set(request.id, stream);
    const abort = () => process.send({ type: 'abort', id: request.id });
    signal.addEventListener('abort', abort);
    try {
      process.send({ type: 'generate', request });
      if (signal.aborted) abort(); // before there was a listener
      yield* stream.queue;
    } finally {
      signal.removeEventListener('abort', abort);
      // Still there when the consumer left the loop before the finish event.
      if (this.#streams.delete(request.id)) abort();
    }
  }

  /** Resolves when the child is gone; may be called again. */
  async dispose(): Promise<void> {
    this.#status = 'closed';
    this.#endStreams('aborted');
    await this.#process?.stop();
  }

  /** undefined when `signal` was aborted first. */
  async #readyProcess(signal: AbortSignal): Promise<EngineProcess | undefined> {
    if (signal.aborted) return undefined;
    if (this.#status === 'closed') {
      throw new BackendError('unavailable', 'the engine has been closed');
    }
    let onAbort: (() => void) | undefined;
    const aborted = new Promise<undefined>((resolve) => {
      onAbort = () => resolve(undefined);
      signal.addEventListener('abort', onAbort);
    });
    try {
      return await Promise.race([this.#current, aborted]);
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      throw new BackendError('unavailable', `the engine is not running: ${detail}`, { cause });
    } finally {
      signal.removeEventListener('abort', onAbort!);
    }
  }

  async #launch(): Promise<EngineProcess> {
    const {
      source,
      tokenTable,
      cache = {},
      entry = new URL('./child-main.js', import.meta.url),
    } = this.#options;
    const engine = new EngineProcess({
      entry,
      source,
      tokenTable,
      cache,
      onMessage: (message) => this.#receive(message),
    });
    this.#process = engine;
    try {
      this.#card = await engine.ready;
    } catch (error) {
      await engine.stop();
      throw error;
    }
    if (this.#status === 'closed') throw new Error('closed while starting');
    this.#status = 'ready';
    this.#detail = undefined;
    const readyAt = performance.now();
    void engine.exited.then((how) => this.#onExit(how, performance.now() - readyAt));
    return engine;
  }

  #onExit(how: string, uptimeMs: number): void {
    const lostRequests = this.#streams.size;
    this.#endStreams('insufficient_system_resource');
    for (const resolve of this.#statsWaiters.splice(0)) resolve({ ...NO_STATS });
    if (this.#status === 'closed') return;
    if (uptimeMs > HEALTHY_AFTER_MS) this.#numFailures = 0;
    const restartInMs = this.#scheduleRestart(how);
    this.#notice({ type: 'crashed', detail: how, lostRequests, restartInMs });
  }

  /** The first restart is immediate, later ones wait 250 ms, 500 ms ... 10 s. Returns the wait. */
  #scheduleRestart(detail: string): number {
    const failures = this.#numFailures++;
    const waitMs =
      failures === 0 ? 0 : Math.min(FIRST_BACKOFF_MS * 2 ** (failures - 1), MAX_BACKOFF_MS);
    this.#status = 'restarting';
    this.#detail = detail;
    const sleep = this.#options.sleep ?? sleepWithoutHoldingTheProcess;
    this.#current = sleep(waitMs).then(async () => {
      if (this.#status === 'closed') throw new Error('closed while restarting');
      const engine = await this.#launch();
      this.#notice({ type: 'restarted', pid: engine.pid });
      return engine;
    });
    this.#current.catch((error: unknown) => {
      if (this.#status === 'closed') return;
      const reason = error instanceof Error ? error.message : String(error);
      const restartInMs = this.#scheduleRestart(reason);
      this.#notice({ type: 'restart-failed', detail: reason, restartInMs });
    });
    return waitMs;
  }

  #receive(message: FromChild): void {
    switch (message.type) {
      case 'events':
        for (const { id, event } of message.events) this.#deliver(id, event);
        return;
      case 'stats':
        this.#statsWaiters.shift()?.(message.stats);
        return;
      case 'refused':
        this.#refuse(message.id, message.message);
        return;
      case 'error':
        this.#notice({ type: 'request-failed', id: message.id, detail: message.message });
        return;
      case 'warning':
        this.#notice({ type: 'warning', detail: message.message });
        return;
      case 'ready':
      case 'load-failed':
        return; // handled by EngineProcess
      default:
        message satisfies never;
    }
  }

  #deliver(id: string, event: GenerateEvent): void {
    const stream = this.#streams.get(id);
    if (!stream) return; // its consumer has left
    if (event.type === 'token') stream.usage.completionTokens++;
    stream.queue.push(event);
    if (event.type !== 'finish') return;
    this.#streams.delete(id);
    stream.queue.end();
  }

  #refuse(id: string, reason: string): void {
    const stream = this.#streams.get(id);
    this.#streams.delete(id);
    stream?.queue.fail(new BackendError('invalid_request', reason));
  }

  #endStreams(reason: 'aborted' | 'insufficient_system_resource'): void {
    for (const [id, { usage }] of this.#streams) {
      this.#deliver(id, { type: 'finish', reason, usage: { ...usage } });
    }
  }

  #notice(notice: EngineNotice): void {
    this.#options.onNotice?.(notice);
  }
}

function sleepWithoutHoldingTheProcess(ms: number): Promise<unknown> {
  return delay(ms, undefined, { ref: false });
}
