// Workers as processes of this machine: one that is killed or runs out of memory takes nothing with it,
// and its job is given to another. A job that kills three workers is at fault itself.
// Source: agents reference §9.

import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Job, JobProgress } from './jobs.js';
import { MAX_DEATHS, namedJob, WorkError, type RunOptions, type WorkPool } from './worker-pool.js';

export interface ToWorker {
  readonly folder: string;
  readonly job: Job;
}

export type FromWorker =
  | { readonly kind: 'progress'; readonly soFar: JobProgress }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly message: string };

interface Task {
  readonly job: Job;
  readonly onProgress: RunOptions['onProgress'];
  readonly resolve: () => void;
  readonly reject: (error: WorkError) => void;
  deaths: number;
}

const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url));

export class ProcessPool implements WorkPool {
  readonly #waiting: Task[] = [];
  readonly #idle: ChildProcess[] = [];
  readonly #busy = new Map<ChildProcess, Task>();
  #isClosed = false;

  /** @param folder of the build */
  constructor(
    readonly folder: string,
    readonly size: number,
  ) {}

  /** Process ids of workers that have a job. */
  get busyPids(): number[] {
    return [...this.#busy.keys()].flatMap(({ pid }) => pid ?? []);
  }

  run(job: Job, { isUrgent = false, onProgress }: RunOptions = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) {
        reject(new WorkError('the build was stopped'));
        return;
      }
      const task = { job, onProgress, resolve, reject, deaths: 0 };
      if (isUrgent) this.#waiting.unshift(task);
      else this.#waiting.push(task);
      this.#next();
    });
  }

  close(): Promise<void> {
    this.#isClosed = true;
    for (const child of [...this.#idle, ...this.#busy.keys()]) child.kill();
    for (const task of [...this.#waiting, ...this.#busy.values()]) {
      task.reject(new WorkError('the build was stopped'));
    }
    this.#waiting.length = 0;
    this.#idle.length = 0;
    return Promise.resolve();
  }

  #next(): void {
    while (this.#busy.size < this.size && this.#waiting.length > 0) {
      const task = this.#waiting.shift()!;
      const child = this.#idle.pop() ?? this.#start();
      this.#busy.set(child, task);
      // A failure to send is a death: the exit that follows handles it.
      child.send({ folder: this.folder, job: task.job } satisfies ToWorker, () => {});
    }
  }

  #start(): ChildProcess {
    const child = fork(WORKER, { execArgv: [] });
    child.on('message', (message) => this.#hear(child, message as FromWorker));
    child.on('error', () => child.kill('SIGKILL'));
    child.on('exit', (code, signal) => this.#bury(child, signal ?? `code ${code}`));
    return child;
  }

  #hear(child: ChildProcess, message: FromWorker): void {
    const task = this.#busy.get(child);
    if (!task || this.#isClosed) return;
    if (message.kind === 'progress') {
      task.onProgress?.(message.soFar);
      return;
    }
    this.#busy.delete(child);
    this.#idle.push(child);
    if (message.kind === 'done') task.resolve();
    else task.reject(new WorkError(`${namedJob(task.job)} failed: ${message.message}`));
    this.#next();
  }

  #bury(child: ChildProcess, how: string): void {
    const at = this.#idle.indexOf(child);
    if (at !== -1) this.#idle.splice(at, 1);
    const task = this.#busy.get(child);
    this.#busy.delete(child);
    if (!task || this.#isClosed) return;
    task.deaths++;
    if (task.deaths >= MAX_DEATHS) {
      const times = `${task.deaths} workers died of it, the last with ${how}`;
      task.reject(new WorkError(`${namedJob(task.job)}: ${times}`));
    } else this.#waiting.unshift(task);
    this.#next();
  }
}
