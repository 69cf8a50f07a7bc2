// One life of the engine child: fork, load, messages, death. Restarting and request streams are the
// supervisor's business (engine-backend.ts).

import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ModelCard } from '../backend/types.js';
import type { FromChild, LoadOptions, ToChild } from './messages.js';

/** How much of the child's stderr is kept for the report of its death. */
const STDERR_TAIL_CHARS = 2000;

/**
 * For glibc: blocks from this size on are mapped and go back to the system when freed. By default the
 * bound grows with what is freed, to 32 MB: the scratch memory of graphs, which come and go with the
 * lengths of prompts, then lies between small blocks that stay, and the process grows for hours.
 */
const MALLOC = { MALLOC_MMAP_THRESHOLD_: '131072' };

/** The engine could not load the model; `message` says why and is meant for the user. */
export class EngineLoadError extends Error {
  override name = 'EngineLoadError';
}

export interface EngineProcessOptions {
  entry: URL;
  load: LoadOptions;
  onMessage: (message: FromChild) => void;
}

export class EngineProcess {
  /** Rejects with EngineLoadError when loading fails or the child dies before it is ready. */
  readonly ready: Promise<ModelCard>;
  /** Resolves, never rejects, with a description of how the child ended. */
  readonly exited: Promise<string>;
  readonly #child: ChildProcess;
  #stderrTail = '';

  constructor({ entry, load, onMessage }: EngineProcessOptions) {
    this.#child = fork(fileURLToPath(entry), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [],
      env: { ...MALLOC, ...process.env },
    });
    const child = this.#child;
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderrTail = (this.#stderrTail + text).slice(-STDERR_TAIL_CHARS);
    });
    // The parent may end without dispose (an uncaught error): take the child along.
    const killWithParent = () => child.kill('SIGKILL');
    process.once('exit', killWithParent);

    // Not the `close` event: node never emits it when the parent closed the channel first.
    const stderrEnded = new Promise((resolve) => child.stderr!.once('close', resolve));
    this.exited = new Promise((resolve) => {
      // Stays: an `error` that nobody listens to would end this process.
      child.on('error', (error) => {
        if (child.pid !== undefined) return; // a failed kill or message; `exit` is still to come
        process.removeListener('exit', killWithParent);
        resolve(`could not be started: ${error.message}`);
      });
      child.once('exit', (code, signal) => {
        process.removeListener('exit', killWithParent);
        void stderrEnded.then(() => resolve(this.#describeExit(code, signal)));
      });
    });
    this.ready = new Promise((resolve, reject) => {
      child.on('message', (message: FromChild) => {
        if (message.type === 'ready') resolve(message.card);
        else if (message.type === 'load-failed') reject(new EngineLoadError(message.message));
        else onMessage(message);
      });
      void this.exited.then((how) => reject(new EngineLoadError(`the engine process ${how}`)));
    });
    // The owner may dispose of the process without ever waiting for `ready`.
    this.ready.catch(() => {});
    this.send({ type: 'load', ...load });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Messages to a dead child vanish; its end is reported through `exited`. */
  send(message: ToChild): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  /** Ends it at once, as it does not answer; reported through `exited`. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Asks the child to end, and makes it end when it has not after `graceMs`. */
  async stop(graceMs = 2000): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), graceMs);
    await this.exited;
    clearTimeout(timer);
  }

  #describeExit(code: number | null, signal: NodeJS.Signals | null): string {
    const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
    const tail = this.#stderrTail.trim();
    return tail === '' ? how : `${how}; it last said: ${tail}`;
  }
}
