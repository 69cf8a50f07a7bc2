// Nano-units to text and back, exactly: no floating point touches money.

import type { Balance, BalanceInfo } from './types.js';

const NANO = 1_000_000_000n;
const CENT = 10_000_000n;

/**
 * Two decimals, the rest cut off: 0.019 is "0.01", so that no text promises money that is not there,
 * and -0.001 is "0.00", because nobody owes a fraction of a cent.
 */
export function formatMoney(nano: bigint): string {
  return withPoint(nano / CENT, 2);
}

/** Every digit that is there, at least two decimals: "0.000028", "1.50". */
export function formatMoneyExactly(nano: bigint): string {
  return withPoint(nano, 9).replace(/(\.\d\d\d*?)0+$/, '$1');
}

/**
 * The three strings of `GET /user/balance` (api reference §1.4). The total is the sum of the shown
 * parts, because clients add them up.
 */
export function balanceStrings({ granted, toppedUp }: BalanceInfo): {
  total: string;
  granted: string;
  toppedUp: string;
} {
  const shown = cutToCent(granted) + cutToCent(toppedUp);
  return {
    total: formatMoney(shown),
    granted: formatMoney(granted),
    toppedUp: formatMoney(toppedUp),
  };
}

/** A balance as every face shows it: the API, the admin API, the command line (§1.4). */
export function balanceJson({ isAvailable, infos }: Balance) {
  return {
    is_available: isAvailable,
    balance_infos: infos.map((info) => {
      const { total, granted, toppedUp } = balanceStrings(info);
      return {
        currency: info.currency,
        total_balance: total,
        granted_balance: granted,
        topped_up_balance: toppedUp,
      };
    }),
  };
}

/** "10", "0.5" or "1.123456789" to nano-units; undefined when it is nothing of the kind. */
export function parseMoney(text: string): bigint | undefined {
  const match = /^(\d{1,10})(?:\.(\d{1,9}))?$/.exec(text);
  if (match === null) return undefined;
  return BigInt(match[1]!) * NANO + BigInt((match[2] ?? '').padEnd(9, '0'));
}

function cutToCent(nano: bigint): bigint {
  return nano - (nano % CENT);
}

function withPoint(units: bigint, decimals: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0');
  const point = digits.length - decimals;
  return `${units < 0n ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}
