// What the accounts can spend, from memory: balances as last read, minus what requests have cost
// since and the ledger does not know yet. Decides `canSpend` on every request; the exact charge is
// made when the journal is drained.

import { EpochCache } from './epoch-cache.js';
import { type Lot, spendable } from './charge.js';
import { costOf, type Prices } from './prices.js';
import type { UsageRecord } from './types.js';

interface Pending {
  cny: bigint;
  usd: bigint;
}

export class Funds {
  readonly lots = new EpochCache<readonly Lot[]>(50_000);
  /** Only accounts with something pending. */
  readonly #pending = new Map<string, Pending>();

  constructor(readonly prices: Prices) {}

  /** The request is durable but not in the ledger. */
  addPending(usage: UsageRecord): void {
    this.#change(usage, 1n);
  }

  /** The ledger has it now, and the balances set at the same time show it. */
  removePending(usage: UsageRecord): void {
    this.#change(usage, -1n);
  }

  /**
   * The same order as charge.ts: yuan pay for what is pending until they are used up, dollars for
   * the part that remains.
   */
  canSpend(accountId: string, at: number): boolean {
    const lots = this.lots.get(accountId) ?? [];
    const cny = spendable(lots, 'CNY', at);
    const usd = spendable(lots, 'USD', at);
    const pending = this.#pending.get(accountId);
    if (pending === undefined) return cny > 0n || usd > 0n;
    if (cny > pending.cny) return true;
    if (cny <= 0n) return usd > pending.usd;
    const unpaid = pending.cny - cny;
    const needed = pending.cny === 0n ? 0n : (pending.usd * unpaid) / pending.cny;
    return usd > needed;
  }

  #change(usage: UsageRecord, sign: bigint): void {
    const pending = this.#pending.get(usage.accountId) ?? { cny: 0n, usd: 0n };
    pending.cny += sign * costOf(usage, this.prices.CNY);
    pending.usd += sign * costOf(usage, this.prices.USD);
    if (pending.cny === 0n && pending.usd === 0n) this.#pending.delete(usage.accountId);
    else this.#pending.set(usage.accountId, pending);
  }
}
