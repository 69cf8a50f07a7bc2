// F1, constrained selection: choose things for slots under demands, tiers and conditions that depend on
// one another, like the release's trip example. The world and the choice come first; constraints are
// drawn around the choice until at most three choices are right. Source: agents reference §6.4 F1.

import { ChoiceChecks, fieldIs, hasFields } from './choose/checks.js';
import { Draw } from './choose/draw.js';
import { readChoice, type ChoiceIr } from './choose/meaning.js';
import { nearChoices } from './choose/near.js';
import { assemble, attempt, drawPicks, filled, temptingPicks, worldFor } from './choose/propose.js';
import { tighten, type Tightened } from './choose/tighten.js';
import type { Pick } from './choose/truth.js';
import { choosables, ChoiceWorld } from './choose/world.js';
import { MAX_RIGHT_ENDS, type TaskFamily } from './family.js';
import type { Random } from '../random.js';
import type { Candidate, Language } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { JsonObject } from '../world-types.js';

/** Share of requests that say what to do if nothing fits, so that saying it gives nothing away. */
const REFUSE_PERCENT = 40;
/** Choices that constraints are drawn around before the tables are given up. */
const DRAWS = 6;

export const selection: TaskFamily = {
  id: 'selection',
  applies: (env) => choosables(env).length > 0,
  propose: (loaded, random, language, level) =>
    attempt(() => propose(loaded, random, language, level)),
  parse(text, env, language) {
    const ir = readChoice(text, env, language);
    return ir && ir.objective === null && ir.ruled.length === 0
      ? (ir as unknown as JsonObject)
      : null;
  },
  solve(loaded, patch, ir) {
    const { picks, constraints, refuse } = ir as unknown as ChoiceIr;
    const world = new ChoiceWorld(loaded, patch, picks);
    return world.search
      .all(constraints, MAX_RIGHT_ENDS + 1)
      .map((pick) => ({ submission: filled(world, pick, refuse), changes: [] }));
  },
  near(loaded, patch, ir) {
    const { picks, constraints, refuse } = ir as unknown as ChoiceIr;
    const world = new ChoiceWorld(loaded, patch, picks);
    return nearChoices(world, constraints, (pick) => filled(world, pick, refuse));
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
  const draw = new Draw(world, random);
  let tight: Tightened | null = null;
  for (let tries = 0; !tight && tries < DRAWS; tries++) {
    const wish = { tiers: random.chance(40), joint: random.int(1, level >= 2 ? 3 : 2) };
    tight = tighten(world, draw, wish, random);
    if (tight?.answers.some((pick) => world.repeats(pick))) tight = null;
  }
  if (!tight) return null;
  const { constraints, answers, nearMisses } = tight;
  const refuse = random.chance(REFUSE_PERCENT);
  const name = (pick: Pick): JsonObject => filled(world, pick, refuse);
  const [answer, ...others] = answers.map(name);
  const checks = new ChoiceChecks(loaded.env, world.slots, world.things);
  const fields = [...(refuse ? ['feasible'] : []), ...world.slots.map(({ id }) => id)];
  const isRight = (pick: Pick): boolean =>
    constraints.every((constraint) => world.truth.test(constraint)(pick));
  const tempting = [
    ...nearMisses.map(({ violated, pick }, i) => ({ id: `violates:${violated}:${i + 1}`, pick })),
    ...temptingPicks(world, constraints, answers[0]!, random),
  ].filter(({ pick }) => !isRight(pick));
  return assemble({
    family: 'selection',
    world,
    ir: { picks: world.picks, constraints, ruled: [], objective: null, refuse },
    constraints,
    checks: [
      hasFields(fields),
      ...(refuse ? [fieldIs('feasible', true)] : []),
      ...checks.all(constraints),
    ],
    answer: answer!,
    others,
    wrong: tempting.map(({ id, pick }) => ({ id, answer: name(pick) })),
    language,
    random,
  });
}
