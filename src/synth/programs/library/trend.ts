// Moving means and what departs from them.

import { many, source, type ProgramTemplate } from '../program.js';

export const movingMean: ProgramTemplate = {
  id: 'trend',
  make(random, { thing }) {
    const window = random.int(3, 4);
    const percent = random.int(2, 5) * 10;
    return {
      files: {
        'window.js': source(`
/** So many values are averaged: the present one and those before it. */
export const WINDOW = ${window};

/** Mean of the window that ends at a place, rounded down; null while there are not enough values. */
export function meanAt(values, end) {
  if (end + 1 < WINDOW) return null;
  let sum = 0;
  for (let i = end - WINDOW + 1; i <= end; i++) sum += values[i];
  return Math.floor(sum / WINDOW);
}
`),
        'alarm.js': source(`
/** An alarm is given where a value is more than ${percent} percent away from the mean before it. */
const PERCENT = ${percent};

export function isAlarm(value, mean) {
  return Math.abs(value - mean) * 100 > mean * PERCENT;
}
`),
        'index.js': source(`
import { isAlarm } from './alarm.js';
import { meanAt } from './window.js';

/**
 * Watches daily counts of a ${thing}: the mean of the last days at each place (null at first), the places (from 0)
 * with an alarm, and whether the means rise: the last one is higher than the first known one.
 */
export default function watch(values) {
  const means = values.map((value, i) => meanAt(values, i));
  const alarms = [];
  for (let i = 1; i < values.length; i++) {
    const mean = means[i - 1];
    if (mean !== null && isAlarm(values[i], mean)) alarms.push(i);
  }
  const known = means.filter((mean) => mean !== null);
  const rises = known.length > 1 && known[known.length - 1] > known[0];
  return { means, alarms, rises };
}
`),
      },
      args: (draw) => {
        const level = draw.int(10, 20);
        return [
          many(draw, 0, 9, () =>
            draw.pick([
              level,
              level + 1,
              level - 1,
              level + Math.floor((level * percent) / 100),
              level + Math.ceil((level * percent) / 100) + 1,
              level * 2,
            ]),
          ),
        ];
      },
    };
  },
};
