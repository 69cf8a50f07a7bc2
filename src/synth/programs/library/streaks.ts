// Streaks of days with days that may be missed.

import { many, near, source, type ProgramTemplate } from '../program.js';

export const streaks: ProgramTemplate = {
  id: 'streaks',
  make(random, { person }) {
    const goal = random.int(5, 9);
    const freeze = random.int(1, 2);
    return {
      files: {
        'days.js': source(`
/** A day counts from this many units on. */
const GOAL = ${goal};

/** Units by day number; several entries of one day add up. */
export function unitsByDay(entries) {
  const units = new Map();
  for (const { day, amount } of entries) units.set(day, (units.get(day) ?? 0) + amount);
  return units;
}

export function isReached(units, day) {
  return (units.get(day) ?? 0) >= GOAL;
}
`),
        'index.js': source(`
import { isReached, unitsByDay } from './days.js';

/** Within a streak so many days in a row may be missed; they do not add to its length. */
const MISSES = ${freeze};

/**
 * The longest streak of a ${person} from day 1 to \`today\` (the first of equally long ones), the one that still
 * runs today (0 if none), and the number of days at which the goal was reached.
 */
export default function streaks(entries, today) {
  const units = unitsByDay(entries);
  let length = 0;
  let start = 0;
  let missed = 0;
  let reached = 0;
  let longest = { start: null, length: 0 };
  for (let day = 1; day <= today; day++) {
    if (!isReached(units, day)) {
      missed += 1;
      if (missed > MISSES) length = 0;
      continue;
    }
    if (length === 0) start = day;
    length += 1;
    reached += 1;
    missed = 0;
    if (length > longest.length) longest = { start, length };
  }
  return { longest, current: length, reached };
}
`),
      },
      args: (draw) => {
        const today = draw.int(5, 12);
        return [
          many(draw, 2, 12, () => ({
            day: draw.int(0, today + 1),
            amount: near(draw, [goal, goal, goal - 2, 2]),
          })),
          today,
        ];
      },
    };
  },
};
