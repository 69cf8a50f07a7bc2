// Near-duplicate texts: a 64-bit SimHash over 5-grams of characters, and a set that knows a text
// within 3 bits of one it has. Characters rather than words, so that Chinese counts like English.
// Source: agents reference §6.5.

const GRAM = 5;
const NEAR = 3;

/** Two halves of 32 bits: plain numbers are much faster than bigint. */
export type SimHash = readonly [high: number, low: number];

export function simHash(text: string): SimHash {
  const plain = text.toLowerCase().replaceAll(/\s+/g, ' ');
  const votes = new Int32Array(64);
  const last = Math.max(0, plain.length - GRAM);
  for (let at = 0; at <= last; at++) {
    let a = 0x811c9dc5;
    let b = 0x9747b28c;
    for (let i = at; i < at + GRAM && i < plain.length; i++) {
      const unit = plain.charCodeAt(i);
      a = Math.imul(a ^ unit, 0x01000193);
      b = Math.imul(b ^ unit, 0x5bd1e995);
    }
    a = mixed(a);
    b = mixed(b);
    for (let bit = 0; bit < 32; bit++) {
      votes[bit]! += ((a >>> bit) & 1) * 2 - 1;
      votes[bit + 32]! += ((b >>> bit) & 1) * 2 - 1;
    }
  }
  return [half(votes, 0), half(votes, 32)];
}

/** Bits in which two hashes differ. */
export function distance(a: SimHash, b: SimHash): number {
  return bitsOf(a[0] ^ b[0]) + bitsOf(a[1] ^ b[1]);
}

/** Texts of one environment. */
export class DistinctTexts {
  readonly #hashes: SimHash[] = [];

  /** Whether there is one within 3 bits. */
  hasNear(hash: SimHash): boolean {
    return this.#hashes.some((one) => distance(one, hash) <= NEAR);
  }

  add(hash: SimHash): void {
    this.#hashes.push(hash);
  }
}

/** Spreads every input bit over the word (the finaliser of MurmurHash3). */
function mixed(value: number): number {
  let word = value ^ (value >>> 16);
  word = Math.imul(word, 0x85ebca6b);
  word ^= word >>> 13;
  word = Math.imul(word, 0xc2b2ae35);
  return word ^ (word >>> 16);
}

function half(votes: Int32Array, from: number): number {
  let word = 0;
  for (let bit = 0; bit < 32; bit++) if (votes[from + bit]! > 0) word |= 1 << bit;
  return word;
}

function bitsOf(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}
