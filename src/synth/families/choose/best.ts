// The best choice under constraints, and constraints drawn against it: as long as it is wanted, a
// constraint is added that the planted choice meets and the present best does not, so that what is
// nearest at hand keeps being wrong. Source: agents reference §6.4 F2.

import type { Random } from '../../random.js';
import type { Constraint } from '../constraint.js';
import type { Draw } from './draw.js';
import type { Objective } from './meaning.js';
import { demandsOnSlots, MAX_OPEN } from './slot-demands.js';
import type { Pick } from './truth.js';
import type { ChoiceWorld } from './world.js';

/** Lower is better, compared from the first number on. */
export type Key = readonly number[];
export interface Rank {
  /** 1 = a low total is better, -1 = a high one. */
  readonly sign: 1 | -1;
  /** Starts with the total times the sign. */
  key(pick: Pick): Key;
}

/** What an objective ranks by: the total cost, then the costs that decide between equal ones. */
export function rankOf(world: ChoiceWorld, { goal, ties }: Objective): Rank {
  const all = world.truth.positions('all');
  const tied = world.truth.positions(ties);
  const sign = goal === 'cheapest' ? 1 : -1;
  return {
    sign,
    key: (pick) => [
      sign * world.truth.total(all, pick),
      ...tied.map((at) => world.truth.cost(at, pick[at]!)),
    ],
  };
}

export function compareKeys(a: Key, b: Key): number {
  for (const [i, left] of a.entries()) {
    if (left !== b[i]!) return left - b[i]!;
  }
  return 0;
}

/** The best of some choices; all of them where several are equally good. */
export class Best {
  key: Key | undefined;
  picks: Pick[] = [];
  /** The best of those that are worse. */
  second: Pick | undefined;
  #secondKey: Key | undefined;

  constructor(readonly rank: Rank) {}

  /** Totals beyond this change nothing. */
  get limit(): number {
    return this.#secondKey?.[0] ?? Infinity;
  }

  add(pick: Pick): void {
    const key = this.rank.key(pick);
    const order = this.key === undefined ? -1 : compareKeys(key, this.key);
    if (order === 0) this.picks.push(pick);
    else if (order < 0) {
      [this.second, this.#secondKey] = [this.picks[0], this.key];
      [this.picks, this.key] = [[pick], key];
    } else if (this.#secondKey === undefined || compareKeys(key, this.#secondKey) < 0) {
      [this.second, this.#secondKey] = [pick, key];
    }
  }
}

/** @throws SearchTooLarge */
export function bestOf(world: ChoiceWorld, constraints: readonly Constraint[], rank: Rank): Best {
  const best = new Best(rank);
  const visit = (pick: Pick): boolean => {
    best.add(pick);
    return false;
  };
  world.search.each(constraints, visit, { sign: rank.sign, limit: () => best.limit });
  return best;
}

export interface Cornered {
  readonly constraints: readonly Constraint[];
  readonly best: Best;
  /** By constraint: what would be best without it. */
  readonly without: readonly Pick[];
}

interface Wish {
  /** Constraints on several slots, at most. */
  readonly joint: number;
  readonly tiers: number;
  /** Other constraints that the choice meets, drawn first. */
  readonly special?: { readonly count: number; draw(planted: Pick): Constraint | null };
  /** What must not be drawn. */
  readonly unwanted?: (constraint: Constraint) => boolean;
}

/** Constraints around a planted choice, each of which changes what is best. @throws SearchTooLarge */
export function corner(
  world: ChoiceWorld,
  draw: Draw,
  rank: Rank,
  { joint, tiers, special, unwanted = () => false }: Wish,
  random: Random,
): Cornered | null {
  const planted = draw.pick();
  const single = demandsOnSlots(world, draw, planted);
  let left = world.search.all(single, MAX_OPEN);
  if (left.length >= MAX_OPEN) return null;
  const constraints = [...single];
  const relations = draw.relations(planted);
  for (let tries = 0, done = 0; done < joint && tries < 40; tries++) {
    const early = special && done < special.count ? special.draw(planted) : null;
    const drawn = early
      ? early
      : done < tiers
        ? draw.tiers(planted)
        : random.chance(45)
          ? draw.conditional(planted)
          : random.chance(50)
            ? (relations.pop() ?? null)
            : draw.atom(planted, random.int(0, world.slots.length - 1));
    if (!drawn || unwanted(drawn)) continue;
    const test = world.truth.test(drawn);
    const [present] = ranked(left, rank).picks;
    if (!test(planted) || (present && test(present))) continue;
    left = left.filter(test);
    constraints.push(drawn);
    done++;
  }
  return onlyDecisive(world, constraints, rank, random);
}

function ranked(picks: readonly Pick[], rank: Rank): Best {
  const best = new Best(rank);
  for (const pick of picks) best.add(pick);
  return best;
}

/** Drops constraints without which the same is best. */
function onlyDecisive(
  world: ChoiceWorld,
  constraints: readonly Constraint[],
  rank: Rank,
  random: Random,
): Cornered | null {
  let kept = [...constraints];
  const best = bestOf(world, kept, rank);
  if (best.key === undefined) return null;
  const instead = new Map<Constraint, Pick>();
  for (const constraint of random.shuffled(constraints)) {
    const rest = kept.filter((one) => one !== constraint);
    const [first] = bestOf(world, rest, rank).picks;
    if (compareKeys(rank.key(first!), best.key) === 0) kept = rest;
    else instead.set(constraint, first!);
  }
  // With fewer constraints, more choices can be equally good.
  const final = bestOf(world, kept, rank);
  return { constraints: kept, best: final, without: kept.map((one) => instead.get(one)!) };
}
