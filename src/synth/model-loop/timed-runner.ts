// Programs of a model with a wall clock. The isolate counts steps, but a single native function of a guest is
// one step however long it takes; so it runs in a thread that can be ended from here. The thread is no
// boundary: the isolate in it is. What is killed is told to the model like any other failure.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { CodeLimits, CodeResult, Program } from '../../sandbox/types.js';

/** Of one run; honest programs take milliseconds. */
const WALL_MS = 20_000;

/** A request to the thread. */
export interface TimedRun {
  readonly program: Program;
  readonly input: string;
  readonly limits: CodeLimits;
}

/** Runs one program at a time. */
export class TimedRunner {
  readonly #wallMs: number;
  #worker: Worker | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(wallMs = WALL_MS) {
    this.#wallMs = wallMs;
  }

  /** As RunProgram. @throws Error if the thread cannot start */
  readonly run = (program: Program, input: string, limits: CodeLimits): Promise<CodeResult> => {
    const result = this.#queue.then(() => this.#run({ program, input, limits }));
    this.#queue = result.catch(() => {});
    return result;
  };

  /** Ends the thread; a run in progress is killed. */
  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  async #run(request: TimedRun): Promise<CodeResult> {
    const worker = (this.#worker ??= await started());
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
    worker.postMessage(request);
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.#wallMs);
    try {
      const [result] = (await once(worker, 'message', { signal: late.signal })) as [CodeResult];
      return result;
    } catch (error) {
      await this.close();
      const message = late.signal.aborted
        ? `it takes longer than ${this.#wallMs} ms`
        : String(error);
      return { ok: false, failure: 'killed', message, printed: '' };
    } finally {
      clearTimeout(timer);
    }
  }
}

async function started(): Promise<Worker> {
  const worker = new Worker(new URL('./timed-runner-thread.js', import.meta.url), {
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  });
  // The first word is that the isolate is loaded.
  await once(worker, 'message');
  return worker;
}
