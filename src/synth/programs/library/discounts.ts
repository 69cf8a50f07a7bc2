// Discounts that stack or do not, with a limit and a floor.

import { capital, many, near, source, type ProgramTemplate } from '../program.js';

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
