// The parts of an open store that request path and administration share, and the two ways to ask the
// database: any failure that means "away" becomes PlatformUnavailableError.

import { readLots } from './ledger.js';
import type { Drainer } from './drainer.js';
import type { Funds } from './funds.js';
import type { Identity } from './identity.js';
import type { Trx } from './schema.js';
import type { SqlEngine } from './sql-engine.js';
import { bumpState, type StateFollower, unavailable } from './state-follower.js';
import type { StoreLog } from './store-log.js';

export interface StoreCore {
  engine: SqlEngine;
  follower: StateFollower;
  identity: Identity;
  funds: Funds;
  drainer: Drainer;
  now: () => number;
  log: StoreLog;
}

/** @throws PlatformUnavailableError instead of the database's own connection errors. */
export async function ask<T>({ engine }: StoreCore, question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    if (engine.isAway(error)) throw unavailable(error);
    throw error;
  }
}

/** Changes keys or accounts; every process forgets what it knew of them. */
export async function changeAdmin<T>(
  core: Pick<StoreCore, 'engine' | 'follower' | 'identity'>,
  change: (trx: Trx) => Promise<T>,
): Promise<T> {
  const { engine, follower, identity } = core;
  const { result, admin } = await engine.db.transaction().execute(async (trx) => {
    await engine.lockWriters(trx);
    const made = await change(trx);
    return { result: made, admin: await bumpState(engine, trx, 'admin_version') };
  });
  identity.invalidate();
  follower.noteOwn({ admin });
  return result;
}

/** Writes the ledger; afterwards memory knows the money of the accounts named. */
export async function changeLedger(
  core: Pick<StoreCore, 'engine' | 'follower' | 'funds'>,
  change: (trx: Trx) => Promise<readonly string[]>,
  onCommit: () => void = () => {},
): Promise<void> {
  const { engine, follower, funds } = core;
  let expected: bigint | undefined;
  const committing = engine.db.transaction().execute(async (trx) => {
    await engine.lockWriters(trx);
    const accountIds = await change(trx);
    const lots = await readLots(engine, trx, accountIds);
    const ledger = await bumpState(engine, trx, 'ledger_version');
    follower.expectOwn((expected = ledger));
    return { lots, ledger, ticket: funds.lots.ticket() };
  });
  const { lots, ledger, ticket } = await committing.catch((error: unknown) => {
    if (expected !== undefined) follower.forgetOwn(expected);
    throw error;
  });
  for (const [accountId, held] of lots) funds.lots.set(accountId, held, ticket);
  onCommit();
  follower.noteOwn({ ledger });
}
