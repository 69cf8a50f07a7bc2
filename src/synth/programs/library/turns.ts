// Turns shared out fairly, with rests and absences.

import { many, source, type ProgramTemplate } from '../program.js';

export const turns: ProgramTemplate = {
  id: 'turns',
  make(random, { person }) {
    const rest = random.int(1, 2);
    const most = random.int(2, 3);
    return {
      files: {
        'can.js': source(`
/** Nobody has more than this many turns altogether. */
const MOST = ${most};
/** Between two turns of one person at least this many days lie. */
const REST = ${rest};

export function canDo(one, day, turns) {
  if (one.away.includes(day)) return false;
  const own = turns.filter((turn) => turn.name === one.name);
  if (own.length >= MOST) return false;
  return own.every((turn) => day - turn.day > REST);
}
`),
        'fair.js': source(`
/** Whoever has had fewest turns; of those whose last turn is longest ago; of those the first listed. */
export function fairest(candidates, turns) {
  const key = (one) => {
    const own = turns.filter((turn) => turn.name === one.name);
    return { count: own.length, last: own.length === 0 ? 0 : own[own.length - 1].day };
  };
  let best = null;
  for (const one of candidates) {
    if (best === null) {
      best = one;
      continue;
    }
    const [a, b] = [key(one), key(best)];
    if (a.count < b.count || (a.count === b.count && a.last < b.last)) best = one;
  }
  return best;
}
`),
        'index.js': source(`
import { canDo } from './can.js';
import { fairest } from './fair.js';

/**
 * Who has a turn on each of the days 1 to \`days\`; null where nobody can.
 * @param people list of { name, away }: each ${person} and the days of absence
 */
export default function assignTurns(people, days) {
  const turns = [];
  const plan = [];
  for (let day = 1; day <= days; day++) {
    const candidates = people.filter((one) => canDo(one, day, turns));
    const chosen = fairest(candidates, turns);
    if (chosen !== null) turns.push({ name: chosen.name, day });
    plan.push(chosen === null ? null : chosen.name);
  }
  return plan;
}
`),
      },
      args: (draw) => [
        many(draw, 1, 5, (i) => ({
          name: `n${i + 1}`,
          away: many(draw, 0, 4, () => draw.int(1, 9)),
        })),
        draw.int(3, 9),
      ],
    };
  },
};
