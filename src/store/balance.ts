// The balance of an account as `GET /user/balance` shows it (api reference §1.4).

import { holds, type Lot, spendable } from './charge.js';
import { readLots } from './ledger.js';
import { CURRENCIES } from './prices.js';
import { ask, type StoreCore } from './store-core.js';
import { StoreError } from './store-error.js';
import type { Balance } from './types.js';

/**
 * Includes every request whose `record` has resolved.
 * @throws StoreError not-found; PlatformUnavailableError.
 */
export async function readBalance(core: StoreCore, accountId: string): Promise<Balance> {
  const { engine, drainer, now } = core;
  return ask(core, async () => {
    await drainer.drain();
    const account = await engine.db
      .selectFrom('accounts')
      .select('unlimited')
      .where('id', '=', accountId)
      .executeTakeFirst();
    if (account === undefined) {
      throw new StoreError('not-found', `there is no account ${JSON.stringify(accountId)}`);
    }
    const lots = (await readLots(engine, engine.db, [accountId])).get(accountId) ?? [];
    return balanceOf(lots, { isUnlimited: account.unlimited !== 0n, at: now() });
  });
}

/** The same of every account. */
export async function readBalances(core: StoreCore): Promise<Map<string, Balance>> {
  const { engine, drainer, now } = core;
  return ask(core, async () => {
    await drainer.drain();
    const accounts = await engine.db.selectFrom('accounts').select(['id', 'unlimited']).execute();
    const ids = accounts.map(({ id }) => id);
    const lots = await readLots(engine, engine.db, ids);
    const at = now();
    return new Map(
      accounts.map(({ id, unlimited }) => [
        id,
        balanceOf(lots.get(id) ?? [], { isUnlimited: unlimited !== 0n, at }),
      ]),
    );
  });
}

function balanceOf(
  lots: readonly Lot[],
  { isUnlimited, at }: { isUnlimited: boolean; at: number },
): Balance {
  const held = CURRENCIES.filter((currency) => holds(lots, currency, at));
  const infos = (held.length > 0 ? held : CURRENCIES.slice(0, 1)).map((currency) => {
    const granted = spendable(
      lots.filter((lot) => lot.kind === 'granted'),
      currency,
      at,
    );
    return { currency, granted, toppedUp: spendable(lots, currency, at) - granted };
  });
  const hasMoney = infos.some(({ granted, toppedUp }) => granted + toppedUp > 0n);
  return { isAvailable: isUnlimited || hasMoney, infos };
}
