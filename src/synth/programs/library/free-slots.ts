// Free starts between bookings with pauses around them.

import { many, source, type ProgramTemplate } from '../program.js';
import { span } from './draws.js';

export const freeSlots: ProgramTemplate = {
  id: 'free-slots',
  make(random, { person, place }) {
    const pause = random.int(1, 3);
    return {
      files: {
        'busy.js': source(`
/** Minutes that must stay free before and after everything that is booked. */
const PAUSE = ${pause};

/** What cannot be used of the day, in order of starts. */
export function blocked(bookings) {
  return bookings
    .filter((booking) => !booking.cancelled)
    .map(({ from, to }) => ({ from: from - PAUSE, to: to + PAUSE }))
    .sort((a, b) => a.from - b.from);
}
`),
        'gaps.js': source(`
/** The free parts of a day that runs from \`open\` to \`close\`, in order. */
export function gaps(blocks, open, close) {
  const free = [];
  let at = open;
  for (const { from, to } of blocks) {
    if (from > at) free.push({ from: at, to: Math.min(from, close) });
    at = Math.max(at, to);
    if (at >= close) break;
  }
  if (at < close) free.push({ from: at, to: close });
  return free.filter((gap) => gap.from < gap.to);
}
`),
        'index.js': source(`
import { blocked } from './busy.js';
import { gaps } from './gaps.js';

/**
 * Starts that a ${person} can be offered at a ${place}: every full \`step\` from the beginning of a gap, as
 * long as the visit still ends within the gap.
 * @param day { open, close } in minutes
 */
export default function offeredStarts(day, bookings, length, step) {
  const starts = [];
  for (const gap of gaps(blocked(bookings), day.open, day.close)) {
    for (let start = gap.from; start + length <= gap.to; start += step) {
      starts.push(start);
    }
  }
  return starts;
}
`),
      },
      args: (draw) => [
        { open: draw.int(0, 4), close: draw.int(22, 32) },
        many(draw, 0, 4, () => ({ ...span(draw), cancelled: draw.chance(20) })),
        draw.int(1, 5),
        draw.int(1, 4),
      ],
    };
  },
};
