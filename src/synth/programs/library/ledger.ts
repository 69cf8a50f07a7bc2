// Balances after bookings in order of time, with an overdraft and its fee.

import { many, near, source, type ProgramTemplate } from '../program.js';

export const ledgerBalances: ProgramTemplate = {
  id: 'ledger',
  make(random, { person }) {
    const limit = random.int(2, 6) * 50;
    const fee = random.int(2, 9);
    return {
      files: {
        'limits.js': source(`
/** An account may go down to minus this much, and not below. */
export const OVERDRAFT = ${limit};
/** What a booking costs that leaves the account below zero; it may itself go beyond the limit. */
export const FEE = ${fee};

export function isCovered(balance, amount) {
  return balance - amount >= -OVERDRAFT;
}
`),
        'book.js': source(`
import { FEE, isCovered } from './limits.js';

/** Carries out one booking; false where the paying account is not covered or both are the same. */
export function book(balances, booking) {
  const { from, to, amount } = booking;
  if (from === to || amount <= 0) return false;
  if (from !== null && !isCovered(balances[from] ?? 0, amount)) return false;
  if (from !== null) {
    balances[from] = (balances[from] ?? 0) - amount;
    if (balances[from] < 0) balances[from] -= FEE;
  }
  if (to !== null) balances[to] = (balances[to] ?? 0) + amount;
  return true;
}
`),
        'index.js': source(`
import { book } from './book.js';

/**
 * Balances after bookings in order of time; equal times stay in the order given. A booking without
 * \`from\` is paid in, one without \`to\` is paid out (both are null then, not absent).
 * @returns balances by ${person}, names in order, and the numbers (from 1) of refused bookings
 */
export default function balancesOf(bookings) {
  const balances = {};
  const refused = [];
  const numbered = bookings.map((booking, i) => ({ booking, number: i + 1 }));
  numbered.sort((a, b) => a.booking.time - b.booking.time || a.number - b.number);
  for (const { booking, number } of numbered) {
    if (!book(balances, booking)) refused.push(number);
  }
  const names = Object.keys(balances).sort();
  return {
    balances: names.map((name) => ({ ${person}: name, balance: balances[name] })),
    refused: refused.sort((a, b) => a - b),
  };
}
`),
      },
      args: (draw) => [
        many(draw, 1, 6, () => ({
          time: draw.int(1, 4),
          from: draw.pick(['ada', 'bo', 'cy', null]),
          to: draw.pick(['ada', 'bo', 'cy', null]),
          amount: near(draw, [limit, limit - fee, 20, 1]),
        })),
      ],
    };
  },
};
