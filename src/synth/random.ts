// Random numbers that are the same on every machine: splitmix64-seeded xoshiro128**, and streams named
// by a path, so that adding a draw in one place moves nothing elsewhere. Integers only: no result
// depends on rounding.

import { createHash } from 'node:crypto';

export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** @param path names the stream; equal paths give equal numbers */
  constructor(...path: readonly (string | number)[]) {
    const digest = createHash('sha256').update(JSON.stringify(path)).digest();
    this.#a = digest.readInt32LE(0);
    this.#b = digest.readInt32LE(4);
    this.#c = digest.readInt32LE(8);
    // All zeros is the one state that never leaves itself.
    this.#d = digest.readInt32LE(12) | 1;
  }

  /** Uniform in 0 .. 2^32 - 1 (xoshiro128**). */
  uint32(): number {
    const result = Math.imul(rotate(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotate(this.#d, 11);
    return result;
  }

  /** Uniform whole number in min .. max, both included. @throws RangeError if max < min */
  int(min: number, max: number): number {
    const span = max - min + 1;
    if (!(span >= 1) || span > 2 ** 32) throw new RangeError(`no whole number in ${min}..${max}`);
    // Rejection keeps it exact for every span.
    const limit = 2 ** 32 - (2 ** 32 % span);
    let drawn = this.uint32();
    while (drawn >= limit) drawn = this.uint32();
    return min + (drawn % span);
  }

  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean {
    return this.int(1, 100) <= percent;
  }

  /** @throws RangeError for an empty list */
  pick<T>(items: readonly T[]): T {
    return items[this.int(0, items.length - 1)]!;
  }

  /** A new list in random order. */
  shuffled<T>(items: readonly T[]): T[] {
    const out = [...items];
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.int(0, i);
      [out[i], out[j]] = [out[j]!, out[i]!];
    }
    return out;
  }

  /** `count` different items in random order; all of them if there are fewer. */
  sample<T>(items: readonly T[], count: number): T[] {
    return this.shuffled(items).slice(0, count);
  }

  /** An item by weights of whole numbers. @throws RangeError without a positive weight */
  weighted<T>(items: readonly { readonly item: T; readonly weight: number }[]): T {
    const total = items.reduce((sum, { weight }) => sum + weight, 0);
    let at = this.int(1, total);
    for (const { item, weight } of items) {
      at -= weight;
      if (at <= 0) return item;
    }
    throw new RangeError('no item has a positive weight');
  }

  /** Random text of lower-case letters and digits without look-alikes. */
  token(length: number): string {
    let out = '';
    for (let i = 0; i < length; i++) out += ALPHABET[this.int(0, ALPHABET.length - 1)];
    return out;
  }
}

const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
