// Undo and redo.

import { many, source, type ProgramTemplate } from '../program.js';

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
