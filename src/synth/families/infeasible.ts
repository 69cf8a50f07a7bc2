// F11, the request that cannot be met: under all other demands even the cheapest choice costs more than
// the limit. Right is to say so, with the lowest total that is possible, and to change nothing. The same
// words about what to do then stand in requests that can be met, so they give nothing away.
// Source: agents reference §6.4 F11.

import { bestOf, corner, rankOf } from './choose/best.js';
import { fieldIs, hasFields } from './choose/checks.js';
import { Draw, roundBetween } from './choose/draw.js';
import { readChoice, type ChoiceIr, type Objective } from './choose/meaning.js';
import { assemble, attempt, drawPicks, filled, worldFor, type Wrong } from './choose/propose.js';
import { choosables, ChoiceWorld } from './choose/world.js';
import { clausesOf, type Constraint, type Total } from './constraint.js';
import type { TaskFamily } from './family.js';
import type { Random } from '../random.js';
import type { Candidate, Language } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { JsonObject } from '../world-types.js';

const MIN_CONSTRAINTS = 2;
const CHEAPEST: Objective = { goal: 'cheapest', ties: [] };

export const infeasible: TaskFamily = {
  id: 'infeasible',
  applies: (env) => choosables(env).length > 0,
  propose: (loaded, random, language, level) =>
    attempt(() => propose(loaded, random, language, level)),
  parse(text, env, language) {
    const ir = readChoice(text, env, language);
    return ir?.refuse === true && ir.objective === null && ir.ruled.length === 0
      ? (ir as unknown as JsonObject)
      : null;
  },
  solve(loaded, patch, ir) {
    const { picks, constraints } = ir as unknown as ChoiceIr;
    const world = new ChoiceWorld(loaded, patch, picks);
    if (world.search.all(constraints, 1).length > 0) return [];
    const rest = constraints.filter((constraint) => !limitsAll(constraint));
    const { key } = bestOf(world, rest, rankOf(world, CHEAPEST));
    return key === undefined ? [] : [{ submission: refusal(key[0]!), changes: [] }];
  },
};

const refusal = (total: number): JsonObject => ({ feasible: false, lowest_total: total });

/** Whether it is a limit on the cost of all the choices together. */
function limitsAll(constraint: Constraint): boolean {
  const { kind } = constraint;
  return (kind === 'total' || kind === 'between') && constraint.of === 'all';
}

/** Limits on everything stand alone: behind a condition it would be open whether they are set aside. */
const limitsAllInside = (constraint: Constraint): boolean =>
  limitsAll(constraint) || clausesOf(constraint).some(limitsAll);

function propose(
  loaded: LoadedEnvironment,
  random: Random,
  language: Language,
  level: number,
): Candidate | null {
  const world = worldFor(loaded, drawPicks(loaded, random, level));
  if (!world) return null;
  const rank = rankOf(world, CHEAPEST);
  const draw = new Draw(world, random);
  const wish = {
    joint: random.int(2, 4 + level),
    tiers: level >= 1 && random.chance(60) ? 1 : 0,
    unwanted: limitsAllInside,
  };
  const cornered = corner(world, draw, rank, wish, random);
  if (!cornered || cornered.constraints.length < MIN_CONSTRAINTS) return null;
  const { constraints: others, best, without } = cornered;
  // The lowest total of different things must be no higher.
  if (best.picks.every((pick) => world.repeats(pick))) return null;
  const lowest = best.key![0]!;
  // Each of these totals is possible until the last demand is read.
  const tempting = without.map((pick) => rank.key(pick)[0]!);
  const value = roundBetween(Math.max(...tempting), lowest - 1, random);
  const blocking: Total = { kind: 'total', of: 'all', op: '<=', value };
  const constraints = [...others, blocking];
  const second = best.second ? rank.key(best.second)[0]! : lowest + 20;
  const totals = [...tempting, value, second, lowest - 1, lowest + 1, lowest * 100, 0];
  const wrong: Wrong[] = [
    ...[...best.picks, ...without].map((pick, i) => ({
      id: `claims-feasible:${i}`,
      answer: filled(world, pick, true),
    })),
    ...totals.map((total, i) => ({ id: `other-total:${i}`, answer: refusal(total) })),
    { id: 'no-total', answer: { feasible: false } },
    { id: 'feasible-with-total', answer: { ...refusal(lowest), feasible: true } },
  ];
  return assemble({
    family: 'infeasible',
    world,
    ir: { picks: world.picks, constraints, ruled: [], objective: null, refuse: true },
    constraints,
    checks: [
      hasFields(['feasible', 'lowest_total']),
      fieldIs('feasible', false),
      fieldIs('lowest_total', lowest),
    ],
    answer: refusal(lowest),
    others: [],
    wrong,
    language,
    random,
  });
}
