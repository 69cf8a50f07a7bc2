// The search of the documentation: words of Latin script must all occur; Chinese, Japanese and Korean
// runs have no blanks between words, so they are compared in pairs of characters, most of which must
// occur. Titles weigh more than headings, headings more than text.

export interface SearchEntry {
  slug: string;
  /** Anchor of the heading; empty = the beginning of the page. */
  id: string;
  title: string;
  /** Empty = the beginning of the page. */
  heading: string;
  text: string;
  /** A page behind another one: comes after the others. */
  isMinor?: boolean;
}

export interface SnippetPart {
  text: string;
  isMatch: boolean;
}

export interface SearchHit {
  entry: SearchEntry;
  snippet: SnippetPart[];
}

const CJK = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}';
const WORD = new RegExp(`[${CJK}]+|(?:(?![${CJK}])[\\p{L}\\p{N}_./-])+`, 'gu');
const IS_CJK = new RegExp(`^[${CJK}]`, 'u');

const WEIGHTS = { title: 8, heading: 6, text: 1 } as const;
/** Share of a run's pairs that must occur. */
const MIN_SHARE = 0.6;
const MINOR = 4;
const MAX_PER_PAGE = 3;
const SNIPPET_BEFORE = 40;
const SNIPPET_LENGTH = 150;

export function searchDocs(
  query: string,
  entries: readonly SearchEntry[],
  limit = 24,
): SearchHit[] {
  const words = (query.normalize('NFKC').toLowerCase().match(WORD) ?? []).map(piecesOf);
  if (words.length === 0) return [];
  const scored = entries.flatMap((entry, order) => {
    const score = scoreOf(entry, words);
    return score === undefined ? [] : [{ entry, order, score }];
  });
  scored.sort((a, b) => b.score - a.score || a.order - b.order);
  const perPage = new Map<string, number>();
  const kept = scored.filter(({ entry: { slug } }) => {
    const count = (perPage.get(slug) ?? 0) + 1;
    perPage.set(slug, count);
    return count <= MAX_PER_PAGE;
  });
  const pieces = words.flatMap((word) => [word.whole, ...word.pieces]);
  return kept
    .slice(0, limit)
    .map(({ entry }) => ({ entry, snippet: snippetOf(entry.text, pieces) }));
}

interface QueryWord {
  whole: string;
  /** What is looked for: the word itself, or the pairs of a run. */
  pieces: string[];
}

function piecesOf(whole: string): QueryWord {
  const characters = [...whole];
  if (!IS_CJK.test(whole) || characters.length < 3) return { whole, pieces: [whole] };
  return { whole, pieces: characters.slice(1).map((character, i) => characters[i]! + character) };
}

/** undefined = a word is missing. */
function scoreOf(entry: SearchEntry, words: readonly QueryWord[]): number | undefined {
  const fields = {
    title: entry.title.toLowerCase(),
    heading: entry.heading.toLowerCase(),
    text: entry.text.toLowerCase(),
  };
  let score = 0;
  for (const { whole, pieces } of words) {
    let best = 0;
    let numFound = 0;
    for (const piece of pieces) {
      const found = (['title', 'heading', 'text'] as const).filter((name) =>
        fields[name].includes(piece),
      );
      if (found.length > 0) numFound++;
      for (const name of found) best += WEIGHTS[name] / pieces.length;
    }
    if (numFound / pieces.length < MIN_SHARE) return undefined;
    for (const name of ['title', 'heading', 'text'] as const) {
      if (fields[name].includes(whole)) best += WEIGHTS[name];
    }
    // A page named like the query comes before its own headings.
    if (entry.id === '' && fields.title.includes(whole)) best += WEIGHTS.title;
    score += best;
  }
  return entry.isMinor ? score / MINOR : score;
}

/** A piece of the text around its first match, cut into matching and other parts. */
function snippetOf(text: string, pieces: readonly string[]): SnippetPart[] {
  const lower = text.toLowerCase();
  const first = Math.min(
    ...pieces.map((piece) => lower.indexOf(piece)).filter((at) => at >= 0),
    text.length,
  );
  const from = first === text.length ? 0 : Math.max(0, first - SNIPPET_BEFORE);
  const shown = `${from > 0 ? '…' : ''}${text.slice(from, from + SNIPPET_LENGTH)}`;
  const isMatch = matchMap(shown.toLowerCase(), pieces);
  const parts: SnippetPart[] = [];
  for (let at = 0; at < shown.length; at++) {
    const last = parts.at(-1);
    if (last && last.isMatch === isMatch[at]) last.text += shown[at];
    else parts.push({ text: shown[at]!, isMatch: isMatch[at]! });
  }
  return parts;
}

function matchMap(lower: string, pieces: readonly string[]): boolean[] {
  const isMatch = Array.from({ length: lower.length }, () => false);
  for (const piece of pieces) {
    for (let at = lower.indexOf(piece); at >= 0; at = lower.indexOf(piece, at + 1)) {
      isMatch.fill(true, at, at + piece.length);
    }
  }
  return isMatch;
}
