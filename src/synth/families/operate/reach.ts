// Whether an asked-for state can be had at all: it is there already, or several allowed moves lead to it.
// A request for such a state is no example of what must be refused, since the wording asks for the state
// and not for one call.

import type { LoadedEnvironment } from '../../tools/session.js';
import { Trial } from './attempt.js';
import { affordancesOf, type Call, type Operation } from './operation.js';

/** Of a move that no single call makes; other operations have no detours. */
export function isWithinReach(loaded: LoadedEnvironment, op: Operation): boolean {
  if (op.kind !== 'move') return false;
  const workflow = affordancesOf(loaded.env, 'workflow').find(({ table }) => table === op.table);
  const key = new Trial(loaded).byName(op.table, op.row);
  if (!workflow || key === undefined) return false;
  const { table, column } = workflow;
  const steps = loaded.env.tools.flatMap(({ name, side, impl }) =>
    side === 'agent' && impl.archetype === 'transition' && impl.table === table
      ? [{ call: { tool: name, args: { [impl.param]: key } }, to: impl.to, from: impl.from }]
      : [],
  );
  const walk = (path: readonly Call[], passed: readonly string[]): boolean => {
    const trial = new Trial(loaded);
    if (!path.every((call) => trial.perform(call))) return false;
    const state = String(trial.row(table, key)?.[column]);
    if (state === op.to) return true;
    return steps.some(
      ({ call, to, from }) =>
        from.includes(state) && !passed.includes(to) && walk([...path, call], [...passed, to]),
    );
  };
  return walk([], []);
}
