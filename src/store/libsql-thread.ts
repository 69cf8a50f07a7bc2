// A connection in a thread of its own, so that the event loop goes on while the disk works. Requests
// are numbered messages, answered in order. When the thread dies, whatever waits for an answer fails
// (a commit may have been made: who repeats it must be idempotent), and the next `open` starts
// another, sooner or later depending on how often it died. Keeps the process alive only while
// somebody waits.

import { Worker } from 'node:worker_threads';
import {
  DatabaseError,
  type LibsqlConnection,
  type Outcome,
  type Statement,
} from './libsql-database.js';

type Question =
  | { kind: 'open'; path: string }
  | { kind: 'execute'; statement: Statement }
  | { kind: 'hello' | 'begin' | 'commit' | 'rollback' | 'close' };

export type ThreadRequest = Question & { id: number };

export type ThreadAnswer =
  | { id: number; outcome: Outcome | undefined }
  | { id: number; error: ErrorAnswer; isOpen: boolean };

interface ErrorAnswer {
  name: string;
  message: string;
  /** Of a DatabaseError. */
  code: string | undefined;
}

interface Waiting {
  resolve: (outcome: Outcome | undefined) => void;
  reject: (error: Error) => void;
}

const WORKER = new URL('./libsql-worker.js', import.meta.url);
/** Doubled with every death, from the second on... */
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 5_000;
/** ...until one lives this long. */
const HEALTHY_MS = 10_000;

export class LibsqlThread implements LibsqlConnection {
  #worker: Worker | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #isOpen = false;
  #isClosed = false;
  #exited: Promise<void> | undefined;
  #numDeaths = 0;
  #startedAt = 0;
  #diedAt = 0;

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Makes the first `open` a quick one. */
  async start(): Promise<void> {
    await this.#ask(this.#worker ?? this.#start(), { kind: 'hello' });
  }

  /** Only this and `start` begin a thread: a transaction never goes on in another than its own. */
  async open(path: string): Promise<void> {
    if (this.#isClosed) throw closed();
    this.#isOpen = false;
    const worker = this.#worker ?? this.#start();
    await this.#ask(worker, { kind: 'open', path });
    this.#isOpen = true;
  }

  async execute(statement: Statement): Promise<Outcome> {
    return (await this.#ask(this.#living(), { kind: 'execute', statement }))!;
  }

  async begin(): Promise<void> {
    await this.#ask(this.#living(), { kind: 'begin' });
  }

  async commit(): Promise<void> {
    await this.#ask(this.#living(), { kind: 'commit' });
  }

  /** A thread that died has rolled back. */
  async rollback(): Promise<void> {
    if (this.#isOpen) await this.#ask(this.#living(), { kind: 'rollback' });
  }

  /** What was asked before is answered first. */
  async close(): Promise<void> {
    if (this.#isClosed) return this.#exited;
    this.#isClosed = true;
    this.#isOpen = false;
    const worker = this.#worker;
    if (worker === undefined) return;
    await this.#ask(worker, { kind: 'close' }).catch(() => {}); // died meanwhile: as good
    worker.ref();
    await this.#exited;
  }

  #living(): Worker {
    if (this.#isClosed) throw closed();
    if (this.#worker === undefined || !this.#isOpen) throw gone('the thread of the database ended');
    return this.#worker;
  }

  #start(): Worker {
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (this.#numDeaths - 2), MAX_PAUSE_MS);
    const leftMs = this.#numDeaths < 2 ? 0 : this.#diedAt + pauseMs - performance.now();
    if (leftMs > 0) {
      throw gone(
        `the thread of the database died ${this.#numDeaths} times; ` +
          `the next is started in ${Math.ceil(leftMs)} ms`,
      );
    }
    // Not the flags of the process: they may name code to run first.
    const worker = new Worker(WORKER, { execArgv: [], name: 'hadal libsql' });
    worker.unref();
    this.#worker = worker;
    this.#startedAt = performance.now();
    let reason = 'the thread of the database ended';
    worker.on('message', (answer: ThreadAnswer) => this.#take(answer));
    worker.once('error', ({ message }) => (reason += `: ${message}`));
    this.#exited = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#bury(gone(reason));
        resolve();
      });
    });
    return worker;
  }

  #bury(error: DatabaseError): void {
    this.#worker = undefined;
    this.#isOpen = false;
    this.#diedAt = performance.now();
    this.#numDeaths = this.#diedAt - this.#startedAt > HEALTHY_MS ? 1 : this.#numDeaths + 1;
    const lost = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of lost) reject(error);
  }

  #ask(worker: Worker, question: Question): Promise<Outcome | undefined> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- no window
      worker.postMessage({ ...question, id } satisfies ThreadRequest); // throws what has no clone
      if (this.#waiting.size === 0) worker.ref();
      this.#waiting.set(id, { resolve, reject });
    });
  }

  #take(answer: ThreadAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#worker?.unref();
    if ('outcome' in answer) {
      waiting?.resolve(answer.outcome);
    } else {
      this.#isOpen &&= answer.isOpen;
      waiting?.reject(toError(answer.error));
    }
  }
}

function toError({ name, message, code }: ErrorAnswer): Error {
  if (code !== undefined) return new DatabaseError(message, code);
  return name === 'RangeError' ? new RangeError(message) : new TypeError(message);
}

function gone(message: string): DatabaseError {
  return new DatabaseError(message, 'THREAD_GONE');
}

function closed(): DatabaseError {
  return new DatabaseError('the database was closed', 'CLIENT_CLOSED');
}
