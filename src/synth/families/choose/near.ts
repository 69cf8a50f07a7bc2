// Choices that miss a request by one demand: for each demand, what meets all the others. A verifier that
// is a little wrong in that demand shows itself on these and on nothing else.

import type { NearEnds } from '../family.js';
import type { Constraint } from '../constraint.js';
import { SearchTooLarge } from './search.js';
import type { Objective } from './meaning.js';
import type { Pick } from './truth.js';
import type { ChoiceWorld } from './world.js';

/** Of one demand. */
const MAX_NEAR = 200;
/** Ways to fill the slots that are looked through at most. */
const MAX_WAYS = 60_000;

/** What an objective comes to, as demands: the total of the best choice, and the costs that decide. */
export function bestAsDemands(
  { truth }: ChoiceWorld,
  best: Pick,
  { ties }: Objective,
): Constraint[] {
  const exactly = (of: 'all' | readonly string[]): Constraint => {
    const total = truth.total(truth.positions(of), best);
    return { kind: 'between', of, low: total, high: total };
  };
  return [exactly('all'), ...ties.map((id) => exactly([id]))];
}

/** undefined = there is too much to look through. */
export function nearChoices(
  world: ChoiceWorld,
  demands: readonly Constraint[],
  submitted: (pick: Pick) => Exclude<NearEnds['ends'][number]['submission'], undefined>,
): NearEnds[] | undefined {
  const near: NearEnds[] = [];
  for (const demand of demands) {
    const others = demands.filter((one) => one !== demand);
    if (world.search.ways(others) > MAX_WAYS) return undefined;
    const meets = world.truth.test(demand);
    const found: Pick[] = [];
    try {
      world.search.each(others, (pick) => !meets(pick) && found.push(pick) > MAX_NEAR);
    } catch (error) {
      if (error instanceof SearchTooLarge) return undefined;
      throw error;
    }
    const ends = found
      .slice(0, MAX_NEAR)
      .map((pick) => ({ submission: submitted(pick), changes: [] }));
    near.push({ ends, isComplete: found.length <= MAX_NEAR });
  }
  return near;
}
