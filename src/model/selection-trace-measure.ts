// What one query's selection in one layer was worth, in plain numbers: the indexer's choice held
// against the dense attention of the same query (model reference §8.1). Knows arrays of scores and
// shares, one value per visible position; not graphs, models or texts.

/** Positions first .. last, both included. */
export type PositionRange = readonly [first: number, last: number];

export interface Spread {
  mean: number;
  min: number;
  max: number;
}

export interface ScoredPosition {
  position: number;
  score: number;
}

/** One query in one layer. Shares are of dense attention, which sums to 1 over visible positions. */
export interface LayerSelection {
  layer: number;
  /** Share of a head's dense attention that lies on kept positions; spread over the heads. */
  recall: Spread;
  /** The same, mean over heads, of the k positions with the largest shares: the most any choice of
   *  k positions that all heads have in common can reach. */
  bestRecall: number;
  /** The same of the last k positions: what a sliding window would reach. */
  windowRecall: number;
  /** Part of those k largest that the indexer kept. */
  overlap: number;
  /** The indexer's highest scores, best first. */
  topScores: ScoredPosition[];
  /** Positions that the indexer kept. */
  kept: PositionRange[];
}

/** One query in one layer, as the graph returns it. */
export interface RawSelection {
  layer: number;
  /** Index scores of visible positions, [visible]. */
  scores: Float32Array;
  /** Dense attention, mean over heads, [visible]. */
  shares: Float32Array;
  /** Kept positions, all of them visible, in any order. */
  chosen: Int32Array;
  /** Share on kept positions of each head. */
  headRecall: Float32Array;
}

export function measureSelection(raw: RawSelection, numTopScores: number): LayerSelection {
  const { layer, scores, shares, chosen, headRecall } = raw;
  const isKept = new Uint8Array(shares.length);
  for (const position of chosen) isKept[position] = 1;
  const best = largestFirst(shares).subarray(0, chosen.length);
  const numShared = best.reduce((sum, position) => sum + isKept[position]!, 0);
  return {
    layer,
    recall: spreadOf(headRecall),
    bestRecall: massOn(shares, best),
    windowRecall: sum(shares.subarray(shares.length - chosen.length)),
    overlap: chosen.length === 0 ? 1 : numShared / chosen.length,
    topScores: Array.from(largestFirst(scores).subarray(0, numTopScores), (position) => ({
      position,
      score: scores[position]!,
    })),
    kept: rangesOf(isKept),
  };
}

/** Share, mean over heads, that the k best-scored positions would hold, for each k. */
export function recallByCount(
  { scores, shares }: RawSelection,
  counts: readonly number[],
): number[] {
  const order = largestFirst(scores);
  return counts.map((count) => massOn(shares, order.subarray(0, count)));
}

/** Positions by falling value; among equal values the lower position comes first. */
export function largestFirst(values: Float32Array): Int32Array {
  const order = Int32Array.from(values, (_, i) => i);
  return order.toSorted((a, b) => values[b]! - values[a]! || a - b);
}

/** Runs of positions whose flag is set. */
export function rangesOf(flags: Uint8Array): PositionRange[] {
  const ranges: PositionRange[] = [];
  for (let first = flags.indexOf(1); first >= 0;) {
    const end = flags.indexOf(0, first);
    ranges.push([first, (end < 0 ? flags.length : end) - 1]);
    if (end < 0) break;
    first = flags.indexOf(1, end);
  }
  return ranges;
}

export function spreadOf(values: ArrayLike<number>): Spread {
  let [total, min, max] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    total += values[i]!;
    min = Math.min(min, values[i]!);
    max = Math.max(max, values[i]!);
  }
  return { mean: total / values.length, min, max };
}

function massOn(shares: Float32Array, positions: Int32Array): number {
  let mass = 0;
  for (const position of positions) mass += shares[position]!;
  return mass;
}

function sum(values: Float32Array): number {
  return values.reduce((total, value) => total + value, 0);
}
