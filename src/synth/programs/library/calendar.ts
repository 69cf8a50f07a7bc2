// Programs about days and hours, worked out on whole numbers without any clock or Date.

import { many, near, source, type ProgramTemplate } from '../program.js';

const CIVIL = source(`
/** Days since 1970-01-01 of a date of the Gregorian calendar. */
export function dayNumber(year, month, day) {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const monthFromMarch = (month + 9) % 12;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

/** Day of the week of a day number: 1 is Monday, 7 is Sunday. */
export function weekday(number) {
  return ((number % 7) + 10) % 7 + 1;
}
`);

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

export const openingHours: ProgramTemplate = {
  id: 'opening-hours',
  make(random, { place }) {
    const buffer = random.int(1, 4) * 5;
    return {
      files: {
        'clock.js': source(`
/** Minutes since midnight of a time like 09:30; 24:00 is the end of the day. */
export function minutesOf(time) {
  const [hours, minutes] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

export function timeOf(minutes) {
  const hours = Math.floor(minutes / 60) % 24;
  const pad = (value) => String(value).padStart(2, '0');
  return pad(hours) + ':' + pad(minutes % 60);
}
`),
        'hours.js': source(`
import { minutesOf } from './clock.js';

/**
 * Spans in minutes of one day, in order. A span that ends at or before its start goes on after
 * midnight: the day gets the part up to 24:00, and the part that began the day before.
 */
export function spansOf(week, day) {
  const spans = [];
  for (const { from, to } of week[(day + 6) % 7]) {
    if (minutesOf(to) <= minutesOf(from)) spans.push([0, minutesOf(to)]);
  }
  for (const { from, to } of week[day]) {
    const end = minutesOf(to) <= minutesOf(from) ? 1440 : minutesOf(to);
    spans.push([minutesOf(from), end]);
  }
  return spans.filter(([start, end]) => start < end).sort((a, b) => a[0] - b[0]);
}
`),
        'index.js': source(`
import { minutesOf, timeOf } from './clock.js';
import { spansOf } from './hours.js';

/** Nobody is let in during the last ${buffer} minutes of a span. */
const LAST_ENTRY = ${buffer};

/**
 * Whether the ${place} lets people in on a day (0 to 6) at a time, and when it does next that day.
 * @param week for each day its spans { from, to }
 * @returns { open, next }; \`next\` is null while it is open, or if it does not open again that day
 */
export default function entryAt(week, day, time) {
  const now = minutesOf(time);
  for (const [start, end] of spansOf(week, day)) {
    if (now < start) return { open: false, next: timeOf(start) };
    if (now < end - LAST_ENTRY) return { open: true, next: null };
  }
  return { open: false, next: null };
}
`),
      },
      args: (draw) => {
        const hour = (low: number, high: number): string =>
          `${String(draw.int(low, high)).padStart(2, '0')}:${draw.pick(['00', '30'])}`;
        const week = Array.from({ length: 7 }, () => {
          if (draw.chance(20)) return [];
          const spans = [{ from: hour(8, 10), to: hour(11, 13) }];
          if (draw.chance(60))
            spans.push({ from: hour(14, 17), to: draw.pick(['18:00', '20:30', '00:00', '01:30']) });
          return spans;
        });
        const minute = draw.pick([0, 30, 60 - buffer, 30 - buffer, 29, 59, 61 - buffer]);
        return [
          week,
          draw.int(0, 6),
          `${String(draw.pick([0, 1, 8, 9, 11, 12, 13, 16, 20, 23])).padStart(2, '0')}:${String(Math.min(59, minute)).padStart(2, '0')}`,
        ];
      },
    };
  },
};

export const durations: ProgramTemplate = {
  id: 'durations',
  make(random, { thing }) {
    const day = random.pick([8, 10, 24]);
    const round = random.pick([5, 10, 15]);
    return {
      files: {
        'units.js': source(`
/** Minutes of each unit. A day of work has ${day} hours. */
export const UNITS = { d: ${day * 60}, h: 60, m: 1 };

/** Larger units first: the order in which they may be written. */
export const ORDER = ['d', 'h', 'm'];
`),
        'parse.js': source(`
import { ORDER, UNITS } from './units.js';

/**
 * Minutes of a text like "1d 2h 30m": every part a whole number and its unit, each unit at most once
 * and larger units first. @returns null for any other text
 */
export function parseDuration(text) {
  const parts = text.split(' ').filter((part) => part !== '');
  if (parts.length === 0) return null;
  let minutes = 0;
  let last = -1;
  for (const part of parts) {
    const position = ORDER.indexOf(part.slice(-1));
    const digits = part.slice(0, -1);
    if (position <= last || digits === '') return null;
    if ([...digits].some((digit) => digit < '0' || digit > '9')) return null;
    minutes += Number(digits) * UNITS[ORDER[position]];
    last = position;
  }
  return minutes;
}
`),
        'format.js': source(`
import { ORDER, UNITS } from './units.js';

/** The shortest text for so many minutes: units that are zero are left out; "0m" for nothing. */
export function formatDuration(minutes) {
  const parts = [];
  let left = minutes;
  for (const unit of ORDER) {
    const count = Math.floor(left / UNITS[unit]);
    left -= count * UNITS[unit];
    if (count > 0) parts.push(count + unit);
  }
  return parts.length === 0 ? '0m' : parts.join(' ');
}
`),
        'index.js': source(`
import { formatDuration } from './format.js';
import { parseDuration } from './parse.js';

/**
 * Adds up the times booked on a ${thing}. Every time is rounded up to full ${round} minutes before;
 * texts that are no times are counted and otherwise ignored.
 */
export default function totalTime(texts) {
  let total = 0;
  let unreadable = 0;
  for (const text of texts) {
    const minutes = parseDuration(text);
    if (minutes === null) unreadable += 1;
    else total += Math.ceil(minutes / ${round}) * ${round};
  }
  return { total: formatDuration(total), unreadable };
}
`),
      },
      args: (draw) => [
        many(draw, 0, 5, () => {
          const parts = ['d', 'h', 'm'].flatMap((unit) =>
            draw.chance(55) ? [`${draw.pick([0, 1, 2, day, 45, 60, 7])}${unit}`] : [],
          );
          if (draw.chance(15)) parts.reverse();
          if (draw.chance(8)) parts.push(draw.pick(['h', '3x', '-1m', '2m', '1.5h', '9:m', 'a/m']));
          return parts.join(draw.chance(20) ? '  ' : ' ');
        }),
      ],
    };
  },
};

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
