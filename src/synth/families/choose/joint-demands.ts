// Constraints on several slots that only a choice or two meets, chosen from a pool so that overlooking any
// one of them lets in many others.

import type { Random } from '../../random.js';
import type { Constraint } from '../constraint.js';
import { roundBetween } from './draw.js';
import type { Pick } from './truth.js';
import type { ChoiceWorld } from './world.js';

/** Right answers that a request may have. */
export const MAX_ANSWERS = 2;
/** Sets of constraints that are tried. */
const SETS = 60;
/** From this on a window on the total cost is told as two limits, each of which is easily overlooked. */
const TWO_LIMITS_PERCENT = 5;

/** Constraints on several slots besides the total cost. One of them is a condition. */
export interface Wish {
  readonly joint: number;
  /** Whether tiers are wanted rather than another condition. */
  readonly tiers: boolean;
}

export interface Joint {
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
export function telltales(
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
