// Work that is left to whoever comes: jobs go to a queue (build-queue.ts), a bounded number at a time, and
// the pool looks after them until they are done. A job whose worker is not heard of any more is tried by
// another; after three tries it is at fault itself. Says so when nobody is there to work.
// Source: agents reference §9.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { markBuild, readMark } from './build-mark.js';
import { BuildQueue, type Standing } from './build-queue.js';
import { resultPath, type Job } from './jobs.js';
import { MAX_DEATHS, namedJob, WorkError, type RunOptions, type WorkPool } from './worker-pool.js';

const POLL_MS = 250;
/** How often workers are counted, and how often it is said again that there is none. */
const COUNT_MS = 5000;
const REPEAT_MS = 30_000;
/** Other machines may see a new file late. */
const UNSEEN_MS = 15_000;

export interface QueueOptions {
  /** Workers that are expected: twice as many jobs are in the queue at most. */
  readonly size: number;
  /** A worker has to be heard of in this time, or its job is another's. */
  readonly leaseSeconds?: number;
  /** What people should know; undefined = all is well again. */
  readonly onNote?: (note: string | undefined) => void;
}

interface Task extends RunOptions {
  readonly job: Job;
  readonly resolve: () => void;
  readonly reject: (error: WorkError) => void;
  /** Milliseconds; when it was found done with its result not to be seen. */
  unseenSince?: number;
}

export class QueuePool implements WorkPool {
  readonly size: number;
  readonly #leaseSeconds: number;
  readonly #onNote: NonNullable<QueueOptions['onNote']>;
  readonly #waiting: Task[] = [];
  /** By id. */
  readonly #enqueued = new Map<string, Task>();
  readonly #stop = new AbortController();
  #wasUsed = false;
  #loop: Promise<void> | undefined;
  /** Steady milliseconds. */
  #counted = -Infinity;
  #expired = -Infinity;
  #noted = -Infinity;
  #note: string | undefined;

  private constructor(
    readonly folder: string,
    readonly queue: BuildQueue,
    { size, leaseSeconds = 30, onNote = () => {} }: QueueOptions,
  ) {
    this.size = size;
    this.#leaseSeconds = leaseSeconds;
    this.#onNote = onNote;
  }

  /** @throws QueueError */
  static async open(folder: string, url: string, options: QueueOptions): Promise<QueuePool> {
    let pool: QueuePool | undefined;
    const queue = await BuildQueue.open(url, (message) => {
      if (pool) pool.#say(troubled(message));
    });
    pool = new QueuePool(folder, queue, options);
    const mark = readMark(folder);
    // Of a build that goes on, to be removed at its end even if no job is left.
    if (mark) pool.#use();
    return pool;
  }

  run(job: Job, options: RunOptions = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#stop.signal.aborted) {
        reject(new WorkError('the build was stopped'));
        return;
      }
      const task: Task = { ...options, job, resolve, reject };
      if (options.isUrgent) this.#waiting.unshift(task);
      else this.#waiting.push(task);
      if (!this.#wasUsed) this.#use();
      this.#loop ??= this.#attend();
    });
  }

  async close(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    await this.#loop;
    for (const task of [...this.#waiting, ...this.#enqueued.values()]) {
      task.reject(new WorkError('the build was stopped'));
    }
    this.#waiting.length = 0;
    this.#enqueued.clear();
    try {
      if (this.#wasUsed) await (readMark(this.folder) ? this.queue.clear() : this.queue.remove());
    } catch {
      // The corpus does not depend on it, and a build that goes on finds its jobs again.
    }
    await this.queue.close();
  }

  #use(): void {
    this.queue.use(markBuild(this.folder));
    this.#wasUsed = true;
  }

  /** Looks after jobs for as long as there are any. Troubles with the database are waited out. */
  async #attend(): Promise<void> {
    let isCreated = false;
    while (!this.#stop.signal.aborted && this.#waiting.length + this.#enqueued.size > 0) {
      try {
        if (!isCreated) await this.queue.create();
        isCreated = true;
        await this.#expire();
        await this.#enqueue();
        await this.#look();
        await this.#count();
      } catch (error) {
        this.#say(troubled(this.queue.messageOf(error)));
      }
      await sleep(POLL_MS, undefined, { signal: this.#stop.signal }).catch(() => {});
    }
    this.#loop = undefined;
  }

  async #enqueue(): Promise<void> {
    while (
      this.#waiting.length > 0 &&
      (this.#enqueued.size < 2 * this.size || this.#waiting[0]!.isUrgent === true)
    ) {
      const task = this.#waiting[0]!;
      const id = await this.queue.enqueue(task.job, this.#leaseSeconds, task.isUrgent === true);
      // An urgent one may have come before it meanwhile.
      this.#waiting.splice(this.#waiting.indexOf(task), 1);
      this.#enqueued.set(id, task);
    }
  }

  async #look(): Promise<void> {
    const ids = [...this.#enqueued.keys()];
    const standings = await this.queue.standings(ids);
    for (const [i, id] of ids.entries()) this.#settle(id, this.#enqueued.get(id)!, standings[i]!);
  }

  #settle(id: string, task: Task, standing: Standing): void {
    if (standing.state === 'active') {
      if (standing.progress) task.onProgress?.(standing.progress);
    } else if (standing.state === 'failed') {
      this.#enqueued.delete(id);
      const why = `given up after ${MAX_DEATHS} tries, the last: ${standing.message}`;
      task.reject(new WorkError(`${namedJob(task.job)}: ${why}`));
    } else if (standing.state === 'lost') {
      this.#enqueued.delete(id);
      this.#waiting.unshift(task);
    } else if (standing.state === 'done') {
      this.#receive(id, task);
    }
  }

  #receive(id: string, task: Task): void {
    const path = resultPath(task.job);
    const now = performance.now();
    if (existsSync(join(this.folder, path))) {
      this.#enqueued.delete(id);
      task.resolve();
    } else if (now - (task.unseenSince ??= now) > UNSEEN_MS) {
      this.#enqueued.delete(id);
      const why = `is done, but ${path} is not there: do workers share the folder ${this.folder}?`;
      task.reject(new WorkError(`${namedJob(task.job)} ${why}`));
    }
  }

  async #expire(): Promise<void> {
    const now = performance.now();
    if (now - this.#expired < (this.#leaseSeconds * 1000) / 3) return;
    this.#expired = now;
    await this.queue.expire();
  }

  async #count(): Promise<void> {
    const now = performance.now();
    if (now - this.#counted < COUNT_MS) return;
    this.#counted = now;
    const jobs = this.#waiting.length + this.#enqueued.size;
    const isAlone = jobs > 0 && (await this.queue.numWorkers()) === 0;
    const call = `start some with: hadal synth worker --out ${this.folder} --queue-url URL`;
    this.#say(isAlone ? `no worker is alive (jobs to do: ${jobs}); ${call}` : undefined);
  }

  /** What is new, and from time to time what is not. */
  #say(note: string | undefined): void {
    const now = performance.now();
    if (note === this.#note && (note === undefined || now - this.#noted < REPEAT_MS)) return;
    this.#note = note;
    this.#noted = now;
    this.#onNote(note);
  }
}

const troubled = (message: string): string =>
  `the queue does not answer (${message}); trying again`;
