// A price per unit that falls by tiers, and sending that is free from some value on.

import { capital, near, source, type ProgramTemplate } from '../program.js';

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
