// Adds constraints around a planted choice until few choices are left, then drops those that do not
// matter: in the result every constraint, dropped alone, lets another choice in. That other choice is
// kept: it is a wrong answer that violates exactly this constraint. Source: agents reference §5 (G6).

import type { Random } from '../../random.js';
import type { Constraint } from '../constraint.js';
import type { Draw } from './draw.js';
import { MAX_ANSWERS, telltales, type Joint, type Wish } from './joint-demands.js';
import { MAX_OPEN, strongDemands } from './slot-demands.js';
import type { Pick } from './truth.js';
import type { ChoiceWorld } from './world.js';

/**
 * How often someone is right, in percent, who overlooks one constraint and takes any choice that meets
 * the others.
 */
const MAX_LUCK_PERCENT = 8;
/** Choices that conditions are drawn around; the one with the strongest is taken. */
const PLANTED = 6;
const CONDITIONS = { tiers: 2, conditionals: 6 } as const;
/** Open choices that tell how strong a condition is. */
const SAMPLE = 120;
/** Constraints on several slots to choose from. */
const POOL = { limits: 8, relations: 6 } as const;
/** How far a limit on a total lies from the total of the choice, at most, in percent. */
const SLACK_PERCENT = 6;
export interface Tightened {
  readonly constraints: readonly Constraint[];
  readonly answers: readonly Pick[];
  /** Choices that violate one constraint alone, several for each: near its limits and far from them. */
  readonly nearMisses: readonly { readonly violated: number; readonly pick: Pick }[];
}

/** null where no constraints leave few choices, or each of them is too weak. @throws SearchTooLarge */
export function tighten(
  world: ChoiceWorld,
  draw: Draw,
  wish: Wish,
  random: Random,
): Tightened | null {
  const { single, ways } = strongDemands(world, draw, random);
  if (ways >= MAX_OPEN) return null;
  const open = world.search.all(single, MAX_OPEN);
  if (open.length <= MAX_ANSWERS) return null;
  const { planted, conditions } = strongConditions(world, draw, open, wish, random);
  if (conditions.length === 0) return null;
  const pool = [...conditions, ...drawPool(draw, planted, random)];
  const isMet = pool.filter((one) => world.truth.test(one)(planted));
  const joint = telltales(world, isMet, open, planted, wish, random);
  return joint && onlyNeeded(world, { single, ...joint }, random);
}

/** Of several choices the one around which the strongest conditions can be drawn. */
function strongConditions(
  { truth }: ChoiceWorld,
  draw: Draw,
  open: readonly Pick[],
  { tiers }: Wish,
  random: Random,
): { readonly planted: Pick; readonly conditions: readonly Constraint[] } {
  const sample = Array.from({ length: SAMPLE }, () => random.pick(open));
  let best: { planted: Pick; conditions: readonly Constraint[]; share: number } | undefined;
  for (let drawn = 0; drawn < PLANTED; drawn++) {
    const planted = random.pick(open);
    const make = (): Constraint | null => (tiers ? draw.tiers(planted) : draw.conditional(planted));
    const count = tiers ? CONDITIONS.tiers : CONDITIONS.conditionals;
    const conditions = Array.from({ length: count }, make).filter(
      (one) => one !== null && truth.test(one)(planted),
    ) as Constraint[];
    for (const condition of conditions) {
      const test = truth.test(condition);
      const share = sample.filter(test).length;
      if (!best || share < best.share) best = { planted, conditions, share };
    }
  }
  return best ?? { planted: open[0]!, conditions: [] };
}

/** Constraints on several slots that the choice meets. */
function drawPool(draw: Draw, planted: Pick, random: Random): Constraint[] {
  const limits = Array.from({ length: POOL.limits }, (): Constraint => {
    const of = draw.someSlots();
    return random.chance(30)
      ? draw.window(planted, of, random.int(1, SLACK_PERCENT))
      : draw.total(planted, of, SLACK_PERCENT);
  });
  return [...limits, ...draw.relations(planted).slice(0, POOL.relations)];
}

/** Near misses that are looked for, for one constraint. */
const MAX_MISSES = 50;

/** Only the constraints that matter, with the proof that they do; null where they are too weak. */
function onlyNeeded(
  world: ChoiceWorld,
  { single, joint, answers, alone }: Joint & { readonly single: readonly Constraint[] },
  random: Random,
): Tightened | null {
  const luckBeside = (wrong: number): number => (100 * answers.length) / (answers.length + wrong);
  const misses = new Map(joint.map((constraint, i) => [constraint, alone[i]!]));
  let luck = alone.reduce((sum, { length }) => sum + luckBeside(length), 0);
  let kept = [...single, ...joint];
  for (const constraint of single) {
    if (luck > MAX_LUCK_PERCENT * kept.length) return null;
    const found = world.search.without(kept, constraint, MAX_MISSES);
    if (found.length === 0) kept = kept.filter((one) => one !== constraint);
    else misses.set(constraint, found);
    luck += found.length === 0 ? 0 : luckBeside(found.length);
  }
  if (luck > MAX_LUCK_PERCENT * kept.length) return null;
  const nearMisses = kept.flatMap((constraint, i) =>
    telling(world, misses.get(constraint)!, answers, random).map((pick) => ({
      violated: i + 1,
      pick,
    })),
  );
  return { constraints: kept, answers, nearMisses };
}

/** Of many, those with the lowest and highest total, those nearest the answer's on both sides, and one more. */
function telling(
  world: ChoiceWorld,
  found: readonly Pick[],
  [answer]: readonly Pick[],
  random: Random,
): Pick[] {
  const all = world.truth.positions('all');
  const total = (pick: Pick): number => world.truth.total(all, pick);
  const sorted = found.toSorted((a, b) => total(a) - total(b));
  const above = sorted.findIndex((pick) => total(pick) > total(answer!));
  const picks = [
    sorted[0],
    sorted.at(-1),
    ...(above >= 0 ? [sorted[above]] : []),
    ...(above > 0 ? [sorted[above - 1]] : []),
    random.pick(found),
  ];
  return [...new Set(picks)].filter((pick) => pick !== undefined);
}
