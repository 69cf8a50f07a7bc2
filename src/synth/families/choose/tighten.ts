// Adds constraints around a planted choice until few choices are left, then drops those that do not
// matter: in the result every constraint, dropped alone, lets another choice in. That other choice is
// kept: it is a wrong answer that violates exactly this constraint. Source: agents reference §5 (G6).

import type { Random } from '../../random.js';
import type { Constraint } from '../constraint.js';
import { roundBetween, type Draw } from './draw.js';
import type { Pick } from './truth.js';
import type { ChoiceWorld } from './world.js';

/** Ways to fill the slots that may be left after demands on single slots. */
export const MAX_OPEN = 5000;
/** Right answers that a request may have. */
export const MAX_ANSWERS = 3;
/** Choices left at which a window on the total cost finishes it. */
const FEW = 60;

export interface Tightened {
  readonly constraints: readonly Constraint[];
  readonly answers: readonly Pick[];
  /** By constraint: a choice that violates it alone. */
  readonly nearMisses: readonly Pick[];
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
  const cut = (constraint: Constraint | null): boolean => {
    if (!constraint) return false;
    const test = world.truth.test(constraint);
    if (!test(planted)) return false;
    const rest = left.filter(test);
    if (rest.length === left.length) return false;
    left = rest;
    joint.push(constraint);
    return true;
  };
  const times = (count: number, make: () => Constraint | null): void => {
    for (let tries = 0, done = 0; done < count && tries < 12; tries++) if (cut(make())) done++;
  };
  times(wish.tiers, () => draw.tiers(planted));
  times(wish.conditionals, () => draw.conditional(planted));
  const relations = draw.relations(planted);
  times(wish.relations, () => relations.pop() ?? null);
  for (let tries = 0; left.length > FEW && tries < 4; tries++) {
    cut(random.chance(50) ? draw.conditional(planted) : (relations.pop() ?? null));
  }
  if (left.length > MAX_ANSWERS) cut(window(world, planted, left, random));
  if (left.length > MAX_ANSWERS) return null;
  return onlyNeeded(world, { single, joint, open, answers: left });
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
      const atom = draw.atom(planted, at);
      if (!atom) continue;
      const test = world.truth.test(atom);
      const pick = [...planted];
      const rest = open[at]!.filter((row) => {
        pick[at] = row;
        return test(pick);
      });
      if (rest.length === open[at]!.length || rest.length < 2) continue;
      open[at] = rest;
      found.push(atom);
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

/** Only the constraints that matter, with the proof that they do. */
function onlyNeeded(world: ChoiceWorld, { single, joint, open, answers }: Drawn): Tightened {
  const misses = new Map<Constraint, Pick>();
  const tests = joint.map((constraint) => world.truth.test(constraint));
  /** Bit i: the open choice violates joint constraint i. */
  const broken = open.map((pick) =>
    tests.reduce((bits, test, i) => (test(pick) ? bits : bits | (1 << i)), 0),
  );
  let counted = ~0;
  for (const [i, constraint] of joint.entries()) {
    const at = broken.findIndex((bits) => (bits & counted) === 1 << i);
    if (at >= 0) misses.set(constraint, open[at]!);
    else counted &= ~(1 << i);
  }
  let kept = [...single, ...joint.filter((constraint) => misses.has(constraint))];
  for (const constraint of single) {
    const miss = world.search.without(kept, constraint);
    if (miss) misses.set(constraint, miss);
    else kept = kept.filter((one) => one !== constraint);
  }
  return { constraints: kept, answers, nearMisses: kept.map((one) => misses.get(one)!) };
}
