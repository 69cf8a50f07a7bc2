// Change in as few coins as possible, by dynamic programming.

import { source, type ProgramTemplate } from '../program.js';

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
