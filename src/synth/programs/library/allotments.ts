// Programs that hand out: seats, rooms, turns, loads, deliveries.

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

export const packing: ProgramTemplate = {
  id: 'packing',
  make(random, { thing }) {
    const weight = random.int(18, 26);
    const pieces = random.int(3, 5);
    return {
      files: {
        'box.js': source(`
/** A box takes so much weight and so many pieces. */
const MOST_WEIGHT = ${weight};
const MOST_PIECES = ${pieces};

export function newBox() {
  return { weight: 0, pieces: [], fragile: false };
}

/** Fragile pieces go only with fragile ones; an empty box takes any piece that is not too heavy. */
export function fits(box, piece) {
  if (box.pieces.length >= MOST_PIECES) return false;
  if (box.weight + piece.weight > MOST_WEIGHT) return false;
  return box.pieces.length === 0 || box.fragile === piece.fragile;
}

export function putIn(box, piece) {
  box.weight += piece.weight;
  box.pieces.push(piece.id);
  box.fragile = piece.fragile;
}
`),
        'order.js': source(`
/** Heavier pieces first; equally heavy ones in the order of their ids. */
export function heaviestFirst(pieces) {
  return [...pieces].sort((a, b) => b.weight - a.weight || a.id - b.id);
}
`),
        'index.js': source(`
import { fits, newBox, putIn } from './box.js';
import { heaviestFirst } from './order.js';

/**
 * Packs ${thing} pieces { id, weight, fragile }: the heaviest first, each into the fullest box (by weight) that it
 * fits into, of equally full ones the earliest; a new box where it fits into none.
 * @returns ids by box, and ids of pieces that no box can take
 */
export default function pack(pieces) {
  const boxes = [];
  const left = [];
  for (const piece of heaviestFirst(pieces)) {
    let best = null;
    for (const box of boxes) {
      if (fits(box, piece) && (best === null || box.weight > best.weight)) best = box;
    }
    if (best === null) {
      best = newBox();
      if (!fits(best, piece)) {
        left.push(piece.id);
        continue;
      }
      boxes.push(best);
    }
    putIn(best, piece);
  }
  return { boxes: boxes.map((box) => box.pieces), left };
}
`),
      },
      args: (draw) => [
        many(draw, 0, 9, (i) => ({
          id: i + 1,
          weight: near(draw, [weight, weight >> 1, 3, 5]),
          fragile: draw.chance(35),
        })),
      ],
    };
  },
};

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

export const shipping: ProgramTemplate = {
  id: 'shipping',
  make(random, { thing, place }) {
    const base = random.int(3, 6);
    const heavy = random.int(10, 15);
    const cutoff = random.int(12, 15);
    return {
      files: {
        'zones.js': source(`
/** Days and price per started kilogram by zone; any other zone is not delivered to. */
const ZONES = {
  near: { days: 1, perKilo: ${base} },
  far: { days: 3, perKilo: ${base + 2} },
  abroad: { days: 6, perKilo: ${base + 5} },
};

export function zoneOf(name) {
  return Object.hasOwn(ZONES, name) ? ZONES[name] : null;
}
`),
        'weight.js': source(`
/** Grams that are paid for: what it weighs, or 1 gram per 5 cubic centimetres where that is more. */
export function paidWeight(parcel) {
  const bulk = Math.ceil((parcel.length * parcel.width * parcel.height) / 5);
  return Math.max(parcel.grams, bulk);
}

/** Started kilograms. */
export function kilos(grams) {
  return Math.max(1, Math.ceil(grams / 1000));
}
`),
        'index.js': source(`
import { kilos, paidWeight } from './weight.js';
import { zoneOf } from './zones.js';

/** From this many kilograms on a surcharge of half the price is due, rounded up; never with express. */
const HEAVY = ${heavy};
/** What is handed in at or after this hour leaves a day later. */
const CUTOFF = ${cutoff};

/**
 * Price and day of arrival of a ${thing} parcel from the ${place}. Express costs double and arrives in half of the
 * days, rounded up. @returns null for a zone that is not delivered to
 */
export default function quote(parcel, zoneName, day, hour, express) {
  const zone = zoneOf(zoneName);
  if (zone === null) return null;
  const weight = kilos(paidWeight(parcel));
  let price = weight * zone.perKilo;
  let days = zone.days;
  if (express) {
    price *= 2;
    days = Math.ceil(days / 2);
  } else if (weight >= HEAVY) price += Math.ceil(price / 2);
  const leaves = hour >= CUTOFF ? day + 1 : day;
  return { price, arrives: leaves + days };
}
`),
      },
      args: (draw) => [
        {
          grams: draw.pick([200, 1000, 1001, heavy * 1000, heavy * 1000 - 1000, 4500, 0]),
          length: draw.int(5, 40),
          width: draw.int(5, 30),
          height: draw.pick([1, 5, 10, 25]),
        },
        draw.pick(['near', 'far', 'abroad', 'abroad', 'far', 'moon']),
        draw.int(1, 9),
        near(draw, [cutoff, cutoff, 9]) % 24,
        draw.chance(35),
      ],
    };
  },
};

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
