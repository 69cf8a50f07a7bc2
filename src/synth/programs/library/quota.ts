// Monthly allowances, what is carried over, and what is paid beyond them.

import { capital, many, near, source, type ProgramTemplate } from '../program.js';

export const quota: ProgramTemplate = {
  id: 'quota',
  make(random, { person }) {
    const included = random.int(8, 15) * 10;
    const step = random.int(2, 5) * 5;
    const price = random.int(3, 9);
    const warn = random.int(75, 90);
    return {
      files: {
        'plan.js': source(`
/** Units included each month. */
export const INCLUDED = ${included};
/** Beyond that, units are sold in blocks of this many; a begun block is paid in full. */
export const BLOCK = ${step};
export const BLOCK_PRICE = ${price};
/** From this share of the included units on, in percent, a warning is given. */
export const WARN_PERCENT = ${warn};
`),
        'carry.js': source(`
import { INCLUDED } from './plan.js';

/** Unused units go over to the next month, but no more than half of what a month includes. */
export function carriedOver(available, used) {
  const left = Math.max(0, available - used);
  return Math.min(left, Math.floor(INCLUDED / 2));
}
`),
        'index.js': source(`
import { carriedOver } from './carry.js';
import { BLOCK, BLOCK_PRICE, INCLUDED, WARN_PERCENT } from './plan.js';

/**
 * What a ${person} pays for the months of a contract, in order.
 * @param usage units used in each month
 * @returns per month: what was available, the extra cost, and whether a warning was given (only in
 *   months that need no extra units)
 */
export default function monthsOf${capital(person)}(usage) {
  let carried = 0;
  return usage.map((used) => {
    const available = INCLUDED + carried;
    const extra = Math.max(0, used - available);
    const cost = Math.ceil(extra / BLOCK) * BLOCK_PRICE;
    const warned = extra === 0 && used * 100 >= available * WARN_PERCENT;
    carried = carriedOver(available, used);
    return { available, cost, warned };
  });
}
`),
      },
      args: (draw) => [
        many(draw, 1, 5, () =>
          near(draw, [
            included,
            Math.floor((included * warn) / 100),
            included + step,
            included >> 1,
          ]),
        ),
      ],
    };
  },
};
