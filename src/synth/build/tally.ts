// What became of candidates, by family and gate: plain JSON that workers send and shards keep, added up
// in any order.

import { byCodeUnit } from '../canonical.js';

export interface FamilyTally {
  /** Draws that came to nothing. */
  readonly dropped: number;
  readonly accepted: number;
  /** By the gate that refused. */
  readonly rejected: Readonly<Record<string, number>>;
}

/** By family. */
export type Tally = Readonly<Record<string, FamilyTally>>;

/** What one candidate came to: `accepted`, `dropped`, or the name of the gate that refused it. */
export type Outcome = string;

const NONE: FamilyTally = { dropped: 0, accepted: 0, rejected: {} };

export function counted(tally: Tally, family: string, outcome: Outcome): Tally {
  const before = tally[family] ?? NONE;
  if (outcome === 'accepted' || outcome === 'dropped') {
    return { ...tally, [family]: { ...before, [outcome]: before[outcome] + 1 } };
  }
  const rejected = { ...before.rejected, [outcome]: (before.rejected[outcome] ?? 0) + 1 };
  return { ...tally, [family]: { ...before, rejected } };
}

/** Names in order of code units, so that equal counts are equal text. */
export function sumOf(tallies: readonly Tally[]): Tally {
  const names = new Set(tallies.flatMap((one) => Object.keys(one)));
  return Object.fromEntries(
    [...names].toSorted(byCodeUnit).map((name) => {
      const all = tallies.flatMap((one) => one[name] ?? []);
      const gates = new Set(all.flatMap(({ rejected }) => Object.keys(rejected)));
      const rejected = [...gates]
        .toSorted(byCodeUnit)
        .map((gate) => [gate, total(all.map((one) => one.rejected[gate] ?? 0))]);
      const sum: FamilyTally = {
        dropped: total(all.map((one) => one.dropped)),
        accepted: total(all.map((one) => one.accepted)),
        rejected: Object.fromEntries(rejected) as FamilyTally['rejected'],
      };
      return [name, sum];
    }),
  );
}

/** Of all families together. */
export function overall(tally: Tally): FamilyTally {
  const all = Object.values(tally).map((one) => ({ all: one }));
  return sumOf(all)['all'] ?? NONE;
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);

/** As if the gates had refused these accepted ones for being nothing new. */
export function recounted(tally: Tally, refused: readonly { readonly family: string }[]): Tally {
  let result = tally;
  for (const { family } of refused) {
    const before = result[family] ?? NONE;
    result = counted(
      { ...result, [family]: { ...before, accepted: before.accepted - 1 } },
      family,
      'G9',
    );
  }
  return result;
}
