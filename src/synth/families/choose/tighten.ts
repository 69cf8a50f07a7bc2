// Adds constraints around a planted choice until few choices are left, then drops those that do not
// matter: in the result every constraint, dropped alone, lets another choice in. That other choice is
// kept: it is a wrong answer that violates exactly this constraint. Source: agents reference §5 (G6).

import type { Random } from '../../random.js';
import type { Constraint } from '../constraint.js';
import { roundBetween, type Draw } from './draw.js';
import type { Pick } from './truth.js';
import type { ChoiceWorld } from './world.js';

/** Ways to fill the slots that may be left after demands on single slots. */
export const MAX_OPEN = 2000;
/** Right answers that a request may have. */
export const MAX_ANSWERS = 2;
/**
 * How often someone is right, in percent, who overlooks one constraint and takes any choice that meets
 * the others.
 */
const MAX_LUCK_PERCENT = 14;
/** What a constraint on several slots may leave of the choices. */
const MAX_LEFT_PERCENT = 40;
/** Constraints that are drawn for each that is used: the one that leaves least is. */
const DRAWN_FOR_ONE = 4;
/** Choices left at which a window on the total cost finishes it. */
const FEW = 80;

export interface Tightened {
  readonly constraints: readonly Constraint[];
  readonly answers: readonly Pick[];
  /** Choices that violate one constraint alone, several for each: near its limits and far from them. */
  readonly nearMisses: readonly { readonly violated: number; readonly pick: Pick }[];
}

interface Wish {
  readonly conditionals: number;
  readonly tiers: number;
  readonly relations: number;
}

/** @throws SearchTooLarge */
export function tighten(
  world: ChoiceWorld,
  draw: Draw,
  planted: Pick,
  wish: Wish,
  random: Random,
): Tightened | null {
  const single = demandsOnSlots(world, draw, planted);
  const open = world.search.all(single, MAX_OPEN);
  if (open.length >= MAX_OPEN) return null;
  const joint: Constraint[] = [];
  let left = open;
  // Whoever overlooks a weak constraint is often right all the same.
  const strongest = (drawn: readonly (Constraint | null)[], percent: number): boolean => {
    let best: { constraint: Constraint; rest: Pick[] } | undefined;
    for (const constraint of drawn) {
      const test = constraint && world.truth.test(constraint);
      if (!test || !test(planted)) continue;
      const rest = left.filter(test);
      if (rest.length * 100 > left.length * percent) continue;
      if (!best || rest.length < best.rest.length) best = { constraint, rest };
    }
    if (!best) return false;
    left = best.rest;
    joint.push(best.constraint);
    return true;
  };
  const several = (make: () => Constraint | null): (Constraint | null)[] =>
    Array.from({ length: DRAWN_FOR_ONE }, make);
  const times = (count: number, make: () => Constraint | null): void => {
    for (let done = 0; done < count; done++) strongest(several(make), MAX_LEFT_PERCENT);
  };
  times(wish.tiers, () => draw.tiers(planted));
  times(wish.conditionals, () => draw.conditional(planted));
  const relations = draw.relations(planted);
  for (let done = 0; done < wish.relations; done++) strongest(relations, MAX_LEFT_PERCENT);
  for (let tries = 0; left.length > FEW && tries < 3; tries++) {
    times(1, () => draw.conditional(planted));
  }
  if (left.length > MAX_ANSWERS) strongest([window(world, planted, left, random)], 99);
  if (left.length > MAX_ANSWERS) return null;
  return onlyNeeded(world, { single, joint, open, answers: left }, random);
}

/** Limits on the total cost that leave the planted choice and few beside it. */
function window(
  world: ChoiceWorld,
  planted: Pick,
  left: readonly Pick[],
  random: Random,
): Constraint {
  const all = world.truth.positions('all');
  const total = world.truth.total(all, planted);
  const others = left.map((pick) => world.truth.total(all, pick));
  const below = Math.max(...others.filter((one) => one < total), 0);
  const above = Math.min(...others.filter((one) => one > total), total * 2);
  const low = roundBetween(below + 1, total, random);
  const high = roundBetween(total, above - 1, random);
  return { kind: 'between', of: 'all', low, high };
}

/** Demands on single slots, until the rest can be searched. */
export function demandsOnSlots(world: ChoiceWorld, draw: Draw, planted: Pick): Constraint[] {
  const found: Constraint[] = [];
  const open = world.domains.map((rows) => [...rows]);
  for (let round = 0; round < 6; round++) {
    for (const at of world.slots.keys()) {
      const ways = open.reduce((product, rows) => product * rows.length, 1);
      if (round > 0 && ways < MAX_OPEN) return found;
      if (open[at]!.length < 6) continue;
      const pick = [...planted];
      const drawn = Array.from({ length: DRAWN_FOR_ONE }, () => draw.atom(planted, at));
      const [best] = drawn
        .flatMap((atom) => {
          if (!atom) return [];
          const test = world.truth.test(atom);
          const rest = open[at]!.filter((row) => {
            pick[at] = row;
            return test(pick);
          });
          return rest.length === open[at]!.length || rest.length < 2 ? [] : [{ atom, rest }];
        })
        .toSorted((a, b) => a.rest.length - b.rest.length);
      if (!best) continue;
      open[at] = best.rest;
      found.push(best.atom);
    }
  }
  return found;
}

interface Drawn {
  readonly single: readonly Constraint[];
  readonly joint: readonly Constraint[];
  /** Choices that meet the demands on single slots. */
  readonly open: readonly Pick[];
  readonly answers: readonly Pick[];
}

/** Near misses that are looked for, for one constraint. */
const MAX_MISSES = 50;

/** Only the constraints that matter, with the proof that they do. */
function onlyNeeded(
  world: ChoiceWorld,
  { single, joint, open, answers }: Drawn,
  random: Random,
): Tightened | null {
  const misses = new Map<Constraint, readonly Pick[]>();
  const luck: number[] = [];
  const lucky = (wrong: number): number =>
    luck.push((100 * answers.length) / (answers.length + wrong));
  const tests = joint.map((constraint) => world.truth.test(constraint));
  /** Bit i: the open choice violates joint constraint i. */
  const broken = open.map((pick) =>
    tests.reduce((bits, test, i) => (test(pick) ? bits : bits | (1 << i)), 0),
  );
  let counted = ~0;
  const alone = (i: number): Pick[] => open.filter((_, n) => (broken[n]! & counted) === 1 << i);
  for (const i of joint.keys()) if (alone(i).length === 0) counted &= ~(1 << i);
  for (const [i, constraint] of joint.entries()) {
    if ((counted & (1 << i)) !== 0)
      misses.set(constraint, telling(world, alone(i), answers, random));
  }
  let kept = [...single, ...joint.filter((constraint) => misses.has(constraint))];
  for (const constraint of single) {
    const found = world.search.without(kept, constraint, MAX_MISSES);
    if (found.length === 0) {
      kept = kept.filter((one) => one !== constraint);
      continue;
    }
    lucky(found.length);
    misses.set(constraint, telling(world, found, answers, random));
  }
  if (luck.reduce((sum, one) => sum + one, 0) > MAX_LUCK_PERCENT * luck.length) return null;
  const nearMisses = kept.flatMap((constraint, i) =>
    misses.get(constraint)!.map((pick) => ({ violated: i + 1, pick })),
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
