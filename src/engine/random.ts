// Seeded pseudo-random numbers for sampling: xoshiro128** (Blackman, Vigna 2018), its state filled
// by splitmix32. One generator per request, so that a seed gives the same completion whatever else
// runs beside it.

import { randomInt } from 'node:crypto';

/** Uniform numbers in [0, 1) with 53 random bits. */
export type RandomSource = () => number;

/** @param seed any safe integer; absent = a fresh one. Equal seeds give equal sequences. */
export function createRandom(seed: number = randomInt(2 ** 47)): RandomSource {
  const nextWord = xoshiro128(seed);
  return () => {
    const high = nextWord() >>> 5; // 27 bits
    const low = nextWord() >>> 6; // 26 bits
    return (high * 2 ** 26 + low) / 2 ** 53;
  };
}

function xoshiro128(seed: number): () => number {
  const mix = splitmix32(seed);
  let [a, b, c, d] = [mix(), mix(), mix(), mix()];
  return () => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotateLeft(d, 11);
    return result;
  };
}

/** The low word of the seed is mixed before the high word joins, so that 53-bit seeds differ. */
function splitmix32(seed: number): () => number {
  const high = Math.floor(seed / 2 ** 32);
  let state = (seed % 2 ** 32) | 0;
  state = mixWord(state) ^ high;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    return mixWord(state);
  };
}

function mixWord(word: number): number {
  let z = word;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return z ^ (z >>> 15);
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
