// Use between readings of a counter that overflows.

import { many, source, type ProgramTemplate } from '../program.js';

export const meter: ProgramTemplate = {
  id: 'meter',
  make(random, { place }) {
    const digits = random.int(3, 4);
    const span = 10 ** digits;
    const most = random.int(3, 6) * 50;
    return {
      files: {
        'counter.js': source(`
/** The counter has ${digits} digits: after ${span - 1} it goes on with 0. */
const SPAN = ${span};

/** Units between two readings. */
export function unitsBetween(before, after) {
  const units = after - before;
  return units < 0 ? units + SPAN : units;
}
`),
        'check.js': source(`
/** More units than this in one day cannot be. */
const MOST_PER_DAY = ${most};

export function isPlausible(units, days) {
  return days > 0 && units <= days * MOST_PER_DAY;
}
`),
        'index.js': source(`
import { isPlausible } from './check.js';
import { unitsBetween } from './counter.js';

/**
 * What was used at a ${place} according to readings { day, value } in order. A reading that cannot be right after
 * the last good one (the same day or before, or too much) is left out and its number (from 1) listed.
 * @returns total units, the highest use per day between two good readings (rounded down), and wrong readings
 */
export default function usage(readings) {
  let last = null;
  let total = 0;
  let peak = 0;
  const wrong = [];
  readings.forEach((reading, i) => {
    if (last === null) {
      last = reading;
      return;
    }
    const days = reading.day - last.day;
    const units = unitsBetween(last.value, reading.value);
    if (!isPlausible(units, days)) {
      wrong.push(i + 1);
      return;
    }
    total += units;
    peak = Math.max(peak, Math.floor(units / days));
    last = reading;
  });
  return { total, peak, wrong };
}
`),
      },
      args: (draw) => {
        let [day, value] = [draw.int(1, 3), draw.int(span - 300, span - 1)];
        return [
          many(draw, 0, 6, () => {
            const passed = draw.pick([0, 1, 1, 2, 3]);
            day += passed;
            value = (value + draw.pick([0, 10, most * passed, most * passed + 1, 90, 40])) % span;
            return { day, value: draw.chance(90) ? value : draw.int(0, span - 1) };
          }),
        ];
      },
    };
  },
};
