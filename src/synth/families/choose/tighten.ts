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
const MAX_LUCK_PERCENT = 8;
/** Demands on one slot that are drawn for each that is used: the one that leaves least is. */
const DRAWN_FOR_ONE = 4;
/** The same where the row is open as well. */
const DRAWN_FOR_STRONG = 16;
/** Choices that conditions are drawn around; the one with the strongest is taken. */
const PLANTED = 6;
const CONDITIONS = { tiers: 2, conditionals: 6 } as const;
/** Open choices that tell how strong a condition is. */
const SAMPLE = 120;
/** Constraints on several slots to choose from, and sets of them that are tried. */
const POOL = { limits: 8, relations: 6 } as const;
const SETS = 60;
/** How far a limit on a total lies from the total of the choice, at most, in percent. */
const SLACK_PERCENT = 6;
/** From this on a window on the total cost is told as two limits, each of which is easily overlooked. */
const TWO_LIMITS_PERCENT = 5;

export interface Tightened {
  readonly constraints: readonly Constraint[];
  readonly answers: readonly Pick[];
  /** Choices that violate one constraint alone, several for each: near its limits and far from them. */
  readonly nearMisses: readonly { readonly violated: number; readonly pick: Pick }[];
}

/** Constraints on several slots besides the total cost. One of them is a condition. */
interface Wish {
  readonly joint: number;
  /** Whether tiers are wanted rather than another condition. */
  readonly tiers: boolean;
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

/** Demands on single slots that few rows meet, until the rest can be searched. */
function strongDemands(
  world: ChoiceWorld,
  draw: Draw,
  random: Random,
): { readonly single: readonly Constraint[]; readonly ways: number } {
  const planted = draw.pick();
  const open = world.domains.map((rows) => [...rows]);
  const single: Constraint[] = [];
  const ways = (): number => open.reduce((product, rows) => product * rows.length, 1);
  const order = random.shuffled([...world.slots.keys()]);
  // Once the row is the slot's own; further demands on it must let it in.
  for (const [turn, at] of [...order, ...order].entries()) {
    if (ways() < MAX_OPEN) break;
    const rows = open[at]!;
    if (rows.length < 4) continue;
    let best: { atom: Constraint; row: Pick[number]; rest: Pick[number][] } | undefined;
    for (let drawn = 0; drawn < DRAWN_FOR_STRONG; drawn++) {
      const row = turn < order.length ? random.pick(rows) : planted[at]!;
      const isTaken = planted.some((one, i) => one === row && i !== at);
      const pick = planted.with(at, row);
      const atom = isTaken ? null : draw.atom(pick, at, rows.length);
      if (!atom) continue;
      const test = world.truth.test(atom);
      const rest = rows.filter((one) => {
        pick[at] = one;
        return test(pick);
      });
      if (rest.length >= 2 && (!best || rest.length < best.rest.length)) best = { atom, row, rest };
    }
    if (!best || best.rest.length === rows.length) continue;
    planted[at] = best.row;
    open[at] = best.rest;
    single.push(best.atom);
  }
  return { single, ways: ways() };
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

interface Joint {
  readonly joint: readonly Constraint[];
  readonly answers: readonly Pick[];
  /** By joint constraint: the open choices that violate it alone. */
  readonly alone: readonly (readonly Pick[])[];
}

interface Found {
  readonly set: readonly number[];
  /** Of the total cost, both included. */
  readonly low: number;
  readonly high: number;
  readonly luck: number;
}

/**
 * Of the pool, a set that a window on the total cost completes to constraints that leave few choices,
 * where overlooking any one lets in as many others as can be: of many random sets the best. Sets are
 * bits: bit i of `broken` says that a choice violates i.
 */
function telltales(
  { truth }: ChoiceWorld,
  pool: readonly Constraint[],
  open: readonly Pick[],
  planted: Pick,
  wish: Wish,
  random: Random,
): Joint | null {
  const tests = pool.map((constraint) => truth.test(constraint));
  const broken = Int32Array.from(open, (pick) =>
    tests.reduce((bits, test, i) => (test(pick) ? bits : bits | (1 << i)), 0),
  );
  const all = truth.positions('all');
  const totals = Int32Array.from(open, (pick) => truth.total(all, pick));
  const total = truth.total(all, planted);
  const isCondition = ({ kind }: Constraint): boolean => kind === 'if' || kind === 'tiers';
  const conditions = [...pool.keys()].filter((i) => isCondition(pool[i]!));
  let best: Found | null = null;
  for (let tries = 0; tries < SETS; tries++) {
    const others = random.sample([...pool.keys()], wish.joint - 1);
    const set = [...new Set([random.pick(conditions), ...others])];
    const found = completed(set, broken, totals, total);
    if (found && (!best || found.luck < best.luck)) best = found;
  }
  if (!best) return null;
  const low = roundBetween(best.low, total, random);
  const high = roundBetween(total, best.high, random);
  const limits: Constraint[] =
    100 * best.luck < TWO_LIMITS_PERCENT
      ? [{ kind: 'between', of: 'all', low, high }]
      : [
          { kind: 'total', of: 'all', op: '>=', value: low },
          { kind: 'total', of: 'all', op: '<=', value: high },
        ];
  const joint = [...best.set.map((i) => pool[i]!), ...limits];
  const kept = joint.map((constraint) => truth.test(constraint));
  const alone: Pick[][] = joint.map(() => []);
  const answers: Pick[] = [];
  for (const pick of open) {
    const violated = kept.findIndex((test) => !test(pick));
    if (violated < 0) answers.push(pick);
    else if (kept.every((test, i) => i <= violated || test(pick))) alone[violated]!.push(pick);
  }
  return alone.every(({ length }) => length > 0) ? { joint, answers, alone } : null;
}

/** The widest window around the total that leaves few choices of those that violate nothing of the set. */
function completed(
  set: readonly number[],
  broken: Int32Array,
  totals: Int32Array,
  total: number,
): Found | null {
  const bits = set.reduce((sum, i) => sum | (1 << i), 0);
  let [low, high, left, right] = [1, 2 * total, 0, 0];
  for (let n = 0; n < totals.length; n++) {
    if ((broken[n]! & bits) !== 0) continue;
    const one = totals[n]!;
    left++;
    if (one === total) right++;
    else if (one < total) low = Math.max(low, one + 1);
    else high = Math.min(high, one - 1);
  }
  if (right > MAX_ANSWERS || left === right) return null;
  const alone = new Int32Array(32);
  for (let n = 0; n < totals.length; n++) {
    const violated = broken[n]! & bits;
    if (violated === 0 || (violated & (violated - 1)) !== 0) continue;
    if (totals[n]! < low || totals[n]! > high) continue;
    alone[31 - Math.clz32(violated)]!++;
  }
  let luck = right / left;
  for (const i of set) {
    if (alone[i] === 0) return null;
    luck += right / (right + alone[i]!);
  }
  return { set, low, high, luck: luck / (set.length + 1) };
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
