// Sets of code points as sorted, disjoint ranges: what a character class of a grammar or of a regular
// expression means. Pure arithmetic; knows no notation.

/** First and last code point, both inside. */
export type CharRange = readonly [first: number, last: number];

/** Sorted, without overlaps. */
export type CharRanges = readonly CharRange[];

/**
 * Everything a reply spells with ordinary tokens: no surrogates, and none of the first control
 * characters, which stand for control tokens in a grammar (GrammarSpec in backend/types.ts).
 */
export const ANY_CHARACTER: CharRanges = [
  [0x09, 0xd7ff],
  [0xe000, 0x10ffff],
];

export function rangesOf(text: string): CharRanges {
  return unite(Array.from(text, (char): CharRange => [char.codePointAt(0)!, char.codePointAt(0)!]));
}

/** The union of ranges in any order, overlapping or not. */
export function unite(ranges: readonly CharRange[]): CharRanges {
  const sorted = ranges.toSorted(([a], [b]) => a - b);
  const united: [number, number][] = [];
  for (const [first, last] of sorted) {
    const previous = united.at(-1);
    if (previous && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else united.push([first, last]);
  }
  return united;
}

export function subtract(from: CharRanges, removed: CharRanges): CharRanges {
  let left: CharRange[] = [...from];
  for (const [first, last] of removed) {
    left = left.flatMap(([a, b]): CharRange[] => {
      if (last < a || first > b) return [[a, b]];
      const parts: CharRange[] = [];
      if (a < first) parts.push([a, first - 1]);
      if (b > last) parts.push([last + 1, b]);
      return parts;
    });
  }
  return left;
}

export function intersect(a: CharRanges, b: CharRanges): CharRanges {
  return subtract(a, subtract(a, b));
}
