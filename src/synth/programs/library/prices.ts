// Programs that work out what something costs: tiers, discounts, bills and taxes, in whole minor units.

import { capital, many, near, source, type ProgramTemplate } from '../program.js';

export const tieredPrice: ProgramTemplate = {
  id: 'tiered-price',
  make(random, { thing }) {
    const first = random.int(4, 9);
    const second = first + random.int(6, 14);
    const prices = [random.int(40, 60), random.int(30, 39), random.int(20, 29)];
    const fee = random.int(5, 15) * 10;
    const free = random.int(10, 14) * 50;
    return {
      files: {
        'tiers.js': source(`
/**
 * Prices per unit by tier. The first ${first} units belong to the first tier, units after that up to
 * the ${second}th to the second one, all further units to the third.
 */
export const TIERS = [
  { upTo: ${first}, price: ${prices[0]} },
  { upTo: ${second}, price: ${prices[1]} },
  { upTo: null, price: ${prices[2]} },
];

/** How many of the units numbered from + 1 to \`quantity\` lie at or below the limit of a tier. */
export function unitsWithin(tier, from, quantity) {
  const end = tier.upTo === null ? quantity : Math.min(tier.upTo, quantity);
  return Math.max(0, end - from);
}
`),
        'delivery.js': source(`
/** Sending costs ${fee}, and nothing from a goods value of ${free} on or when it is collected. */
export function deliveryFee(goods, collected) {
  if (collected) return 0;
  return goods >= ${free} ? 0 : ${fee};
}
`),
        'index.js': source(`
import { deliveryFee } from './delivery.js';
import { TIERS, unitsWithin } from './tiers.js';

/**
 * What an order of one ${thing} comes to: each unit at the price of its own tier, plus sending.
 * Nothing ordered costs nothing. \`quantity\` is a whole number from 0.
 */
export default function priceOf${capital(thing)}(quantity, collected) {
  if (quantity === 0) return { goods: 0, delivery: 0, total: 0 };
  let goods = 0;
  let from = 0;
  for (const tier of TIERS) {
    goods += unitsWithin(tier, from, quantity) * tier.price;
    if (tier.upTo === null || tier.upTo >= quantity) break;
    from = tier.upTo;
  }
  const delivery = deliveryFee(goods, collected);
  return { goods, delivery, total: goods + delivery };
}
`),
      },
      args: (draw) => [
        near(draw, [1, first, second, 15, Math.ceil(free / prices[0]!)]),
        draw.chance(40),
      ],
    };
  },
};

export const discounts: ProgramTemplate = {
  id: 'discounts',
  make(random, { thing }) {
    const most = random.int(30, 45);
    const floor = random.int(3, 9) * 100;
    return {
      files: {
        'rules.js': source(`
/** Whether a discount may be used: the basket is large enough and the day is not past its last day. */
export function applies(discount, subtotal, day) {
  if (subtotal < discount.minimum) return false;
  return discount.lastDay === null || day <= discount.lastDay;
}

/** Whole percent of an amount; halves are rounded up. */
export function percentOf(amount, percent) {
  return Math.floor((amount * percent + 50) / 100);
}
`),
        'choose.js': source(`
/**
 * The discounts to use. Those that stack are all used; of the others only the one with the highest
 * percentage, and only if that is more than what the stacking ones have together.
 */
export function chooseDiscounts(usable) {
  const stacking = usable.filter((discount) => discount.stacks);
  const together = stacking.reduce((sum, discount) => sum + discount.percent, 0);
  let best = null;
  for (const discount of usable) {
    if (discount.stacks) continue;
    if (best === null || discount.percent > best.percent) best = discount;
  }
  return best !== null && best.percent > together ? [best] : stacking;
}
`),
        'index.js': source(`
import { chooseDiscounts } from './choose.js';
import { applies, percentOf } from './rules.js';

/** All discounts together take off at most so many percent. */
const MOST_PERCENT = ${most};
/** Amounts are never discounted below this; smaller ones stay as they are. */
const FLOOR = ${floor};

/** The price of a basket of ${thing} rows after its discounts, and the codes that were used, in order. */
export default function discounted${capital(thing)}(subtotal, discounts, day) {
  const usable = discounts.filter((discount) => applies(discount, subtotal, day));
  const used = chooseDiscounts(usable);
  if (used.length === 0 || subtotal <= FLOOR) return { total: subtotal, codes: [] };
  const percent = used.reduce((sum, discount) => sum + discount.percent, 0);
  const off = percentOf(subtotal, Math.min(percent, MOST_PERCENT));
  return {
    total: Math.max(FLOOR, subtotal - off),
    codes: used.map((discount) => discount.code),
  };
}
`),
      },
      args: (draw) => [
        near(draw, [floor, floor + 120, 2000, 1000]),
        many(draw, 0, 4, (i) => ({
          code: `D${i + 1}`,
          percent: draw.int(1, 8) * 5,
          minimum: draw.pick([0, 0, floor, 1000, 2000]),
          lastDay: draw.chance(50) ? null : draw.int(8, 12),
          stacks: draw.chance(60),
        })),
        draw.int(7, 13),
      ],
    };
  },
};

