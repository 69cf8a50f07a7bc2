// Finds items by a few typed letters: all words must occur; a hit at the beginning of a word, and an
// early one, comes first. Order among equals is kept.

export function rankMatches<T>(
  query: string,
  items: readonly T[],
  textOf: (item: T) => string,
): T[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...items];
  const scored = items.flatMap((item, order) => {
    const score = scoreOf(words, textOf(item).toLowerCase());
    return score === undefined ? [] : [{ item, order, score }];
  });
  scored.sort((a, b) => a.score - b.score || a.order - b.order);
  return scored.map(({ item }) => item);
}

/** Lower is better; undefined = a word is missing. */
function scoreOf(words: readonly string[], text: string): number | undefined {
  let score = 0;
  for (const word of words) {
    const at = text.indexOf(word);
    if (at < 0) return undefined;
    const startsWord = at === 0 || /[\s(-]/.test(text[at - 1]!);
    score += at + (startsWord ? 0 : 1000);
  }
  return score;
}
