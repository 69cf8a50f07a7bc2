// Net, tax by rate and total of an invoice, with something back for paying early.

import { many, near, source, type ProgramTemplate } from '../program.js';

export const invoice: ProgramTemplate = {
  id: 'invoice',
  make(random, { thing }) {
    const [full, reduced] = [random.int(17, 24), random.int(5, 9)];
    const days = random.int(7, 14);
    return {
      files: {
        'rates.js': source(`
/** Percent of tax by class of goods; unknown classes have the full rate. */
const RATES = { basic: ${reduced}, exempt: 0 };
const FULL = ${full};

export function rateOf(kind) {
  return RATES[kind] ?? FULL;
}

/** Tax on a net amount, halves rounded up. */
export function taxOn(net, rate) {
  return Math.floor((net * rate + 50) / 100);
}
`),
        'lines.js': source(`
/** Net amount of a line: quantity times price, less the percentage taken off (rounded down). */
export function netOf(line) {
  const gross = line.quantity * line.price;
  return gross - Math.floor((gross * (line.off ?? 0)) / 100);
}

/** Net amounts by rate, lowest rate first. Lines of quantity 0 are left out. */
export function netByRate(lines, rateOf) {
  const sums = new Map();
  for (const line of lines) {
    if (line.quantity === 0) continue;
    const rate = rateOf(line.kind);
    sums.set(rate, (sums.get(rate) ?? 0) + netOf(line));
  }
  return [...sums].sort((a, b) => a[0] - b[0]);
}
`),
        'index.js': source(`
import { netByRate } from './lines.js';
import { rateOf, taxOn } from './rates.js';

/**
 * Totals of an invoice over ${thing} lines: tax is worked out once per rate, on the sum of its lines.
 * Paid within ${days} days (the last day counts), 2 percent of the total are given back, rounded down.
 */
export default function invoiceTotals(lines, paidAfterDays) {
  let net = 0;
  let tax = 0;
  const rates = [];
  for (const [rate, amount] of netByRate(lines, rateOf)) {
    const own = taxOn(amount, rate);
    rates.push({ rate, net: amount, tax: own });
    net += amount;
    tax += own;
  }
  const total = net + tax;
  const back = paidAfterDays !== null && paidAfterDays <= ${days} ? Math.floor((total * 2) / 100) : 0;
  return { rates, net, tax, total, due: total - back };
}
`),
      },
      args: (draw) => [
        many(draw, 0, 5, () => ({
          kind: draw.pick(['basic', 'exempt', 'other', 'full']),
          quantity: draw.int(0, 5),
          price: draw.int(1, 400),
          ...(draw.chance(40) && { off: draw.int(1, 6) * 5 }),
        })),
        draw.chance(20) ? null : near(draw, [days, days, 3]),
      ],
    };
  },
};
