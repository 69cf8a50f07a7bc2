// BPE of one long piece in O(n log n): a linked list of symbols and a binary heap of candidate
// merges. Owns the case that would be quadratic by rescanning (a megabyte without a space); short
// pieces are cheaper in `bpe.ts`. Same result: lowest rank first, leftmost first. A piece of megabytes
// takes seconds, so the work can be done in slices.

import { NO_RANK, type MergeTable } from './bpe-merges.js';

const POSITIONS = 2 ** 32;
const REMOVED = -1;

/** The merging of one piece. */
export class LongPieceMerge {
  /** Heap moves and look-ups done so far; tests hold the growth of this count. */
  operations = 0;
  readonly #merges: MergeTable;
  /** Candidates as rank * 2^32 + position: below 2^53, so exact, and ordered as merges apply. */
  #heap = new Float64Array(0);
  #heapSize = 0;

  constructor(merges: MergeTable) {
    this.#merges = merges;
  }

  /**
   * Merges symbols[0, length) in place and returns the number of symbols left at the front. Yields
   * after each `slice` symbols; nobody else may touch them before the end.
   */
  *run(symbols: Int32Array, length: number, slice: number): Generator<void, number> {
    let left = slice;
    const next = new Int32Array(length); // following live position, or length
    const previous = new Int32Array(length);
    const ranks = new Int32Array(length); // rank of (symbol, following symbol)
    for (let i = 0; i < length; i++) {
      next[i] = i + 1;
      previous[i] = i - 1;
      ranks[i] = i + 1 < length ? this.#merges.rank(symbols[i]!, symbols[i + 1]!) : NO_RANK;
      if (--left > 0) continue;
      left = slice;
      yield;
    }
    const heap = (this.#heap = new Float64Array(length * 2 + 2));
    for (let i = 0; i < length; i++) {
      if (ranks[i] !== NO_RANK) heap[this.#heapSize++] = ranks[i]! * POSITIONS + i;
    }
    for (let i = (this.#heapSize >> 1) - 1; i >= 0; i--) {
      this.#siftDown(i);
      if (--left > 0) continue;
      left = slice;
      yield;
    }
    while (this.#heapSize > 0) {
      if (--left <= 0) {
        left = slice;
        yield;
      }
      const candidate = this.#pop();
      const rank = Math.floor(candidate / POSITIONS);
      const at = candidate - rank * POSITIONS;
      // Stale: the symbol was swallowed or its neighbour changed since the push.
      if (symbols[at] === REMOVED || ranks[at] !== rank) continue;
      const swallowed = next[at]!;
      const after = next[swallowed]!;
      symbols[at] = this.#merges.results[rank]!;
      symbols[swallowed] = REMOVED;
      next[at] = after;
      if (after < length) previous[after] = at;
      this.#offer(symbols, ranks, at, after, length);
      if (at > 0) this.#offer(symbols, ranks, previous[at]!, at, length);
    }
    let count = 0;
    for (let i = 0; i < length; i = next[i]!) symbols[count++] = symbols[i]!;
    return count;
  }

  /** Renews the candidate (at, right) after either side changed. */
  #offer(symbols: Int32Array, ranks: Int32Array, at: number, right: number, length: number): void {
    const rank = right < length ? this.#merges.rank(symbols[at]!, symbols[right]!) : NO_RANK;
    this.operations++;
    ranks[at] = rank;
    if (rank !== NO_RANK) this.#push(rank * POSITIONS + at);
  }

  #push(value: number): void {
    const heap = this.#heap;
    let at = this.#heapSize++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]! <= value) break;
      heap[at] = heap[parent]!;
      at = parent;
      this.operations++;
    }
    heap[at] = value;
  }

  #pop(): number {
    const top = this.#heap[0]!;
    this.#heapSize--;
    if (this.#heapSize > 0) {
      this.#heap[0] = this.#heap[this.#heapSize]!;
      this.#siftDown(0);
    }
    return top;
  }

  #siftDown(start: number): void {
    const heap = this.#heap;
    const size = this.#heapSize;
    const value = heap[start]!;
    let at = start;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= size) break;
      if (child + 1 < size && heap[child + 1]! < heap[child]!) child++;
      if (heap[child]! >= value) break;
      heap[at] = heap[child]!;
      at = child;
      this.operations++;
    }
    heap[at] = value;
  }
}
