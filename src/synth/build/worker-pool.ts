// Who does the jobs of a build. Processes, not threads: one that is killed or runs out of memory takes
// nothing with it, and its job is given to another. A job that kills three workers is at fault itself.
// Source: agents reference §9.

import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Job, JobResult, ResultOf } from './jobs.js';
import type { Tally } from './tally.js';

/** The one way a build hands out work. */
export interface WorkPool {
  /** How many jobs are done at once. */
  readonly size: number;
  /** @throws WorkError if the job cannot be done */
  run<J extends Job>(job: J, onProgress?: (soFar: Tally) => void): Promise<ResultOf<J>>;
  /** Jobs that are not done are given up. */
  close(): void;
}

/** A job failed by itself or took three workers with it; `message` names its seeds. */
export class WorkError extends Error {
  override name = 'WorkError';
}

export interface ToWorker {
  readonly job: Job;
}

export type FromWorker =
  | { readonly kind: 'progress'; readonly tally: Tally }
  | { readonly kind: 'done'; readonly result: JobResult }
  | { readonly kind: 'failed'; readonly message: string };

interface Task {
  readonly job: Job;
  readonly onProgress: ((soFar: Tally) => void) | undefined;
  readonly resolve: (result: JobResult) => void;
  readonly reject: (error: WorkError) => void;
  deaths: number;
}

const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url));
const MAX_DEATHS = 3;

export class ProcessPool implements WorkPool {
  readonly #waiting: Task[] = [];
  readonly #idle: ChildProcess[] = [];
  readonly #busy = new Map<ChildProcess, Task>();
  #isClosed = false;

  constructor(readonly size: number) {}

  /** Process ids of workers that have a job. */
  get busyPids(): number[] {
    return [...this.#busy.keys()].flatMap(({ pid }) => pid ?? []);
  }

  run<J extends Job>(job: J, onProgress?: (soFar: Tally) => void): Promise<ResultOf<J>> {
    return new Promise<JobResult>((resolve, reject) => {
      this.#waiting.push({ job, onProgress, resolve, reject, deaths: 0 });
      this.#next();
    }) as Promise<ResultOf<J>>;
  }

  close(): void {
    this.#isClosed = true;
    for (const child of [...this.#idle, ...this.#busy.keys()]) child.kill();
    for (const task of [...this.#waiting, ...this.#busy.values()]) {
      task.reject(new WorkError('the build was stopped'));
    }
    this.#waiting.length = 0;
    this.#idle.length = 0;
  }

  #next(): void {
    while (this.#busy.size < this.size && this.#waiting.length > 0) {
      const task = this.#waiting.shift()!;
      const child = this.#idle.pop() ?? this.#start();
      this.#busy.set(child, task);
      // A failure to send is a death: the exit that follows handles it.
      child.send({ job: task.job } satisfies ToWorker, () => {});
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
      task.onProgress?.(message.tally);
      return;
    }
    this.#busy.delete(child);
    this.#idle.push(child);
    if (message.kind === 'done') task.resolve(message.result);
    else task.reject(new WorkError(`${named(task.job)} failed: ${message.message}`));
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
      task.reject(new WorkError(`${named(task.job)}: ${times}`));
    } else this.#waiting.unshift(task);
    this.#next();
  }
}

function named(job: Job): string {
  return `${job.kind} of seeds ${job.seeds.join(', ')}`;
}
