// Ranges of code points as sequences of byte ranges: the UTF-8 forms of exactly those characters.

import type { CharRange } from './char-ranges.js';

/** The last code point of one, two, three and four bytes. */
const LAST_OF_LENGTH = [0x7f, 0x7ff, 0xffff, 0x10ffff];

/** Each entry has a range for every byte. Surrogates must not be in the range. */
export function utf8Sequences([first, last]: CharRange): CharRange[][] {
  for (const limit of LAST_OF_LENGTH) {
    if (first <= limit && limit < last) {
      return [...utf8Sequences([first, limit]), ...utf8Sequences([limit + 1, last])];
    }
  }
  // All of one length now. Cut where a lower byte wraps round before the upper ones are equal.
  for (let bits = 6; bits <= 18; bits += 6) {
    const mask = (1 << bits) - 1;
    if (first >> bits === last >> bits) continue;
    if ((first & mask) !== 0) {
      return [
        ...utf8Sequences([first, first | mask]),
        ...utf8Sequences([(first | mask) + 1, last]),
      ];
    }
    if ((last & mask) !== mask) {
      return [
        ...utf8Sequences([first, (last & ~mask) - 1]),
        ...utf8Sequences([last & ~mask, last]),
      ];
    }
  }
  const low = Buffer.from(String.fromCodePoint(first));
  const high = Buffer.from(String.fromCodePoint(last));
  return [Array.from(low, (byte, i): CharRange => [byte, high[i]!])];
}
