// What a message to the simulated user is taken apart into: names of things, clauses, words. Marks of
// quotation, case and full-width forms do not matter, and Latin names are found in Chinese text. Knows
// nothing of facts or tools. Every pattern takes time linear in the text.

/** A row that can be spoken of, by its name or its key. */
export interface Thing {
  readonly name: string;
  readonly table: string;
  readonly key: string;
}

/** Longer messages are cut: nobody speaks that long. */
export const MAX_MESSAGE = 8_000;
const QUOTES = /["'`´“”„‘’‚「」『』《》〈〉«»]/g;
/** Words of a question that say nothing about what is asked. */
const EMPTY_WORDS = new Set(
  'the and for you your are was what which who how can could please tell does did has have with that this when where is it of to in on a an me my i do read reads'.split(
    ' ',
  ),
);
const EMPTY_PHRASES = /现在|是什么|什么|请问|多少|哪个|吗|的|是/g;

/** As it is compared: one form per character, no quotation marks, single blanks. */
export function plain(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(QUOTES, ' ')
    .toLowerCase()
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** Takes out every mention of the names, the longest first; `text` must be plain. */
export function takeOut(
  text: string,
  names: readonly string[],
): { readonly found: ReadonlySet<string>; readonly rest: string } {
  const found = new Set<string>();
  let rest = text;
  for (const name of names.toSorted((a, b) => b.length - a.length)) {
    const wanted = plain(name);
    if (wanted === '') continue;
    for (let at = rest.indexOf(wanted); at !== -1; at = rest.indexOf(wanted, at + 1)) {
      const end = at + wanted.length;
      // A name is whole: "C6" is not in "C60".
      if (joins(rest[at - 1], wanted[0]) || joins(wanted.at(-1), rest[end])) continue;
      found.add(name);
      rest = `${rest.slice(0, at)}${' '.repeat(wanted.length)}${rest.slice(end)}`;
    }
  }
  return { found, rest };
}

/** The things that a plain text names, in their own order. */
export function thingsIn(
  text: string,
  things: readonly Thing[],
): { readonly named: readonly Thing[]; readonly rest: string } {
  const { found, rest } = takeOut(
    text,
    things.flatMap(({ name, key }) => [name, key]),
  );
  return { named: things.filter(({ name, key }) => found.has(name) || found.has(key)), rest };
}

/** Sentences and lines; a list with commas is one clause. */
export function clausesOf(text: string): string[] {
  return text
    .split(/[\n;；。!！?？]|\.(?=\s|$)/)
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/** Latin words, and pairs of neighbouring characters where a script has no spaces. */
export function tokensOf(text: string): Set<string> {
  const tokens = new Set<string>();
  const wanted = plain(text).replaceAll(EMPTY_PHRASES, ' ');
  for (const [word] of wanted.matchAll(/[a-z0-9]+/g)) {
    if (!EMPTY_WORDS.has(word)) tokens.add(word);
  }
  for (const [run] of wanted.matchAll(/\p{Script=Han}+/gu)) {
    if (run.length === 1) tokens.add(run);
    for (let i = 0; i + 1 < run.length; i++) tokens.add(run.slice(i, i + 2));
  }
  return tokens;
}

/** Those of `wanted` that a plain text has. */
export function tokensIn(text: string, wanted: ReadonlySet<string>): Set<string> {
  const words = new Set(text.match(/[a-z0-9]+/g));
  return new Set(
    [...wanted].filter((token) =>
      /^[a-z0-9]/.test(token) ? words.has(token) : text.includes(token),
    ),
  );
}

function joins(left: string | undefined, right: string | undefined): boolean {
  const isPart = (one: string | undefined): boolean => one !== undefined && /[a-z0-9_]/.test(one);
  return isPart(left) && isPart(right);
}
