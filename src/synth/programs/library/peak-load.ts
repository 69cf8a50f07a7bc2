// The largest number present at once, by sweeping over comings and goings.

import { many, source, type ProgramTemplate } from '../program.js';
import { span } from './draws.js';

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
