// Appointments that collide, and which of them is given up.

import { many, source, type ProgramTemplate } from '../program.js';

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
