// A machine that works for a build: claims as many jobs from its queue as it has processes, keeps their
// leases while they are done, and ends when the build is finished. A process that dies takes nothing with
// it; a machine that dies is not heard of, and its jobs become another's. Source: agents reference §9.

import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MANIFEST } from '../corpus.js';
import { generatorHere, readMark } from './build-mark.js';
import { BuildQueue, type Claim } from './build-queue.js';
import type { JobProgress } from './jobs.js';
import type { FromWorker, ToWorker } from './process-pool.js';
import { QueueError } from './queue-url.js';
import { namedJob } from './worker-pool.js';

const PROCESS = fileURLToPath(new URL('./worker.js', import.meta.url));
const POLL_MS = 500;
const BEAT_MS = 5000;

export interface WorkerOptions {
  /** Of the build, as this machine sees it. */
  readonly folder: string;
  readonly url: string;
  readonly processes: number;
  /** Ends the work: what is not done goes back to the queue. */
  readonly signal: AbortSignal;
  readonly onNote: (note: string) => void;
}

/** A job in a process. */
interface Holding {
  readonly claim: Claim;
  readonly child: ChildProcess;
  renewed: number;
  progress?: JobProgress;
  /** How it ended, until the queue knows; a message = it failed. */
  outcome?: { readonly message?: string };
}

/** Works until the build is finished, or `signal`. @returns jobs done
 *  @throws QueueError if there is no queue there, or the build is of another generator version */
export async function workForBuild(options: WorkerOptions): Promise<number> {
  const { folder, url, signal, onNote } = options;
  const queue = await BuildQueue.open(url, (message) => onNote(`queue: ${message}`));
  const worker = new QueueWorker(queue, options);
  try {
    const mark = await awaitMark(folder, signal, onNote);
    if (!mark) return 0;
    if (mark.generator !== generatorHere()) {
      const both = `${folder} is built by ${mark.generator}, and this is ${generatorHere()}`;
      throw new QueueError(`${both}: tasks would not be the same; use that version of hadal here`);
    }
    queue.use(mark);
    onNote(`works for ${queue.name} at ${queue.place}, ${options.processes} jobs at a time`);
    await worker.work(mark.id);
    await worker.end();
    return worker.done;
  } finally {
    await worker.end();
    await queue.close();
  }
}

/** Workers may be there before the build. */
async function awaitMark(
  folder: string,
  signal: AbortSignal,
  onNote: (note: string) => void,
): Promise<ReturnType<typeof readMark>> {
  let hasSaid = false;
  while (!signal.aborted) {
    const mark = readMark(folder);
    if (mark || existsSync(join(folder, MANIFEST))) return mark;
    if (!hasSaid) onNote(`no build with a queue in ${folder} yet; waiting for one`);
    hasSaid = true;
    await pause(signal);
  }
  return undefined;
}

class QueueWorker {
  done = 0;
  readonly #id = randomUUID();
  readonly #idle: ChildProcess[] = [];
  readonly #held = new Set<Holding>();
  #wake = new AbortController();
  #beaten = -Infinity;
  #isSilent = false;
  #hasBeaten = false;

  constructor(
    readonly queue: BuildQueue,
    readonly options: WorkerOptions,
  ) {}

  /** Troubles with the database are waited out: jobs go on meanwhile. */
  async work(build: string): Promise<void> {
    const { folder, signal, onNote } = this.options;
    while (!signal.aborted && readMark(folder)?.id === build) {
      this.#wake = new AbortController();
      try {
        await this.#beat();
        await this.#keep();
        await this.#claim();
        if (this.#isSilent) onNote('the queue answers again');
        this.#isSilent = false;
      } catch (error) {
        if (!this.#isSilent)
          onNote(`the queue does not answer (${this.queue.messageOf(error)}); trying again`);
        this.#isSilent = true;
      }
      await pause(AbortSignal.any([signal, this.#wake.signal]));
    }
  }

  /** Gives back what is not done. */
  async end(): Promise<void> {
    const held = [...this.#held];
    this.#held.clear();
    for (const child of [...this.#idle, ...held.map((holding) => holding.child)]) child.kill();
    if (!this.#hasBeaten) return;
    try {
      for (const { claim, outcome } of held) {
        const isDone = outcome !== undefined && outcome.message === undefined;
        await (isDone ? this.queue.complete(claim.id) : this.queue.release(claim.id));
        if (isDone) this.done++;
      }
      await this.queue.leave(this.#id);
    } catch {
      // Not heard of any more, which is the same but later.
    }
  }

  async #beat(): Promise<void> {
    const now = performance.now();
    if (now - this.#beaten < BEAT_MS) return;
    await this.queue.beat(this.#id, this.options.processes);
    this.#beaten = now;
    this.#hasBeaten = true;
  }

  /** Tells the queue what was done, and that the rest is being done. */
  async #keep(): Promise<void> {
    for (const holding of this.#held) {
      const { claim, outcome } = holding;
      if (outcome) {
        if (outcome.message === undefined) await this.queue.complete(claim.id);
        else await this.queue.fail(claim.id, outcome.message);
        this.#held.delete(holding);
        this.#tell(claim, outcome.message);
        continue;
      }
      const now = performance.now();
      if (now - holding.renewed < (claim.leaseSeconds * 1000) / 3) continue;
      await this.queue.renew(claim.id, holding.progress);
      holding.renewed = now;
    }
  }

  #tell(claim: Claim, failure: string | undefined): void {
    if (failure === undefined) this.done++;
    const what = failure === undefined ? 'done' : `failed: ${failure.split('\n', 1)[0]}`;
    this.options.onNote(`${namedJob(claim.job)} ${what}`);
  }

  async #claim(): Promise<void> {
    const free = this.options.processes - this.#held.size;
    if (free <= 0) return;
    for (const claim of await this.queue.claim(free)) {
      const child = this.#idle.pop() ?? this.#start();
      this.#held.add({ claim, child, renewed: performance.now() });
      // A failure to send is a death: the exit that follows handles it.
      child.send({ folder: this.options.folder, job: claim.job } satisfies ToWorker, () => {});
    }
  }

  #start(): ChildProcess {
    const child = fork(PROCESS, { execArgv: [] });
    child.on('message', (message) => this.#hear(child, message as FromWorker));
    child.on('error', () => child.kill('SIGKILL'));
    child.on('exit', (code, signal) => {
      const at = this.#idle.indexOf(child);
      if (at !== -1) this.#idle.splice(at, 1);
      this.#finish(child, { message: `the process ended with ${signal ?? `code ${code}`}` });
    });
    return child;
  }

  #hear(child: ChildProcess, message: FromWorker): void {
    if (message.kind === 'progress') {
      const holding = this.#holdingOf(child);
      if (holding) holding.progress = message.soFar;
      return;
    }
    this.#finish(child, message.kind === 'done' ? {} : { message: message.message });
    this.#idle.push(child);
  }

  #finish(child: ChildProcess, outcome: NonNullable<Holding['outcome']>): void {
    const holding = this.#holdingOf(child);
    if (!holding) return;
    holding.outcome = outcome;
    this.#wake.abort();
  }

  /** The job that a process is at. */
  #holdingOf(child: ChildProcess): Holding | undefined {
    return [...this.#held].find((holding) => holding.child === child && !holding.outcome);
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  await sleep(POLL_MS, undefined, { signal }).catch(() => {});
}
