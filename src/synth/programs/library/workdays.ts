// Open days between two dates.

import { many, source, type ProgramTemplate } from '../program.js';
import { CIVIL } from './civil.js';

export const workdays: ProgramTemplate = {
  id: 'workdays',
  make(random, { place }) {
    const closed = random.pick([1, 3, 7]);
    const names: Record<number, string> = { 1: 'Mondays', 3: 'Wednesdays', 7: 'Sundays' };
    return {
      files: {
        'civil.js': CIVIL,
        'open.js': source(`
import { weekday } from './civil.js';

/** The ${place} is closed on ${names[closed]} and on the days listed. */
const CLOSED_WEEKDAY = ${closed};

export function isOpen(number, holidays) {
  if (weekday(number) === CLOSED_WEEKDAY) return false;
  return !holidays.includes(number);
}
`),
        'index.js': source(`
import { dayNumber } from './civil.js';
import { isOpen } from './open.js';

const numberOf = (date) => dayNumber(...date.split('-').map(Number));

/**
 * Open days from the first to the last day, both included; 0 if the last comes before the first.
 * @param holidays list of dates; all dates are YYYY-MM-DD
 */
export default function openDays(first, last, holidays) {
  const closed = holidays.map(numberOf);
  let count = 0;
  for (let day = numberOf(first); day <= numberOf(last); day++) {
    if (isOpen(day, closed)) count += 1;
  }
  return count;
}
`),
      },
      args: (draw) => {
        const year = draw.pick([2023, 2024, 2000, 2100]);
        const month = draw.pick([1, 2, 2, 3, 12]);
        const two = (value: number): string => String(value).padStart(2, '0');
        const date = (y: number, m: number, d: number): string => `${y}-${two(m)}-${two(d)}`;
        const day = draw.int(20, 28);
        const [endYear, endMonth] = month === 12 ? [year + 1, 1] : [year, month + 1];
        return [
          date(year, month, day),
          draw.chance(70)
            ? date(endYear, endMonth, draw.int(1, 9))
            : date(year, month, draw.int(18, 28)),
          many(draw, 0, 3, () => date(year, month, draw.int(20, 28))),
        ];
      },
    };
  },
};
