// Pulls that a server runs in the background: started, looked at, cancelled. Bounded: a few at once,
// and the newest of those that ended are remembered.

import { randomUUID } from 'node:crypto';
import { PullError } from './pull-error.js';
import { nextStep, pullModel, type PullOptions, type PullProgress } from './pull-model.js';
import { parseSource } from './pull-source.js';

export interface PullJob {
  id: string;
  source: string;
  state: PullProgress['step'] | 'done' | 'failed' | 'cancelled';
  file: string | undefined;
  receivedBytes: number;
  totalBytes: number | undefined;
  /** Of the newest seconds. */
  bytesPerSecond: number | undefined;
  message: string | undefined;
  next: string | undefined;
  /** Milliseconds since 1970. */
  startedAt: number;
  endedAt: number | undefined;
}

export type JobOptions = Omit<PullOptions, 'source' | 'signal' | 'onProgress'> & {
  /** Told what becomes of pulls. */
  log: (level: 'info' | 'warn', message: string, fields: Record<string, string>) => void;
  now: () => number;
};

const MAX_RUNNING = 3;
const MAX_REMEMBERED = 20;
/** The speed is that of the time since a moment at least this long ago. */
const SPEED_WINDOW_MS = 3000;

interface Running {
  job: PullJob;
  abort: AbortController;
  ended: Promise<void>;
  /** Where the present window of the speed began. */
  window: { at: number; bytes: number };
}

export class PullJobs {
  readonly #options: JobOptions;
  readonly #running = new Map<string, Running>();
  /** Newest first. */
  #ended: PullJob[] = [];

  constructor(options: JobOptions) {
    this.#options = options;
  }

  /** Newest first. */
  list(): PullJob[] {
    return [...[...this.#running.values()].map(({ job }) => job).toReversed(), ...this.#ended];
  }

  /** @throws PullError `source`; `busy` when it is being pulled, or too many are */
  start(source: string): PullJob {
    parseSource(source, this.#options.endpoints);
    const same = [...this.#running.values()].find(({ job }) => job.source === source.trim());
    if (same) throw new PullError('busy', `${source.trim()} is being pulled already`);
    if (this.#running.size >= MAX_RUNNING) {
      throw new PullError('busy', `${MAX_RUNNING} pulls are running; wait for one or cancel it`);
    }
    const startedAt = this.#options.now();
    const job: PullJob = {
      id: randomUUID(),
      source: source.trim(),
      state: 'listing',
      file: undefined,
      receivedBytes: 0,
      totalBytes: undefined,
      bytesPerSecond: undefined,
      message: undefined,
      next: undefined,
      startedAt,
      endedAt: undefined,
    };
    const abort = new AbortController();
    const window = { at: startedAt, bytes: 0 };
    const running: Running = { job, abort, window, ended: Promise.resolve() };
    this.#running.set(job.id, running);
    running.ended = this.#run(running);
    return job;
  }

  /** Ends a running pull, whose bytes stay for the next; forgets one that has ended. False = unknown. */
  remove(id: string): boolean {
    const running = this.#running.get(id);
    if (running) running.abort.abort(new Error('cancelled'));
    const numBefore = this.#ended.length;
    this.#ended = this.#ended.filter((job) => job.id !== id);
    return running !== undefined || this.#ended.length < numBefore;
  }

  /** Cancels all; resolves when nothing is written any more. */
  async close(): Promise<void> {
    const all = [...this.#running.values()];
    for (const { abort } of all) abort.abort(new Error('the server is stopping'));
    await Promise.all(all.map(({ ended }) => ended));
  }

  async #run(running: Running): Promise<void> {
    const { job, abort } = running;
    const { log, now, ...options } = this.#options;
    log('info', 'pull started', { source: loggedSource(job) });
    try {
      const pulled = await pullModel({
        ...options,
        source: job.source,
        signal: abort.signal,
        onProgress: (progress) => this.#note(running, progress),
      });
      Object.assign(job, { state: 'done', file: pulled.name, next: nextStep(pulled) });
      log('info', 'pull done', { source: loggedSource(job), file: pulled.name });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      Object.assign(job, { state: abort.signal.aborted ? 'cancelled' : 'failed', message });
      log('warn', 'pull ended', { source: loggedSource(job), reason: message });
    } finally {
      Object.assign(job, { endedAt: now(), bytesPerSecond: undefined });
      this.#running.delete(job.id);
      this.#ended = [job, ...this.#ended].slice(0, MAX_REMEMBERED);
    }
  }

  #note({ job, window }: Running, progress: PullProgress): void {
    const { step, file, receivedBytes, totalBytes } = progress;
    if (job.state === 'listing') Object.assign(window, { at: this.#options.now(), bytes: 0 });
    // What an earlier try had fetched was not fetched now.
    if (job.receivedBytes === 0) window.bytes = receivedBytes;
    Object.assign(job, { state: step, receivedBytes, totalBytes, file: file ?? job.file });
    const ms = this.#options.now() - window.at;
    if (ms < SPEED_WINDOW_MS) return;
    job.bytesPerSecond = Math.max(0, Math.round(((receivedBytes - window.bytes) * 1000) / ms));
    Object.assign(window, { at: this.#options.now(), bytes: receivedBytes });
  }
}

/** A signed address is as good as a key. */
function loggedSource({ source }: PullJob): string {
  return source.replace(/\?.*$/s, '?…');
}
