// Programs that keep something between steps: caches, queues, histories, stocks, workflows.

import { many, near, source, type ProgramTemplate } from '../program.js';

export const cache: ProgramTemplate = {
  id: 'cache',
  make(random, { thing }) {
    const capacity = random.int(2, 4);
    const life = random.int(5, 9);
    return {
      files: {
        'cache.js': source(`
/** A cache holds ${capacity} entries; the one that was not used for longest makes room. */
export const CAPACITY = ${capacity};
/** An entry is good for ${life} seconds after it was put in; reading does not make it last longer. */
export const SECONDS = ${life};

/** Entries in order of use, the latest last. */
export function newCache() {
  return { entries: [] };
}

export function put(cache, key, time) {
  const entries = cache.entries.filter((entry) => entry.key !== key);
  if (entries.length >= CAPACITY) entries.shift();
  entries.push({ key, time });
  cache.entries = entries;
}
`),
        'read.js': source(`
import { SECONDS } from './cache.js';

/** Whether an entry is there and still good; then it is the latest used one. A bad one is thrown out. */
export function get(cache, key, time) {
  const at = cache.entries.findIndex((entry) => entry.key === key);
  if (at < 0) return false;
  const [entry] = cache.entries.splice(at, 1);
  if (time - entry.time >= SECONDS) return false;
  cache.entries.push(entry);
  return true;
}
`),
        'index.js': source(`
import { newCache, put } from './cache.js';
import { get } from './read.js';

/**
 * Looks up ${thing} keys in order (times never fall): what is not in the cache is loaded and put in.
 * A call with \`drop\` takes the key out instead and counts as neither.
 * @returns hits, loads, and the keys in the cache at the end, the latest used one last
 */
export default function simulate(calls) {
  const cache = newCache();
  let hits = 0;
  let loads = 0;
  for (const { key, time, drop } of calls) {
    if (drop) {
      cache.entries = cache.entries.filter((entry) => entry.key !== key);
      continue;
    }
    if (get(cache, key, time)) {
      hits += 1;
      continue;
    }
    loads += 1;
    put(cache, key, time);
  }
  return { hits, loads, keys: cache.entries.map((entry) => entry.key) };
}
`),
      },
      args: (draw) => {
        let time = 0;
        return [
          many(draw, 1, 12, () => {
            time += draw.pick([0, 1, 1, 2, life - 1, life]);
            return {
              key: draw.pick(['a', 'b', 'c', 'd', 'e']),
              time,
              ...(draw.chance(10) && { drop: true }),
            };
          }),
        ];
      },
    };
  },
};

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

export const history: ProgramTemplate = {
  id: 'history',
  make(random, { thing }) {
    const depth = random.int(3, 5);
    return {
      files: {
        'stack.js': source(`
/** So many steps can be undone; older ones are forgotten. */
const DEPTH = ${depth};

/** Notes a state to come back to. What had been undone before can then not be redone any more. */
export function remember(history, state) {
  history.past.push(state);
  if (history.past.length > DEPTH) history.past.shift();
  history.future = [];
}

/** Goes one step back or forward; the same state where there is none. */
export function step(history, state, from, to) {
  if (history[from].length === 0) return state;
  history[to].push(state);
  return history[from].pop();
}
`),
        'apply.js': source(`
/** The fields after a change: null takes a field out. The old object stays as it is. */
export function applied(fields, change) {
  const out = { ...fields };
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete out[name];
    else out[name] = value;
  }
  return out;
}

export function isSame(a, b) {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
`),
        'index.js': source(`
import { applied, isSame } from './apply.js';
import { remember, step } from './stack.js';

/**
 * A ${thing} form after actions: { set }, "undo" or "redo". A change that changes nothing is no step.
 * @returns the fields, and how many steps can be undone and redone
 */
export default function edit(actions) {
  const history = { past: [], future: [] };
  let fields = {};
  for (const action of actions) {
    if (action === 'undo') fields = step(history, fields, 'past', 'future');
    else if (action === 'redo') fields = step(history, fields, 'future', 'past');
    else {
      const next = applied(fields, action.set);
      if (isSame(fields, next)) continue;
      remember(history, fields);
      fields = next;
    }
  }
  return { fields, undo: history.past.length, redo: history.future.length };
}
`),
      },
      args: (draw) => [
        many(draw, 1, 10, () =>
          draw.chance(60)
            ? { set: { [draw.pick(['x', 'y'])]: draw.pick([1, 2, 3, null]) } }
            : draw.pick(['undo', 'undo', 'redo']),
        ),
      ],
    };
  },
};

