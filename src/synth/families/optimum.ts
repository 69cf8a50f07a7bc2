// F2, the best choice: the cheapest or dearest that meets all demands, with a stated way to tell equal
// ones apart; exactly one answer is right. Constraints are drawn against what is best without them.
// Source: agents reference §6.4 F2.

import { bestOf, corner, rankOf } from './choose/best.js';
import { ChoiceChecks, fieldIs, hasFields } from './choose/checks.js';
import { Draw } from './choose/draw.js';
import { readChoice, type ChoiceIr, type Objective } from './choose/meaning.js';
import { bestAsDemands, nearChoices } from './choose/near.js';
import { assemble, attempt, drawPicks, filled, temptingPicks, worldFor } from './choose/propose.js';
import type { Pick } from './choose/truth.js';
import { choosables, ChoiceWorld } from './choose/world.js';
import type { TaskFamily } from './family.js';
import type { Random } from '../random.js';
import type { Candidate, Language } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { JsonObject } from '../world-types.js';

const REFUSE_PERCENT = 30;
/** Fewer demands than this make no search. */
const MIN_CONSTRAINTS = 3;

export const optimum: TaskFamily = {
  id: 'optimum',
  applies: (env) => choosables(env).length > 0,
  propose: (loaded, random, language, level) =>
    attempt(() => propose(loaded, random, language, level)),
  parse(text, env, language) {
    const ir = readChoice(text, env, language);
    return ir && ir.objective !== null && ir.ruled.length === 0
      ? (ir as unknown as JsonObject)
      : null;
  },
  solve(loaded, patch, ir) {
    const { picks, constraints, refuse, objective } = ir as unknown as ChoiceIr;
    const world = new ChoiceWorld(loaded, patch, picks);
    return bestOf(world, constraints, rankOf(world, objective!)).picks.map((pick) => ({
      submission: filled(world, pick, refuse),
      changes: [],
    }));
  },
  near(loaded, patch, ir) {
    const { picks, constraints, refuse, objective } = ir as unknown as ChoiceIr;
    const world = new ChoiceWorld(loaded, patch, picks);
    const [best] = bestOf(world, constraints, rankOf(world, objective!)).picks;
    if (!best) return undefined;
    const demands = [...constraints, ...bestAsDemands(world, best, objective!)];
    return nearChoices(world, demands, (pick) => filled(world, pick, refuse));
  },
};

function propose(
  loaded: LoadedEnvironment,
  random: Random,
  language: Language,
  level: number,
): Candidate | null {
  const world = worldFor(loaded, drawPicks(loaded, random, level));
  if (!world) return null;
  const ids = world.slots.map(({ id }) => id);
  const objective: Objective = {
    goal: random.chance(70) ? 'cheapest' : 'dearest',
    ties: random.sample(ids, random.int(1, ids.length)),
  };
  const rank = rankOf(world, objective);
  const draw = new Draw(world, random);
  const wish = { joint: random.int(2, 4 + level), tiers: level >= 1 && random.chance(60) ? 1 : 0 };
  const cornered = corner(world, draw, rank, wish, random);
  if (!cornered || cornered.constraints.length < MIN_CONSTRAINTS) return null;
  const { constraints, best, without } = cornered;
  if (best.picks.length !== 1) return null;
  const right = best.picks[0]!;
  if (world.repeats(right)) return null;
  const refuse = random.chance(REFUSE_PERCENT);
  const name = (pick: Pick): JsonObject => filled(world, pick, refuse);
  const checks = new ChoiceChecks(loaded.env, world.slots, world.things);
  const cost = (of: readonly string[]): number =>
    world.truth.total(world.truth.positions(of), right);
  const tempting = [
    ...without.map((pick, i) => ({ id: `best-without:${i + 1}`, pick })),
    ...(best.second ? [{ id: 'second-best', pick: best.second }] : []),
    ...temptingPicks(world, constraints, right, random),
  ];
  return assemble({
    family: 'optimum',
    world,
    ir: { picks: world.picks, constraints, ruled: [], objective, refuse },
    constraints,
    checks: [
      hasFields([...(refuse ? ['feasible'] : []), ...ids]),
      ...(refuse ? [fieldIs('feasible', true)] : []),
      ...checks.all(constraints),
      checks.totalIs('total', 'all', cost(ids)),
      ...objective.ties.map((id) => checks.totalIs(`tie:${id}`, [id], cost([id]))),
    ],
    answer: name(right),
    others: [],
    wrong: tempting.map(({ id, pick }) => ({ id, answer: name(pick) })),
    language,
    random,
  });
}