export const splitBill: ProgramTemplate = {
  id: 'split-bill',
  make(_random, { person }) {
    return {
      files: {
        'shares.js': source(`
/** The whole part of each share, and what was lost by leaving out the rest. */
export function wholeShares(amount, weights) {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => ({
    whole: Math.floor((amount * weight) / total),
    rest: (amount * weight) % total,
  }));
}
`),
        'order.js': source(`
/**
 * Positions in the order in which they get one more unit: the largest rest first, among equal rests
 * the one that comes first in the list.
 */
export function byRest(shares) {
  const positions = shares.map((share, position) => position);
  positions.sort((a, b) => {
    if (shares[a].rest !== shares[b].rest) return shares[b].rest - shares[a].rest;
    return a - b;
  });
  return positions;
}
`),
        'index.js': source(`
import { byRest } from './order.js';
import { wholeShares } from './shares.js';

/**
 * Splits an amount among people by weight so that the parts add up exactly (largest remainder).
 * Who has no weight pays nothing; without any weight the result is null.
 * @param parties list of { ${person}, weight }, weights are whole numbers from 0
 */
export default function splitAmong(amount, parties) {
  const paying = parties.filter((party) => party.weight > 0);
  if (paying.length === 0) return null;
  const shares = wholeShares(amount, paying.map((party) => party.weight));
  let left = amount;
  for (const share of shares) left -= share.whole;
  for (const position of byRest(shares)) {
    if (left === 0) break;
    shares[position].whole += 1;
    left -= 1;
  }
  return parties.map((party) => {
    const at = paying.indexOf(party);
    return { ${person}: party.${person}, pays: at < 0 ? 0 : shares[at].whole };
  });
}
`),
      },
      args: (draw) => [
        draw.int(0, 120),
        many(draw, 0, 6, (i) => ({ [person]: `p${i + 1}`, weight: draw.int(0, 4) })),
      ],
    };
  },
};

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

export const changeCoins: ProgramTemplate = {
  id: 'change',
  make(random, { place }) {
    const coins = random.pick([
      [1, 2, 5, 10, 20, 50],
      [1, 3, 4, 10, 25],
      [1, 5, 7, 20],
      [2, 3, 7, 15],
    ]);
    return {
      files: {
        'coins.js': source(`
/** Values of the coins there are, smallest first. */
export const COINS = [${coins.join(', ')}];

/** Number of coins of each value in a list of values, largest value first. */
export function counted(values) {
  const counts = [];
  for (const value of [...COINS].reverse()) {
    const count = values.filter((one) => one === value).length;
    if (count > 0) counts.push({ value, count });
  }
  return counts;
}
`),
        'fewest.js': source(`
import { COINS } from './coins.js';

/**
 * For every amount up to the given one the last coin of a way to pay it with the fewest coins, or null
 * where it cannot be paid. Among ways with equally many coins the larger last coin is taken.
 */
export function lastCoins(amount) {
  const fewest = [0];
  const last = [null];
  for (let sum = 1; sum <= amount; sum++) {
    fewest[sum] = Infinity;
    last[sum] = null;
    for (const coin of COINS) {
      if (coin > sum) break;
      const needed = fewest[sum - coin] + 1;
      if (needed <= fewest[sum] && needed !== Infinity) {
        fewest[sum] = needed;
        last[sum] = coin;
      }
    }
  }
  return last;
}
`),
        'index.js': source(`
import { counted } from './coins.js';
import { lastCoins } from './fewest.js';

/**
 * The change that the till of a ${place} gives: as few coins as possible, largest value first.
 * @returns null where too little was paid or the change cannot be made up of the coins
 */
export default function changeFor(due, paid) {
  if (paid < due) return null;
  const last = lastCoins(paid - due);
  const values = [];
  let left = paid - due;
  while (left > 0) {
    const coin = last[left];
    if (coin === null) return null;
    values.push(coin);
    left -= coin;
  }
  return counted(values);
}
`),
      },
      args: (draw) => {
        const due = draw.int(0, 60);
        return [due, draw.chance(10) ? due - 1 : due + draw.int(0, 48)];
      },
    };
  },
};
