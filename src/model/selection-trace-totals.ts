// Running totals of a selection trace: per layer, per position, and one byte per cell of the heat
// map while there is room. Memory is bounded by layers times positions plus the cells; queries come
// and go. Only sparse queries count: a dense one keeps whatever it sees.

import {
  rangesOf,
  recallByCount,
  type LayerSelection,
  type PositionRange,
  type RawSelection,
  type Spread,
} from './selection-trace-measure.js';

/** One layer over all sparse queries; means over queries unless said otherwise. */
export interface LayerTotals {
  layer: number;
  numSparseQueries: number;
  /** Mean over queries and heads; the smallest and largest of any head of any query. */
  recall: Spread;
  bestRecall: number;
  windowRecall: number;
  overlap: number;
  /** Positions that sparse queries saw, and those of them that none kept in this layer. */
  numSeen: number;
  numNeverKept: number;
  /** Mean recall if another number of positions were kept, the indexer's best first. */
  recallAt: { count: number; recall: number }[];
  /** How many sparse queries kept each position, [positions]. */
  keptCount: Uint32Array;
  /** Dense attention, mean over heads, summed over sparse queries, [positions]. */
  mass: Float32Array;
}

/** All layers together, per position. */
export interface PositionTotals {
  /** Pairs of a sparse query and a layer that saw the position, and that kept it. */
  seenCount: Uint32Array;
  keptCount: Uint32Array;
  /** Dense attention, mean over heads, summed over those pairs. */
  mass: Float32Array;
  /** Positions that sparse queries saw and no layer kept for any of them. */
  neverKept: PositionRange[];
}

/** The heat map: one byte per query, layer and position; see encodeCell. */
export interface TraceCells {
  /** Leading queries that are in it; the rest found no room. */
  numQueries: number;
  numLayers: number;
  numPositions: number;
  bytes: Uint8Array;
}

/** Number of kept positions for which recall is also told: powers of two around the real one. */
export function countsAround(topk: number): number[] {
  const counts = [topk];
  for (let step = 1; step <= 4; step++) counts.push(Math.ceil(topk / 2 ** step));
  for (let step = 1; step <= 2; step++) counts.push(topk * 2 ** step);
  return [...new Set(counts)].toSorted((a, b) => a - b);
}

interface LayerSums {
  recall: number;
  minRecall: number;
  maxRecall: number;
  bestRecall: number;
  windowRecall: number;
  overlap: number;
  recallAt: Float64Array;
  keptCount: Uint32Array;
  mass: Float32Array;
}

export class SelectionTotals {
  private readonly counts: readonly number[];
  private readonly sums: LayerSums[];
  private readonly seenBySparse: Uint32Array;
  private readonly cells: Uint8Array;
  private readonly maxCellQueries: number;
  private numSparseQueries = 0;
  private numQueries = 0;
  /** Positions that queries saw; generation may end before all that were expected. */
  private numUsed = 0;

  /**
   * @param maxCells bytes that the heat map may take
   * @param numQueries expected queries, which size the heat map
   */
  constructor(
    private readonly layers: readonly number[],
    private readonly numPositions: number,
    { topk, numQueries, maxCells }: { topk: number; numQueries: number; maxCells: number },
  ) {
    this.counts = countsAround(topk);
    this.seenBySparse = new Uint32Array(numPositions);
    const perQuery = layers.length * numPositions;
    this.maxCellQueries = Math.min(numQueries, Math.floor(maxCells / perQuery));
    this.cells = new Uint8Array(this.maxCellQueries * perQuery);
    this.sums = layers.map(() => ({
      recall: 0,
      minRecall: Number.POSITIVE_INFINITY,
      maxRecall: Number.NEGATIVE_INFINITY,
      bestRecall: 0,
      windowRecall: 0,
      overlap: 0,
      recallAt: new Float64Array(this.counts.length),
      keptCount: new Uint32Array(numPositions),
      mass: new Float32Array(numPositions),
    }));
  }

  /** One query, with one selection per traced layer in order. */
  add(isSparse: boolean, raw: readonly RawSelection[], measured: readonly LayerSelection[]): void {
    this.numUsed = Math.max(this.numUsed, raw[0]?.shares.length ?? 0);
    if (this.numQueries < this.maxCellQueries) this.paint(raw, this.numQueries);
    this.numQueries++;
    if (!isSparse) return;
    this.numSparseQueries++;
    const numVisible = raw[0]?.shares.length ?? 0;
    for (let position = 0; position < numVisible; position++) this.seenBySparse[position]!++;
    for (const [index, selection] of measured.entries()) {
      addLayer(this.sums[index]!, raw[index]!, selection, this.counts);
    }
  }

