// The shortest way in a network with changes (Dijkstra).

import { many, source, type ProgramTemplate } from '../program.js';
import { NODES } from './draws.js';

export const route: ProgramTemplate = {
  id: 'route',
  make(random, { place }) {
    const change = random.int(2, 4);
    return {
      files: {
        'network.js': source(`
/** Connections that start somewhere: both ways unless they are marked \`oneWay\`; closed ones are left out. */
export function departures(links, from) {
  const out = [];
  for (const link of links) {
    if (link.closed) continue;
    if (link.from === from) out.push({ to: link.to, minutes: link.minutes, line: link.line });
    else if (link.to === from && !link.oneWay) {
      out.push({ to: link.from, minutes: link.minutes, line: link.line });
    }
  }
  return out;
}
`),
        'cost.js': source(`
/** Minutes that a change from one line to another takes; getting on at the start is no change. */
const CHANGE = ${change};

export function costOf(line, next) {
  return next.minutes + (line !== null && line !== next.line ? CHANGE : 0);
}
`),
        'index.js': source(`
import { costOf } from './cost.js';
import { departures } from './network.js';

/**
 * The shortest way from one ${place} to another, with the time for changes (Dijkstra over places and lines).
 * @returns minutes and the number of changes (the fewest among equally short ways), or null if there is none
 */
export default function shortestWay(links, from, to) {
  const open = [{ at: from, line: null, minutes: 0, changes: 0 }];
  const seen = new Set();
  while (open.length > 0) {
    open.sort((a, b) => a.minutes - b.minutes || a.changes - b.changes);
    const here = open.shift();
    if (here.at === to) return { minutes: here.minutes, changes: here.changes };
    const id = here.at + ' ' + here.line;
    if (seen.has(id)) continue;
    seen.add(id);
    for (const next of departures(links, here.at)) {
      const changed = here.line !== null && here.line !== next.line ? 1 : 0;
      open.push({
        at: next.to,
        line: next.line,
        minutes: here.minutes + costOf(here.line, next),
        changes: here.changes + changed,
      });
    }
  }
  return null;
}
`),
      },
      args: (draw) => {
        const places = NODES.slice(0, 5);
        const links = many(draw, 3, 7, () => {
          const [from, to] = draw.sample(places, 2) as [string, string];
          return {
            from,
            to,
            minutes: draw.int(1, 9),
            line: draw.pick(['U', 'V']),
            ...(draw.chance(20) && { oneWay: true }),
            ...(draw.chance(12) && { closed: true }),
          };
        });
        return [links, draw.pick(places), draw.pick(places)];
      },
    };
  },
};
