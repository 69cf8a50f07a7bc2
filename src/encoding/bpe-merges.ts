// The merge list as an integer hash map: (left id, right id) -> rank, and rank -> merged id.
// Open addressing in one Int32Array, so a look-up touches one cache line and allocates nothing.

/** Rank of a pair that does not merge: larger than every real rank. */
export const NO_RANK = 0x7fffffff;

const SLOT_WIDTH = 4; // left, right, rank, unused: four words keep slots aligned
const EMPTY = -1;

/** Merges in rank order: three parallel lists of token ids. */
export interface MergeList {
  readonly lefts: Int32Array;
  readonly rights: Int32Array;
  readonly results: Int32Array;
}

export class MergeTable {
  /** Token id made by each merge, by rank. */
  readonly results: Int32Array;
  readonly #slots: Int32Array;
  readonly #mask: number;

  constructor(merges: MergeList) {
    this.results = merges.results;
    let capacity = 16;
    while (capacity < merges.results.length * 2) capacity *= 2;
    this.#mask = capacity - 1;
    this.#slots = new Int32Array(capacity * SLOT_WIDTH).fill(EMPTY);
    for (let rank = 0; rank < merges.results.length; rank++) {
      this.#insert(merges.lefts[rank]!, merges.rights[rank]!, rank);
    }
  }

  /** Rank of the merge of two tokens, lower first, or NO_RANK. */
  rank(left: number, right: number): number {
    const slots = this.#slots;
    let slot = hashPair(left, right) & this.#mask;
    for (;;) {
      const at = slot * SLOT_WIDTH;
      const found = slots[at]!;
      if (found === left && slots[at + 1] === right) return slots[at + 2]!;
      if (found === EMPTY) return NO_RANK;
      slot = (slot + 1) & this.#mask;
    }
  }

  /** A pair listed twice keeps its last rank, as in the reference tokenizers. */
  #insert(left: number, right: number, rank: number): void {
    const slots = this.#slots;
    let slot = hashPair(left, right) & this.#mask;
    while (slots[slot * SLOT_WIDTH] !== EMPTY) {
      const at = slot * SLOT_WIDTH;
      if (slots[at] === left && slots[at + 1] === right) break;
      slot = (slot + 1) & this.#mask;
    }
    const at = slot * SLOT_WIDTH;
    slots[at] = left;
    slots[at + 1] = right;
    slots[at + 2] = rank;
  }
}

function hashPair(left: number, right: number): number {
  const mixed = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