  layerTotals(): LayerTotals[] {
    const numSeen = this.seenBySparse.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
    const n = this.numSparseQueries;
    // Without a sparse query nothing was left out: every mean is that of a choice that keeps all.
    const mean = (sum: number): number => (n === 0 ? 1 : sum / n);
    return this.sums.map((sums, index) => ({
      layer: this.layers[index]!,
      numSparseQueries: n,
      recall: {
        mean: mean(sums.recall),
        min: n === 0 ? 1 : sums.minRecall,
        max: n === 0 ? 1 : sums.maxRecall,
      },
      bestRecall: mean(sums.bestRecall),
      windowRecall: mean(sums.windowRecall),
      overlap: mean(sums.overlap),
      numSeen,
      numNeverKept: this.seenBySparse.reduce(
        (sum, count, p) => sum + (count > 0 && sums.keptCount[p] === 0 ? 1 : 0),
        0,
      ),
      recallAt: this.counts.map((count, i) => ({ count, recall: mean(sums.recallAt[i]!) })),
      keptCount: sums.keptCount.subarray(0, this.numUsed),
      mass: sums.mass.subarray(0, this.numUsed),
    }));
  }

  positionTotals(): PositionTotals {
    const { numUsed: numPositions, layers } = this;
    const seenCount = this.seenBySparse
      .subarray(0, numPositions)
      .map((count) => count * layers.length);
    const keptCount = new Uint32Array(numPositions);
    const mass = new Float32Array(numPositions);
    for (const sums of this.sums) {
      for (let p = 0; p < numPositions; p++) {
        keptCount[p]! += sums.keptCount[p]!;
        mass[p]! += sums.mass[p]!;
      }
    }
    const isNeverKept = Uint8Array.from(seenCount, (count, p) =>
      count > 0 && keptCount[p] === 0 ? 1 : 0,
    );
    return { seenCount, keptCount, mass, neverKept: rangesOf(isNeverKept) };
  }

  heatMap(): TraceCells {
    const { numPositions: stride, numUsed: numPositions, layers, cells } = this;
    const numQueries = Math.min(this.numQueries, this.maxCellQueries);
    const numRows = numQueries * layers.length;
    const bytes = new Uint8Array(numRows * numPositions);
    for (let row = 0; row < numRows; row++) {
      const start = row * stride;
      bytes.set(cells.subarray(start, start + numPositions), row * numPositions);
    }
    return { numQueries, numLayers: layers.length, numPositions, bytes };
  }

  private paint(raw: readonly RawSelection[], query: number): void {
    const { numPositions, layers, cells } = this;
    for (const [index, { shares, chosen }] of raw.entries()) {
      const start = (query * layers.length + index) * numPositions;
      const row = cells.subarray(start, start + numPositions);
      for (let p = 0; p < shares.length; p++) row[p] = encodeCell(shares[p]!);
      for (const position of chosen) row[position]! |= KEPT_BIT;
    }
  }
}

/** Set in a cell that the indexer kept. */
export const KEPT_BIT = 0x80;
/** Shares below 10^-6 are shown as that. */
const DECADES = 6;
const LEVELS = 126;

/**
 * A share of attention as 1 .. 127, by its logarithm over six decades; 0 is left for positions that
 * the query did not see.
 */
export function encodeCell(share: number): number {
  const level = 1 + Math.log10(Math.max(share, 10 ** -DECADES)) / DECADES;
  return 1 + Math.round(LEVELS * Math.min(1, Math.max(0, level)));
}

function addLayer(
  sums: LayerSums,
  raw: RawSelection,
  { recall, bestRecall, windowRecall, overlap }: LayerSelection,
  counts: readonly number[],
): void {
  sums.recall += recall.mean;
  sums.minRecall = Math.min(sums.minRecall, recall.min);
  sums.maxRecall = Math.max(sums.maxRecall, recall.max);
  sums.bestRecall += bestRecall;
  sums.windowRecall += windowRecall;
  sums.overlap += overlap;
  for (const [i, value] of recallByCount(raw, counts).entries()) sums.recallAt[i]! += value;
  for (const position of raw.chosen) sums.keptCount[position]!++;
  for (let p = 0; p < raw.shares.length; p++) sums.mass[p]! += raw.shares[p]!;
}
