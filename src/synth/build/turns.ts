// Whose turn it is in one environment: families take turns by what the corpus is short of, none fills
// more than its share, and one that comes to nothing too often in a row is out.
// Source: agents reference §6.4 and §8.3.

import type { TaskFamily } from '../families/family.js';
import type { Family } from '../task-types.js';
import { Levels } from './levels.js';

/** Draws in a row that may come to nothing before a family has no more turns here. */
const MAX_MISSES = 12;
/** Of the tasks of one environment, in percent. */
const MAX_SHARE = 20;
/** A family that the corpus is short of may have this much where others find too little. */
const MAX_SHARE_IF_RARE = 40;
/** Requests to be refused stay the exception, and are there: else refusing, or never refusing, pays. */
const INFEASIBLE_SHARE = { wanted: 7, most: 10 };
/** How much more or less often than others a family may have its turn, in percent. */
const WEIGHT = { least: 40, most: 250 };

/** Tasks in the corpus so far, by family. */
export type FamilyCounts = Readonly<Partial<Record<Family, number>>>;

export class Turn {
  readonly levels = new Levels();
  attempts = 0;
  misses = 0;
  accepted = 0;

  constructor(
    readonly family: TaskFamily,
    readonly weight: number,
  ) {}

  hear(isAccepted: boolean): void {
    if (isAccepted) this.accepted++;
    this.misses = isAccepted ? 0 : this.misses + 1;
  }
}

export class Turns {
  readonly #turns: readonly Turn[];

  /** @param wanted tasks of the environment */
  constructor(
    families: readonly TaskFamily[],
    readonly wanted: number,
    readonly counts: FamilyCounts,
  ) {
    const numFamilies = families.length;
    this.#turns = families.map(
      (family) => new Turn(family, weightOf(family.id, counts, numFamilies)),
    );
  }

  all(): readonly Turn[] {
    return this.#turns;
  }

  /** undefined = nobody finds any more here. */
  next(): Turn | undefined {
    return this.#first(MAX_SHARE) ?? this.#first(MAX_SHARE_IF_RARE);
  }

  /** Of those that may, who is furthest behind; the first of equals. */
  #first(share: number): Turn | undefined {
    let first: Turn | undefined;
    let least = Infinity;
    for (const turn of this.#turns) {
      if (turn.misses >= MAX_MISSES || turn.accepted >= this.#most(turn, share)) continue;
      // Draws count a little, so that one that fails does not hold up the others.
      const progress = Math.floor((1000 * (2 * turn.accepted + turn.attempts)) / turn.weight);
      if (progress < least) [first, least] = [turn, progress];
    }
    return first;
  }

  #most({ family: { id } }: Turn, share: number): number {
    if (id === 'infeasible') {
      return Math.max(1, Math.floor((this.wanted * INFEASIBLE_SHARE.most) / 100));
    }
    const isRare = shareOf(id, this.counts) < MAX_SHARE / 2;
    return Math.ceil((this.wanted * (isRare ? share : MAX_SHARE)) / 100);
  }
}

/** In percent; 100 where the family has what it is due. */
function weightOf(id: Family, counts: FamilyCounts, numFamilies: number): number {
  const rest = (100 - INFEASIBLE_SHARE.wanted) / Math.max(1, numFamilies - 1);
  const due = id === 'infeasible' ? INFEASIBLE_SHARE.wanted : rest;
  const has = shareOf(id, counts);
  const weight = has === 0 ? WEIGHT.most : Math.round((100 * due) / has);
  const isEmpty = totalOf(counts) === 0;
  return isEmpty ? 100 : Math.min(WEIGHT.most, Math.max(WEIGHT.least, weight));
}

/** Of the corpus so far, in percent. */
function shareOf(id: Family, counts: FamilyCounts): number {
  return (100 * (counts[id] ?? 0)) / Math.max(1, totalOf(counts));
}

function totalOf(counts: FamilyCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
