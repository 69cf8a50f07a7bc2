// BPE of one long piece in O(n log n): a linked list of symbols and a binary heap of candidate
// merges. Owns the case that would be quadratic by rescanning (a megabyte without a space); short
// pieces are cheaper in `bpe.ts`. Same result: lowest rank first, leftmost first.

import { NO_RANK, type MergeTable } from './bpe-merges.js';

const POSITIONS = 2 ** 32;
const REMOVED = -1;

export class LongPieceMerger {
  /** Heap moves and look-ups done so far; tests hold the growth of this count. */
  operations = 0;
  readonly #merges: MergeTable;
  /** Candidates as rank * 2^32 + position: below 2^53, so exact, and ordered as merges apply. */
  #heap = new Float64Array(0);
  #heapSize = 0;

  constructor(merges: MergeTable) {
    this.#merges = merges;
  }

  /** Merges symbols[0, length) in place. Returns the number of symbols left at the front. */
  merge(symbols: Int32Array, length: number): number {
    const next = new Int32Array(length); // following live position, or length
    const previous = new Int32Array(length);
    const ranks = new Int32Array(length); // rank of (symbol, following symbol)
    for (let i = 0; i < length; i++) {
      next[i] = i + 1;
      previous[i] = i - 1;
      ranks[i] = i + 1 < length ? this.#merges.rank(symbols[i]!, symbols[i + 1]!) : NO_RANK;
    }
    this.#fill(ranks);
    while (this.#heapSize > 0) {
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
    this.#heap = new Float64Array(0); // a hostile piece must not leave its memory behind
    return count;
  }

  /** Renews the candidate (at, right) after either side changed. */
  #offer(symbols: Int32Array, ranks: Int32Array, at: number, right: number, length: number): void {
    const rank = right < length ? this.#merges.rank(symbols[at]!, symbols[right]!) : NO_RANK;
    this.operations++;
    ranks[at] = rank;
    if (rank !== NO_RANK) this.#push(rank * POSITIONS + at);
  }

  #fill(ranks: Int32Array): void {
    this.#heap = new Float64Array(ranks.length * 2 + 2);
    this.#heapSize = 0;
    for (let i = 0; i < ranks.length; i++) {
      if (ranks[i] !== NO_RANK) this.#heap[this.#heapSize++] = ranks[i]! * POSITIONS + i;
    }
    for (let i = (this.#heapSize >> 1) - 1; i >= 0; i--) this.#siftDown(i);
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
