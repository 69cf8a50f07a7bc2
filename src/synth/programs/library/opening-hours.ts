// Opening spans that may go on after midnight.

import { source, type ProgramTemplate } from '../program.js';

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
