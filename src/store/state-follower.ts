// Notices what other processes change. `store_state` holds two counters; this compares them with
// those it knows and says which cache is stale. libSQL is asked on every use (once per turn of the
// event loop), PostgreSQL at an interval and when it announces. Also knows how long the database
// has been silent.

import { PlatformUnavailableError } from './types.js';
import type { Trx } from './schema.js';
import type { SqlEngine, StateVersions } from './sql-engine.js';

interface FollowerOptions {
  engine: SqlEngine;
  now: () => number;
  /** How long memory may stand in for a database that is away, milliseconds. */
  graceMs: number;
  onAdminChange: () => void;
  onLedgerChange: () => void;
}

export class StateFollower {
  #known: StateVersions | undefined;
  /** The ledger's counter as an own transaction that is being committed leaves it. */
  #expectedLedger: bigint | undefined;
  #confirmedAt: number;
  #isFreshThisTurn = false;
  #polling: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Why the database did not answer, the last time it was asked. */
  failure: Error | undefined;

  constructor(private readonly options: FollowerOptions) {
    this.#confirmedAt = options.now();
  }

  async start(): Promise<void> {
    const { changes } = this.options.engine;
    await this.#readState();
    if (changes.kind !== 'poll') return;
    this.#timer = setInterval(() => void this.#poll(), changes.intervalMs).unref();
    await changes.onAnnounce(() => void this.#poll());
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  get silentMs(): number {
    return this.failure === undefined ? 0 : this.options.now() - this.#confirmedAt;
  }

  /** Whether caches may be used without a `check` first. Cheap; asked per request. */
  get isCurrent(): boolean {
    const { kind } = this.options.engine.changes;
    if (kind === 'none') return true;
    return this.failure === undefined && (kind === 'poll' || this.#isFreshThisTurn);
  }

  /**
   * Looks for changes. A database that is away is no error within the grace time.
   * @throws PlatformUnavailableError after it.
   */
  async check(): Promise<void> {
    const { changes } = this.options.engine;
    if (changes.kind === 'probe') {
      try {
        const state = changes.changedState();
        if (state !== undefined) this.#take(state);
        this.#confirm();
        this.#isFreshThisTurn = true;
        setImmediate(() => (this.#isFreshThisTurn = false));
      } catch (error) {
        this.reportFailure(error);
      }
    }
    if (this.silentMs > this.options.graceMs) throw unavailable(this.failure);
  }

  /** @throws the error when it does not mean that the database is away. */
  reportFailure(error: unknown): void {
    if (!this.options.engine.isAway(error)) throw error;
    this.failure = error as Error;
  }

  /** The database answered a question. */
  #confirm(): void {
    this.failure = undefined;
    this.#confirmedAt = this.options.now();
  }

  /**
   * Within an own transaction, before its commit. The commit may be seen before `noteOwn` tells of
   * it, and should not pass for somebody else's: every balance would be read again.
   */
  expectOwn(ledger: bigint): void {
    this.#expectedLedger = ledger;
  }

  /** That transaction failed. What was seen since may have been somebody else's after all. */
  forgetOwn(ledger: bigint): void {
    if (this.#expectedLedger === ledger) this.#expectedLedger = undefined;
    if (this.#known?.ledger === ledger) this.options.onLedgerChange();
  }

  /** A change by this process itself, after its commit: caches are updated by who made it. */
  noteOwn(own: Partial<StateVersions>): void {
    this.#confirm();
    if (own.ledger !== undefined && this.#expectedLedger === own.ledger) {
      this.#expectedLedger = undefined;
    }
    const known = this.#known;
    if (known === undefined) return;
    if (own.admin === known.admin + 1n) known.admin = own.admin;
    if (own.ledger === known.ledger + 1n) known.ledger = own.ledger;
  }

  async #readState(): Promise<void> {
    const { db } = this.options.engine;
    const row = await db.selectFrom('store_state').selectAll().executeTakeFirstOrThrow();
    this.#take({ admin: row.admin_version, ledger: row.ledger_version });
  }

  #take(state: StateVersions): void {
    const { onAdminChange, onLedgerChange } = this.options;
    const known = this.#known;
    this.#known = state;
    if (known === undefined) return;
    if (known.admin !== state.admin) onAdminChange();
    const isOwn = state.ledger === this.#expectedLedger && state.ledger === known.ledger + 1n;
    if (known.ledger !== state.ledger && !isOwn) onLedgerChange();
  }

  #poll(): Promise<void> {
    this.#polling ??= this.#readState()
      .then(
        () => this.#confirm(),
        (error: unknown) => {
          this.failure = error as Error;
        },
      )
      .finally(() => (this.#polling = undefined));
    return this.#polling;
  }
}

/** Moves a counter within the transaction that makes the change. Returns the new value. */
export async function bumpState(
  engine: SqlEngine,
  trx: Trx,
  counter: 'admin_version' | 'ledger_version',
): Promise<bigint> {
  const row = await trx
    .updateTable('store_state')
    .set((eb) => ({ [counter]: eb(counter, '+', 1n) }))
    .returning(counter)
    .executeTakeFirstOrThrow();
  await engine.announce(trx);
  return (row as Record<typeof counter, bigint>)[counter];
}

export function unavailable(cause: unknown): PlatformUnavailableError {
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new PlatformUnavailableError(`the database cannot be reached: ${reason}`, { cause });
}
