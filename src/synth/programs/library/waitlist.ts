// Places, and who moves up from the list of those who wait.

import { many, source, type ProgramTemplate } from '../program.js';

export const waitlist: ProgramTemplate = {
  id: 'waitlist',
  make(random, { person, thing }) {
    const places = random.int(2, 4);
    const most = random.int(3, 4);
    return {
      files: {
        'list.js': source(`
/** A ${thing} has so many places, and its list of those who wait is so long at most. */
const PLACES = ${places};
const MOST_WAITING = ${most};

export function hasPlace(state) {
  return state.booked.length < PLACES;
}

export function hasRoom(state) {
  return state.waiting.length < MOST_WAITING;
}

/** Position of whom to move up: the first member, or the first of all where no member waits. */
export function nextUp(waiting) {
  const member = waiting.findIndex((one) => one.member);
  return member < 0 ? 0 : member;
}
`),
        'leave.js': source(`
import { hasPlace, nextUp } from './list.js';

/** Takes a name out of both lists and fills the places that are free then. */
export function leave(state, name) {
  state.booked = state.booked.filter((one) => one.name !== name);
  state.waiting = state.waiting.filter((one) => one.name !== name);
  while (hasPlace(state) && state.waiting.length > 0) {
    const [next] = state.waiting.splice(nextUp(state.waiting), 1);
    state.booked.push(next);
  }
}
`),
        'index.js': source(`
import { leave } from './leave.js';
import { hasPlace, hasRoom } from './list.js';

/**
 * Names of each ${person} booked and waiting after events { join, member } and { leave } in order. Who is on one of
 * the lists cannot join again; where both are full one is turned away.
 */
export default function lists(events) {
  const state = { booked: [], waiting: [] };
  let turnedAway = 0;
  for (const event of events) {
    if (event.leave !== undefined) {
      leave(state, event.leave);
      continue;
    }
    const one = { name: event.join, member: event.member === true };
    const isThere = [...state.booked, ...state.waiting].some((other) => other.name === one.name);
    if (isThere) continue;
    if (hasPlace(state)) state.booked.push(one);
    else if (hasRoom(state)) state.waiting.push(one);
    else turnedAway += 1;
  }
  const names = (list) => list.map((one) => one.name);
  return { booked: names(state.booked), waiting: names(state.waiting), turnedAway };
}
`),
      },
      args: (draw) => {
        const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
        return [
          many(draw, 3, 13, () =>
            draw.chance(78)
              ? { join: draw.pick(names), ...(draw.chance(40) && { member: draw.chance(80) }) }
              : { leave: draw.pick(names) },
          ),
        ];
      },
    };
  },
};
