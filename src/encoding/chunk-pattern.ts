// Cuts a text into pieces by a repeating pattern of sizes, to replay a stream from a recorded text.

/** Sizes count code points and repeat cyclically. Throws RangeError unless all are positive integers. */
export function cutByPattern(text: string, pattern: readonly number[]): string[] {
  if (pattern.length === 0 || !pattern.every((size) => Number.isSafeInteger(size) && size > 0)) {
    throw new RangeError('a chunk pattern needs at least one size, all positive integers');
  }
  const codePoints = Array.from(text);
  const pieces: string[] = [];
  for (let start = 0, turn = 0; start < codePoints.length; turn++) {
    const end = start + pattern[turn % pattern.length]!;
    pieces.push(codePoints.slice(start, end).join(''));
    start = end;
  }
  return pieces;
}
