// Programs about spans of time: overlaps, gaps, peaks, conflicts.

import { many, source, type ProgramTemplate } from '../program.js';
import type { Random } from '../../random.js';

const span = (draw: Random): { from: number; to: number } => {
  const from = draw.int(0, 20);
  return { from, to: from + draw.pick([0, 1, 2, 3, 5, 8]) };
};

export const mergeSpans: ProgramTemplate = {
  id: 'merge-spans',
  make(random, { place }) {
    const gap = random.int(1, 3);
    return {
      files: {
        'spans.js': source(`
/** Spans are [from, to): \`to\` is not part of them. Empty ones are no spans. */
export function isSpan(span) {
  return span.from < span.to;
}

/** By their start; of equal starts the shorter one first. */
export function inOrder(spans) {
  return [...spans].sort((a, b) => a.from - b.from || a.to - b.to);
}
`),
        'merge.js': source(`
import { inOrder, isSpan } from './spans.js';

/** Spans that touch or are at most ${gap} apart count as one. */
const LARGEST_GAP = ${gap};

export function merged(spans) {
  const out = [];
  for (const span of inOrder(spans.filter(isSpan))) {
    const last = out[out.length - 1];
    if (last !== undefined && span.from - last.to <= LARGEST_GAP) {
      last.to = Math.max(last.to, span.to);
    } else {
      out.push({ from: span.from, to: span.to });
    }
  }
  return out;
}
`),
        'index.js': source(`
import { merged } from './merge.js';

/**
 * Times at which a ${place} is in use, joined, how long that is together, and the longest one (the
 * earliest of equally long ones; null if there is none).
 */
export default function usage(spans) {
  const joined = merged(spans);
  let total = 0;
  let longest = null;
  for (const span of joined) {
    const length = span.to - span.from;
    total += length;
    if (longest === null || length > longest.to - longest.from) longest = span;
  }
  return { spans: joined, total, longest };
}
`),
      },
      args: (draw) => [many(draw, 0, 6, () => span(draw))],
    };
  },
};

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

export const peakLoad: ProgramTemplate = {
  id: 'peak-load',
  make(random, { person, place }) {
    const limit = random.int(4, 7);
    return {
      files: {
        'events.js': source(`
/** Comings and goings in order of time. At one time those who go do so before others come. */
export function eventsOf(visits) {
  const events = [];
  for (const { from, to, size } of visits) {
    if (from >= to) continue;
    events.push({ time: from, change: size });
    events.push({ time: to, change: -size });
  }
  return events.sort((a, b) => a.time - b.time || a.change - b.change);
}
`),
        'index.js': source(`
import { eventsOf } from './events.js';

/** More than this is too many. */
const LIMIT = ${limit};

/**
 * How full a ${place} gets: the largest number of each ${person} present at once, when that is first
 * reached (null if nobody comes), and for how long there are too many of them altogether.
 */
export default function peak(visits) {
  let present = 0;
  let most = 0;
  let at = null;
  let crowded = 0;
  let last = 0;
  for (const { time, change } of eventsOf(visits)) {
    if (present > LIMIT) crowded += time - last;
    present += change;
    last = time;
    if (present > most) {
      most = present;
      at = time;
    }
  }
  return { most, at, crowded };
}
`),
      },
      args: (draw) => [many(draw, 0, 6, () => ({ ...span(draw), size: draw.int(1, 4) }))],
    };
  },
};

export const conflicts: ProgramTemplate = {
  id: 'conflicts',
  make(random, { thing, person }) {
    const travel = random.int(2, 4);
    return {
      files: {
        'overlap.js': source(`
/** Minutes that it takes to get from one place to another; none within a place. */
const TRAVEL = ${travel};

export function pauseBetween(a, b) {
  return a.place === b.place ? 0 : TRAVEL;
}

/** Whether one person cannot do both: they overlap, or there is no time to get from one to the other. */
export function collide(a, b) {
  const [first, second] = a.from <= b.from ? [a, b] : [b, a];
  return second.from < first.to + pauseBetween(first, second);
}
`),
        'rank.js': source(`
/** Which of two is given up: the one of lower priority, of equal ones the one that starts later. */
export function givenUp(a, b) {
  if (a.priority !== b.priority) return a.priority < b.priority ? a : b;
  return a.from > b.from ? a : b;
}
`),
        'index.js': source(`
import { collide } from './overlap.js';
import { givenUp } from './rank.js';

/**
 * Goes through the appointments of one ${person} in the order given and keeps what can be kept: a new one
 * that collides with kept ones takes their places only if it wins against all of them.
 * @returns ids of the ${thing} appointments kept, by start, and of those given up, in order of ids
 */
export default function resolve(appointments) {
  let kept = [];
  const lost = [];
  for (const one of appointments) {
    const against = kept.filter((other) => collide(one, other));
    if (against.every((other) => givenUp(other, one) === other)) {
      kept = kept.filter((other) => !against.includes(other));
      kept.push(one);
      lost.push(...against.map((other) => other.id));
    } else {
      lost.push(one.id);
    }
  }
  kept.sort((a, b) => a.from - b.from);
  return { kept: kept.map((one) => one.id), lost: lost.sort((a, b) => a - b) };
}
`),
      },
      args: (draw) => [
        many(draw, 1, 6, (i) => {
          const from = draw.int(0, 14);
          return {
            id: i + 1,
            from,
            to: from + draw.int(1, 5),
            place: draw.pick(['A', 'B']),
            priority: draw.int(1, 3),
          };
        }),
      ],
    };
  },
};
