// MinHash signatures of texts: the share of equal places in two signatures estimates the share of common
// 5-grams (Jaccard). Small enough to keep one for every task of a corpus.
// Source: agents reference §6.5.

import { Random } from '../random.js';

const GRAM = 5;
export const PLACES = 60;

/** PLACES unsigned 32-bit numbers. */
export type Signature = Uint32Array;

const streams = new Random('min-hash');
const FACTORS = Uint32Array.from({ length: PLACES }, () => streams.uint32() | 1);
const OFFSETS = Uint32Array.from({ length: PLACES }, () => streams.uint32());

export function signatureOf(text: string): Signature {
  const plain = text.toLowerCase().replaceAll(/\s+/g, ' ');
  const least = new Uint32Array(PLACES).fill(0xffffffff);
  const last = Math.max(0, plain.length - GRAM);
  for (let at = 0; at <= last; at++) {
    let hash = 0x811c9dc5;
    for (let i = at; i < at + GRAM && i < plain.length; i++) {
      hash = Math.imul(hash ^ plain.charCodeAt(i), 0x01000193);
    }
    hash = spread(hash);
    for (let place = 0; place < PLACES; place++) {
      const value = spread(Math.imul(hash, FACTORS[place]!) + OFFSETS[place]!) >>> 0;
      if (value < least[place]!) least[place] = value;
    }
  }
  return least;
}

/** Estimated share of common 5-grams, 0 to 1. */
export function similarityOf(a: Signature, b: Signature): number {
  let equal = 0;
  for (let place = 0; place < PLACES; place++) if (a[place] === b[place]) equal++;
  return equal / PLACES;
}

/** For JSON. */
export function encodeSignature(signature: Signature): string {
  const bytes = Buffer.alloc(PLACES * 4);
  signature.forEach((value, place) => bytes.writeUInt32LE(value, place * 4));
  return bytes.toString('base64');
}

/** @throws RangeError for what is no signature */
export function decodeSignature(text: string): Signature {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== PLACES * 4) {
    throw new RangeError(`a signature has ${PLACES * 4} bytes, not ${bytes.length}`);
  }
  return Uint32Array.from({ length: PLACES }, (_, place) => bytes.readUInt32LE(place * 4));
}

/** Spreads every bit over the word. */
function spread(value: number): number {
  const word = Math.imul(value ^ (value >>> 15), 0x85ebca6b);
  return word ^ (word >>> 13);
}
