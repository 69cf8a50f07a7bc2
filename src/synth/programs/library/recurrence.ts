// Dates that come again every so many days or on weekdays of every so many weeks.

import { many, near, source, type ProgramTemplate } from '../program.js';
import { CIVIL } from './civil.js';

export const recurrence: ProgramTemplate = {
  id: 'recurrence',
  make(_random, { thing }) {
    return {
      files: {
        'civil.js': CIVIL,
        'match.js': source(`
import { weekday } from './civil.js';

/**
 * Whether a day fits a rule: every \`every\` days from the start on, or, where weekdays are named, on
 * those weekdays of every \`every\`th week. Weeks begin on Monday.
 */
export function fits(rule, start, day) {
  if (day < start) return false;
  if (rule.weekdays === undefined) return (day - start) % rule.every === 0;
  if (!rule.weekdays.includes(weekday(day))) return false;
  const monday = (number) => number - weekday(number) + 1;
  return ((monday(day) - monday(start)) / 7) % rule.every === 0;
}
`),
        'index.js': source(`
import { dayNumber } from './civil.js';
import { fits } from './match.js';

/**
 * How many days after its start a recurring ${thing} takes place, for the first \`count\` times that are
 * not skipped and within a year (366 days).
 * @param start YYYY-MM-DD
 * @param skip distances from the start, in days, at which it is left out
 */
export default function occurrences(rule, start, count, skip) {
  const first = dayNumber(...start.split('-').map(Number));
  const found = [];
  for (let after = 0; after < 366 && found.length < count; after++) {
    if (!fits(rule, first, first + after)) continue;
    if (skip.includes(after)) continue;
    found.push(after);
  }
  return found;
}
`),
      },
      args: (draw) => [
        {
          every: draw.int(1, 4),
          ...(draw.chance(60) && { weekdays: draw.sample([1, 2, 3, 4, 5, 6, 7], draw.int(1, 3)) }),
        },
        draw.pick([
          '2024-02-28',
          '2023-12-30',
          '2025-01-06',
          '2024-12-31',
          '2023-03-01',
          '1999-12-31',
        ]),
        near(draw, [4, 1, 3]),
        many(draw, 0, 3, () => draw.int(0, 14)),
      ],
    };
  },
};
