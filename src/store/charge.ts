// Which money pays for a request. Pure: reads lots, says who pays what, and takes it from the lots
// given, so that the requests of a batch see each other.

import type { LedgerAccountKind } from './schema.js';
import { CURRENCIES, costOf, type Prices } from './prices.js';
import type { Currency, UsageRecord } from './types.js';

/** A ledger account of a customer that holds money. Expiring grants have one each. */
export interface Lot {
  ledgerAccount: string;
  kind: Extract<LedgerAccountKind, 'granted' | 'topped_up'>;
  currency: Currency;
  /** Milliseconds since 1970. */
  expiresAt: number | undefined;
  /** Nano-units. Only a topped-up lot goes below zero. */
  balance: bigint;
}

export interface Payer {
  accountId: string;
  /** Pays into debt without limit: the operator's own accounts. */
  isUnlimited: boolean;
  lots: Lot[];
}

export interface Payment {
  ledgerAccount: string;
  kind: Extract<LedgerAccountKind, 'granted' | 'topped_up' | 'credit'>;
  amount: bigint;
}

export interface Charge {
  currency: Currency;
  payments: Payment[];
}

/**
 * Granted before topped-up money (api reference §1.4), and of grants the one that expires first.
 * The account pays in the first currency with money left; without any it goes below zero in the
 * first that it holds. A request is paid in one currency.
 */
export function charge(payer: Payer, usage: UsageRecord, prices: Prices): Charge {
  if (payer.isUnlimited) {
    const currency = CURRENCIES[0]!;
    const ledgerAccount = `credit:${payer.accountId}:${currency}`;
    const amount = costOf(usage, prices[currency]);
    return { currency, payments: [{ ledgerAccount, kind: 'credit', amount }] };
  }
  const at = usage.finishedAt.getTime();
  const currency = chooseCurrency(payer.lots, at);
  let rest = costOf(usage, prices[currency]);
  const payments: Payment[] = [];
  for (const lot of grantsByExpiry(payer.lots, currency, at)) {
    const amount = lot.balance < rest ? lot.balance : rest;
    if (amount <= 0n) continue;
    lot.balance -= amount;
    rest -= amount;
    payments.push({ ledgerAccount: lot.ledgerAccount, kind: 'granted', amount });
  }
  if (rest > 0n || payments.length === 0) {
    const lot = toppedUpLot(payer, currency);
    lot.balance -= rest;
    payments.push({ ledgerAccount: lot.ledgerAccount, kind: 'topped_up', amount: rest });
  }
  return { currency, payments };
}

/** Money of a currency that counts at a time: expired grants do not. */
export function spendable(lots: readonly Lot[], currency: Currency, at: number): bigint {
  let sum = 0n;
  for (const lot of lots) {
    if (lot.currency === currency && isCurrent(lot, at)) sum += lot.balance;
  }
  return sum;
}

/** Whether the account has the currency at all: a grant that expired or was used up is gone. */
export function holds(lots: readonly Lot[], currency: Currency, at: number): boolean {
  return lots.some(
    (lot) =>
      lot.currency === currency &&
      (lot.expiresAt === undefined || (lot.expiresAt > at && lot.balance !== 0n)),
  );
}

export function toppedUpName(accountId: string, currency: Currency): string {
  return `customer:${accountId}:topped_up:${currency}`;
}

export function grantedName(accountId: string, currency: Currency): string {
  return `customer:${accountId}:granted:${currency}`;
}

function chooseCurrency(lots: readonly Lot[], at: number): Currency {
  const withMoney = CURRENCIES.find((currency) => spendable(lots, currency, at) > 0n);
  const held = CURRENCIES.find((currency) => holds(lots, currency, at));
  return withMoney ?? held ?? CURRENCIES[0]!;
}

function grantsByExpiry(lots: readonly Lot[], currency: Currency, at: number): Lot[] {
  return lots
    .filter((lot) => lot.kind === 'granted' && lot.currency === currency && isCurrent(lot, at))
    .toSorted((a, b) => (a.expiresAt ?? Infinity) - (b.expiresAt ?? Infinity) || 0);
}

function isCurrent({ expiresAt }: Lot, at: number): boolean {
  return expiresAt === undefined || expiresAt > at;
}

function toppedUpLot({ accountId, lots }: Payer, currency: Currency): Lot {
  const ledgerAccount = toppedUpName(accountId, currency);
  const found = lots.find((lot) => lot.ledgerAccount === ledgerAccount);
  if (found !== undefined) return found;
  const lot: Lot = {
    ledgerAccount,
    kind: 'topped_up',
    currency,
    expiresAt: undefined,
    balance: 0n,
  };
  lots.push(lot);
  return lot;
}