export const stockCost: ProgramTemplate = {
  id: 'stock-cost',
  make(random, { thing }) {
    const low = random.int(4, 8);
    return {
      files: {
        'lots.js': source(`
/**
 * Takes a quantity out of lots { quantity, price }, the oldest first; used up lots are removed.
 * @returns what it cost, or null and nothing taken if there is too little
 */
export function takeOut(lots, quantity) {
  const there = lots.reduce((sum, lot) => sum + lot.quantity, 0);
  if (there < quantity) return null;
  let cost = 0;
  let left = quantity;
  while (left > 0) {
    const lot = lots[0];
    const taken = Math.min(lot.quantity, left);
    cost += taken * lot.price;
    lot.quantity -= taken;
    left -= taken;
    if (lot.quantity === 0) lots.shift();
  }
  return cost;
}
`),
        'value.js': source(`
export function quantityOf(lots) {
  return lots.reduce((sum, lot) => sum + lot.quantity, 0);
}

export function valueOf(lots) {
  return lots.reduce((sum, lot) => sum + lot.quantity * lot.price, 0);
}
`),
        'index.js': source(`
import { takeOut } from './lots.js';
import { quantityOf, valueOf } from './value.js';

/** At or below this quantity the ${thing} is to be ordered again. */
const LOW = ${low};

/**
 * Stock and profit after moves in order: { buy, price } and { sell, price }. What is sold costs what it was
 * bought for, first in, first out. Sales of more than is there do not take place.
 * @returns quantity, value at cost, profit, lost sales, and after which moves (from 1) it became low
 */
export default function stockAfter(moves) {
  const lots = [];
  let profit = 0;
  let lost = 0;
  const orders = [];
  moves.forEach((move, i) => {
    const before = quantityOf(lots);
    if (move.buy !== undefined) lots.push({ quantity: move.buy, price: move.price });
    else {
      const cost = takeOut(lots, move.sell);
      if (cost === null) lost += 1;
      else profit += move.sell * move.price - cost;
    }
    if (quantityOf(lots) <= LOW && before > LOW) orders.push(i + 1);
  });
  return { quantity: quantityOf(lots), value: valueOf(lots), profit, lost, orders };
}
`),
      },
      args: (draw) => [
        many(draw, 1, 8, (i) =>
          i === 0 || draw.chance(45)
            ? { buy: near(draw, [low, 5, 3]) + 1, price: draw.int(2, 9) }
            : { sell: near(draw, [low, 3, 2]), price: draw.int(4, 15) },
        ),
      ],
    };
  },
};

export const workflow: ProgramTemplate = {
  id: 'workflow',
  make(random, { thing }) {
    const needed = random.int(2, 3);
    const days = random.int(3, 6);
    return {
      files: {
        'moves.js': source(`
/** From which states an action is possible, and where it leads. */
const MOVES = {
  submit: { from: ['draft', 'returned'], to: 'waiting' },
  approve: { from: ['waiting'], to: 'waiting' },
  refuse: { from: ['waiting'], to: 'returned' },
  cancel: { from: ['draft', 'returned', 'waiting'], to: 'cancelled' },
  close: { from: ['approved'], to: 'closed' },
};

export function targetOf(action, state) {
  const move = MOVES[action];
  return move !== undefined && move.from.includes(state) ? move.to : null;
}
`),
        'votes.js': source(`
/** So many different people must approve, and the author does not count. */
const NEEDED = ${needed};

export function addVote(votes, by, author) {
  if (by === author || votes.includes(by)) return votes;
  return [...votes, by];
}

export function isApproved(votes) {
  return votes.length >= NEEDED;
}
`),
        'index.js': source(`
import { targetOf } from './moves.js';
import { addVote, isApproved } from './votes.js';

/** A ${thing} that waits longer than this many days goes back to its author. */
const DAYS = ${days};

/**
 * The state after events { day, action, by } in order of days; actions that are not possible are ignored.
 * Votes are lost whenever it is submitted again. Who has waited too long is returned before the event.
 * @param today the day at which the state is asked for, not before the last event
 */
export default function stateOf(author, events, today) {
  let state = 'draft';
  let votes = [];
  let since = 0;
  const expire = (day) => {
    if (state === 'waiting' && day - since > DAYS) state = 'returned';
  };
  for (const { day, action, by } of events) {
    expire(day);
    const target = targetOf(action, state);
    if (target === null) continue;
    if (action === 'submit') {
      votes = [];
      since = day;
    }
    if (action === 'approve') votes = addVote(votes, by, author);
    state = action === 'approve' && isApproved(votes) ? 'approved' : target;
  }
  expire(today);
  return { state, votes: votes.length };
}
`),
      },
      args: (draw) => {
        let day = draw.int(1, 3);
        const people = ['ann', 'bob', 'cat', 'dov'];
        const events = many(draw, 1, 8, (i) => {
          if (i > 0) day += draw.pick([0, 0, 1, 1, days, days + 1]);
          return {
            day,
            action:
              i === 0
                ? 'submit'
                : draw.pick([
                    'submit',
                    'approve',
                    'approve',
                    'approve',
                    'approve',
                    'refuse',
                    'close',
                    'cancel',
                  ]),
            by: draw.pick(people),
          };
        });
        return ['ann', events, day + draw.pick([0, days, days + 1])];
      },
    };
  },
};
