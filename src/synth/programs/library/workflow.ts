// States, votes and deadlines of a request.

import { many, source, type ProgramTemplate } from '../program.js';

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
