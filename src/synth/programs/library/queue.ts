// A queue by urgency that grows with waiting.

import { many, source, type ProgramTemplate } from '../program.js';

export const queue: ProgramTemplate = {
  id: 'queue',
  make(random, { person, place }) {
    const age = random.int(4, 8);
    return {
      files: {
        'order.js': source(`
/** Minutes of waiting that raise the urgency by one. */
const AGE = ${age};

/** Urgency at a time: what it was at first and one more for every full ${age} minutes of waiting, up to 9. */
export function urgencyAt(entry, time) {
  return Math.min(9, entry.urgency + Math.floor((time - entry.arrives) / AGE));
}

/** Position of whom to take: the most urgent one, of equal ones who came first, then who was listed first. */
export function nextPosition(waiting, time) {
  let best = 0;
  for (let i = 1; i < waiting.length; i++) {
    const [a, b] = [urgencyAt(waiting[i], time), urgencyAt(waiting[best], time)];
    if (a > b || (a === b && waiting[i].arrives < waiting[best].arrives)) best = i;
  }
  return best;
}
`),
        'arrivals.js': source(`
/** Moves those who have arrived by a time from one list to the other, in their order. */
export function admit(expected, waiting, time) {
  for (let i = 0; i < expected.length; ) {
    if (expected[i].arrives <= time) waiting.push(...expected.splice(i, 1));
    else i += 1;
  }
}
`),
        'index.js': source(`
import { admit } from './arrivals.js';
import { nextPosition } from './order.js';

/**
 * In which order one desk of a ${place} serves each ${person}, and how long they wait. Whoever is being
 * served is served to the end.
 * @param people list of { name, arrives, minutes, urgency }
 */
export default function serve(people) {
  const expected = [...people];
  const waiting = [];
  const served = [];
  let time = 0;
  while (expected.length > 0 || waiting.length > 0) {
    admit(expected, waiting, time);
    if (waiting.length === 0) {
      time = Math.min(...expected.map((one) => one.arrives));
      continue;
    }
    const [one] = waiting.splice(nextPosition(waiting, time), 1);
    served.push({ name: one.name, waits: time - one.arrives });
    time += one.minutes;
  }
  return { served, ends: time };
}
`),
      },
      args: (draw) => [
        many(draw, 0, 6, (i) => ({
          name: `p${i + 1}`,
          arrives: draw.int(0, 12),
          minutes: draw.int(1, age + 1),
          urgency: draw.pick([1, 2, 3, 3, 8, 9]),
        })),
      ],
    };
  },
};
