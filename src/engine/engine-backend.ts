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
} from '../backend/types.js';
import type { TokenTable } from '../backend/token-table.js';
import type { SchedulingOptions } from './engine.js';
import { EngineProcess } from './engine-process.js';
import { StatsOverLives, type LifetimeStats } from './lifetime-stats.js';
import type { FromChild, ModelSource } from './messages.js';
import type { CacheOptions } from './prefix-cache/cache-options.js';
import { noUsage, RequestStreams } from './request-streams.js';
import { validateRequest } from '../backend/validate-request.js';
import { Watchdog } from './watchdog.js';

const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 10_000;
/** A child that lived this long was healthy: the next crash starts the back-off anew. */
const HEALTHY_AFTER_MS = 60_000;

/** How often a child with work to do is asked for its counters, and how long it may be silent. */
const PING_MS = 1000;
const HANG_MS = 30_000;
/** For counters; those at hand are given when the child is slower. */
const STATS_PATIENCE_MS = 1000;

/** Things worth a log line; no request content. */
export type EngineNotice =
  | { type: 'crashed'; detail: string; lostRequests: number; restartInMs: number }
  | { type: 'restart-failed'; detail: string; restartInMs: number }
  | { type: 'restarted'; pid: number | undefined }
  | { type: 'warning'; detail: string }
  | { type: 'note'; detail: string }
  | { type: 'building'; detail: string }
  | { type: 'request-failed'; id: string; detail: string };

export interface EngineBackendOptions {
  source: ModelSource;
  tokenTable: TokenTable;
  /** The context cache; false = none. Default: in memory, of a size chosen from the machine. */
  cache?: CacheOptions | false;
  /** How many sequences run at once, and how large steps are. Default: DEFAULT_SCHEDULING. */
  scheduling?: Partial<SchedulingOptions>;
  onNotice?: (notice: EngineNotice) => void;
  /** Told while weights are loaded, in bytes; restarts too. */
  onProgress?: (loadedBytes: number, totalBytes: number) => void;
  /** A child with work to do that is silent for so long is ended and started again. Default 30 s. */
  hangMs?: number;
  /** Module run in the child; tests give one with a tiny model. */
  entry?: URL;
  /** Ends the start: the child with it. Without effect later. */
  signal?: AbortSignal;
  sleep?: (ms: number) => Promise<unknown>;
}

export class EngineBackend implements Backend {
  readonly #options: EngineBackendOptions;
  readonly #streams = new RequestStreams();
  #card: ModelCard | undefined;
  #process: EngineProcess | undefined;
  /** The child to use: resolves when it is ready, rejects when this attempt to start it failed. */
  #current: Promise<EngineProcess>;
  #status: 'ready' | 'starting' | 'restarting' | 'closed' = 'starting';
  #detail: string | undefined;
  #numFailures = 0;
  readonly #stats = new StatsOverLives();
  #statsWaiters: (() => void)[] = [];
  readonly #watchdog: Watchdog;

  /**
   * Starts the child and waits until the model is loaded.
   * @throws EngineLoadError when it cannot be, the signal's reason; nothing is left running then.
   */
  static async start(options: EngineBackendOptions): Promise<EngineBackend> {
    const { signal } = options;
    signal?.throwIfAborted();
    const backend = new EngineBackend(options);
    const end = () => void backend.dispose();
    signal?.addEventListener('abort', end);
    try {
      await backend.#current;
    } catch (error) {
      await backend.dispose();
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', end);
    }
    return backend;
  }

  private constructor(options: EngineBackendOptions) {
    this.#options = options;
    const { hangMs = HANG_MS } = options;
    this.#watchdog = new Watchdog({
      intervalMs: Math.min(PING_MS, hangMs / 2),
      patienceMs: hangMs,
      isBusy: () => this.#status === 'ready' && this.#streams.size > 0,
      ask: () => this.#askStats(() => {}),
      onHang: (silentMs) => this.#endHanging(silentMs),
      now: () => performance.now(),
    });
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

  /**
   * What the engine does right now, and counts since this backend was started: counters never go
   * backwards. Never rejects; the last figures known when the child is gone or takes long.
   */
  async stats(): Promise<LifetimeStats> {
    if (this.#status === 'ready') {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, STATS_PATIENCE_MS);
        this.#askStats(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    return this.#stats.total();
  }

  async *generate(
    request: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<GenerateEvent, void> {
    const process = await this.#readyProcess(signal);
    if (!process) {
      yield { type: 'finish', reason: 'aborted', usage: noUsage(request.promptTokens.length) };
      return;
    }
    validateRequest(request, this.#card!);
    const events = this.#streams.open(request.id, request.promptTokens.length);
    const abort = () => process.send({ type: 'abort', id: request.id });
    signal.addEventListener('abort', abort);
    try {
      process.send({ type: 'generate', request });
      if (signal.aborted) abort(); // before there was a listener
      yield* events;
    } finally {
      signal.removeEventListener('abort', abort);
      // Still there when the consumer left the loop before the finish event.
      if (this.#streams.close(request.id)) abort();
    }
  }

  /** Resolves when the child is gone; may be called again. */
  async dispose(): Promise<void> {
    this.#status = 'closed';
    this.#watchdog.stop();
    this.#streams.endAll('aborted');
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
      scheduling,
      entry = new URL('./child-main.js', import.meta.url),
    } = this.#options;
    const engine = new EngineProcess({
      entry,
      load: { source, tokenTable, cache, scheduling },
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
    this.#streams.endAll('insufficient_system_resource');
    this.#stats.endLife();
    for (const answer of this.#statsWaiters.splice(0)) answer();
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
      this.#stats.startAgain();
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

  /** Answers come in the order of questions: none is older than its question. */
  #askStats(onAnswer: () => void): void {
    this.#statsWaiters.push(onAnswer);
    this.#process?.send({ type: 'stats' });
  }

  /** Its end is then like any other: streams end, another child starts. */
  #endHanging(silentMs: number): void {
    const seconds = Math.round(silentMs / 1000);
    const detail = `the engine process has not answered for ${seconds} s and is ended`;
    this.#notice({ type: 'warning', detail });
    this.#process?.kill();
  }

  #receive(message: FromChild): void {
    this.#watchdog.heard();
    switch (message.type) {
      case 'events':
        for (const { id, event } of message.events) this.#streams.deliver(id, event);
        return;
      case 'stats':
        this.#stats.update(message.stats);
        this.#statsWaiters.shift()?.();
        return;
      case 'refused':
        this.#streams.refuse(message.id, new BackendError(message.code, message.message));
        return;
      case 'error':
        this.#notice({ type: 'request-failed', id: message.id, detail: message.message });
        return;
      case 'warning':
        this.#notice({ type: 'warning', detail: message.message });
        return;
      case 'note':
        this.#notice({ type: 'note', detail: message.message });
        return;
      case 'building':
        this.#notice({ type: 'building', detail: message.message });
        return;
      case 'progress':
        this.#options.onProgress?.(message.loadedBytes, message.totalBytes);
        return;
      case 'ready':
      case 'load-failed':
        return; // handled by EngineProcess
      default:
        message satisfies never;
    }
  }

  #notice(notice: EngineNotice): void {
    this.#options.onNotice?.(notice);
  }
}

function sleepWithoutHoldingTheProcess(ms: number): Promise<unknown> {
  return delay(ms, undefined, { ref: false });
}
