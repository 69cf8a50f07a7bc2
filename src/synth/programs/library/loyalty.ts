// Points with levels, bonuses and expiry, spent oldest first.

import { capital, many, near, source, type ProgramTemplate } from '../program.js';

export const loyalty: ProgramTemplate = {
  id: 'loyalty',
  make(random, { person }) {
    const silver = random.int(8, 14) * 10;
    const gold = silver + random.int(15, 25) * 10;
    const bonus = random.int(2, 4) * 5;
    const valid = random.int(3, 5);
    return {
      files: {
        'levels.js': source(`
/** Levels by points, highest first: from so many points on a ${person} has the level. */
export const LEVELS = [
  { name: 'gold', from: ${gold}, percent: ${2 * bonus} },
  { name: 'silver', from: ${silver}, percent: ${bonus} },
  { name: 'basic', from: 0, percent: 0 },
];

export function levelOf(points) {
  return LEVELS.find((level) => points >= level.from);
}
`),
        'expiry.js': source(`
/** Points earned in a month can be used in that month and the ${valid} months after it. */
const MONTHS_VALID = ${valid};

export function isValid(earnedIn, month) {
  return month - earnedIn <= MONTHS_VALID;
}

/** Takes points off, the oldest first; false and nothing taken if there are not enough. */
export function takeOldest(lots, points) {
  const all = lots.reduce((sum, lot) => sum + lot.points, 0);
  if (all < points) return false;
  let left = points;
  for (const lot of lots) {
    const taken = Math.min(lot.points, left);
    lot.points -= taken;
    left -= taken;
  }
  return true;
}
`),
        'index.js': source(`
import { isValid, takeOldest } from './expiry.js';
import { levelOf } from './levels.js';

/**
 * Points of a ${person} after events in order (months never fall): { month, earn } adds points and the
 * percentage of the level held before (rounded down), { month, spend } takes them, oldest first.
 * @returns points, level, and how often too few points were there to spend
 */
export default function statusOf${capital(person)}(events) {
  let lots = [];
  let refused = 0;
  const sum = () => lots.reduce((all, lot) => all + lot.points, 0);
  for (const event of events) {
    lots = lots.filter((lot) => lot.points > 0 && isValid(lot.month, event.month));
    if (event.spend !== undefined) {
      if (!takeOldest(lots, event.spend)) refused += 1;
      continue;
    }
    const { percent } = levelOf(sum());
    const points = event.earn + Math.floor((event.earn * percent) / 100);
    lots.push({ month: event.month, points });
  }
  return { points: sum(), level: levelOf(sum()).name, refused };
}
`),
      },
      args: (draw) => {
        let month = 1;
        return [
          many(draw, 1, 7, () => {
            month += draw.pick([0, 0, 1, valid, valid + 1]);
            return draw.chance(65)
              ? { month, earn: near(draw, [silver, gold, 60]) }
              : { month, spend: near(draw, [silver, 30]) };
          }),
        ];
      },
    };
  },
};
