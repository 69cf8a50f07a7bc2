// Moves records from the journal into the ledger, in batches of one transaction each, as long as the
// database takes them; waits longer and longer while it does not. Never loses a batch: the journal
// forgets one only after its commit, and posting it twice changes nothing. A record that the database
// refuses, rather than being away, is found by halving its batch and set aside.

import { setTimeout as pause } from 'node:timers/promises';
import type { Journal } from './journal.js';
import type { StoreLog } from './store-log.js';
import type { UsageRecord } from './types.js';

/**
 * Records per transaction. A big one is cheaper per record (fewer fsyncs), but a key that is asked
 * for the first time waits behind it, and past a few hundred nothing is gained.
 */
const BATCH = 400;
/** Of a database that keeps the event loop busy: short while requests are answered. */
const BLOCKING_BATCH = 50;
const DELAY_MS = 50;
const MAX_DELAY_MS = 5_000;

interface DrainerOptions {
  journal: Journal;
  log: StoreLog;
  /** Whether `post` keeps the event loop busy. */
  isBlocking: boolean;
  /** Commits a batch. */
  post: (records: readonly UsageRecord[], isOwn: boolean) => Promise<void>;
  /** Whether an error of `post` says that the database is away, and nothing about the records. */
  isAway: (error: unknown) => boolean;
  /** Keeps a record that can never be posted, so that the journal may forget it. */
  setAside: (record: UsageRecord, isOwn: boolean, reason: string) => Promise<void>;
}

export class Drainer {
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #numFailures = 0;
  #isStopped = false;
  #isHurried = false;
  /** Why the last attempt failed; undefined while all is well. */
  failure: Error | undefined;

  constructor(private readonly options: DrainerOptions) {}

  /** Something was appended: it will be posted shortly. */
  kick(): void {
    if (this.#timer !== undefined || this.#running !== undefined || this.#isStopped) return;
    const delayMs = Math.min(DELAY_MS * 2 ** this.#numFailures, MAX_DELAY_MS);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#start().catch(() => {}); // kept in `failure`, and tried again
    }, delayMs).unref();
  }

  /**
   * Posts everything that was appended before the call.
   * @throws what the database said.
   */
  async drain(): Promise<void> {
    this.#isHurried = true;
    await this.#running?.catch(() => {}); // its caller hears of it
    this.#isHurried = true;
    await this.#start();
  }

  #start(): Promise<void> {
    this.#running ??= this.#drainAll().finally(() => {
      this.#running = undefined;
      this.#isHurried = false;
      if (this.options.journal.depth > 0) this.kick();
    });
    return this.#running;
  }

  /** No more attempts; one that is under way is waited for. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#isHurried = true;
    await this.#running?.catch(() => {}); // the records stay in the journal
  }

  async #drainAll(): Promise<void> {
    const { journal, log, isBlocking } = this.options;
    try {
      for (;;) {
        const isGentle = isBlocking && !this.#isHurried;
        const batch = await journal.read(isGentle ? BLOCKING_BATCH : BATCH);
        if (batch === undefined) break;
        const start = performance.now();
        await this.#post(batch.records, batch.isOwn);
        await batch.done();
        // Half of the time for requests, unless somebody waits for the sums.
        if (isBlocking && !this.#isHurried) await pause(performance.now() - start);
      }
      if (this.failure !== undefined) log('info', 'usage reaches the database again');
      this.failure = undefined;
      this.#numFailures = 0;
    } catch (error) {
      const { message } = error as Error;
      if (this.failure === undefined)
        log('error', 'usage stays in the journal', { error: message });
      this.failure = error as Error;
      this.#numFailures += 1;
      throw error;
    }
  }

  /** Posts what can be posted. @throws when the database is away. */
  async #post(records: readonly UsageRecord[], isOwn: boolean): Promise<void> {
    const { post, isAway, setAside } = this.options;
    try {
      await post(records, isOwn);
    } catch (error) {
      if (isAway(error)) throw error;
      if (records.length > 1) {
        const middle = Math.ceil(records.length / 2);
        await this.#post(records.slice(0, middle), isOwn);
        await this.#post(records.slice(middle), isOwn);
        return;
      }
      await post([], isOwn); // throws when the fault is not the record's
      await setAside(records[0]!, isOwn, (error as Error).message);
    }
  }
}
