// Seats side by side for groups.

import { many, near, source, type ProgramTemplate } from '../program.js';

export const seating: ProgramTemplate = {
  id: 'seating',
  make(random, { place }) {
    const seats = random.int(6, 9);
    const rows = random.int(3, 4);
    return {
      files: {
        'rows.js': source(`
/** A ${place} has ${rows} rows of ${seats} seats; seats are numbered from 1. */
export const ROWS = ${rows};
export const SEATS = ${seats};

/** Starts of all runs of so many free seats in a row. */
export function runsIn(taken, row, size) {
  const starts = [];
  for (let start = 1; start + size - 1 <= SEATS; start++) {
    let free = true;
    for (let seat = start; seat < start + size; seat++) {
      if (taken.has(row + ':' + seat)) free = false;
    }
    if (free) starts.push(start);
  }
  return starts;
}
`),
        'best.js': source(`
import { SEATS } from './rows.js';

/** Distance of a run of seats from the middle of its row, in half seats. */
export function distance(start, size) {
  return Math.abs(2 * start + size - 1 - (SEATS + 1));
}

/** The run nearest to the middle; of two equally near ones the left one. */
export function nearestMiddle(starts, size) {
  let best = starts[0];
  for (const start of starts) {
    if (distance(start, size) < distance(best, size)) best = start;
  }
  return best;
}
`),
        'index.js': source(`
import { nearestMiddle } from './best.js';
import { ROWS, runsIn, SEATS } from './rows.js';

/**
 * Seats for groups in order: side by side in the frontmost row with room, as near to the middle as can be.
 * @param groups sizes
 * @param blocked list of "row:seat"
 * @returns for each group { row, from } or null where it cannot sit together
 */
export default function seat(groups, blocked) {
  const taken = new Set(blocked);
  return groups.map((size) => {
    if (size < 1 || size > SEATS) return null;
    for (let row = 1; row <= ROWS; row++) {
      const starts = runsIn(taken, row, size);
      if (starts.length === 0) continue;
      const from = nearestMiddle(starts, size);
      for (let i = 0; i < size; i++) taken.add(row + ':' + (from + i));
      return { row, from };
    }
    return null;
  });
}
`),
      },
      args: (draw) => [
        many(draw, 1, 6, () => near(draw, [2, 3, seats, 4])),
        many(draw, 0, 5, () => `${draw.int(1, rows)}:${draw.int(1, seats)}`),
      ],
    };
  },
};
