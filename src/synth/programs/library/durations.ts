// Texts like 1d 2h 30m, read, rounded and written.

import { many, source, type ProgramTemplate } from '../program.js';

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
