// Adding months and days to dates, with short months and leap years.

import { source, type ProgramTemplate } from '../program.js';

export const dueDate: ProgramTemplate = {
  id: 'due-date',
  make(random, { thing }) {
    const days = random.int(5, 12);
    return {
      files: {
        'months.js': source(`
export function isLeap(year) {
  if (year % 400 === 0) return true;
  return year % 4 === 0 && year % 100 !== 0;
}

/** Number of days of a month, 1 to 12. */
export function daysIn(year, month) {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
`),
        'shift.js': source(`
import { daysIn } from './months.js';

/** The date so many months later; where that month is too short, its last day. */
export function addMonths(date, count) {
  const index = date.year * 12 + (date.month - 1) + count;
  const year = Math.floor(index / 12);
  const month = (index % 12) + 1;
  return { year, month, day: Math.min(date.day, daysIn(year, month)) };
}

/** The date so many days later, from 0. */
export function addDays(date, count) {
  let { year, month, day } = date;
  day += count;
  while (day > daysIn(year, month)) {
    day -= daysIn(year, month);
    month += 1;
    if (month > 12) {
      month = 1;
      year += 1;
    }
  }
  return { year, month, day };
}
`),
        'index.js': source(`
import { addDays, addMonths } from './shift.js';

const pad = (value) => String(value).padStart(2, '0');

/**
 * When a ${thing} is due that was handed out on a day (YYYY-MM-DD): the months of its term later, and
 * with the usual grace of ${days} days after that unless \`strict\` is true.
 */
export default function dueOn(start, months, strict) {
  const [year, month, day] = start.split('-').map(Number);
  let date = addMonths({ year, month, day }, months);
  if (!strict) date = addDays(date, ${days});
  return date.year + '-' + pad(date.month) + '-' + pad(date.day);
}
`),
      },
      args: (draw) => {
        const year = draw.pick([1900, 2000, 2023, 2024, 2025, 2096, 2100]);
        const month = draw.pick([1, 1, 2, 3, 8, 10, 11, 12, 12]);
        const day = month === 2 ? draw.int(1, 28) : draw.pick([1, 15, 28, 29, 30, 30]);
        const two = (value: number): string => String(value).padStart(2, '0');
        return [
          `${year}-${two(month)}-${two(day)}`,
          draw.pick([0, 1, 1, 2, 3, 6, 11, 12, 25]),
          draw.chance(50),
        ];
      },
    };
  },
};
