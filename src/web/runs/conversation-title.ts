// The title that a new conversation has of its first question.

const MAX_TITLE = 60;

/** Its first line that says something, cut at a word; '' when there is none. */
export function titleOf(question: string): string {
  const line = question
    .split('\n')
    .map((text) => text.replaceAll(/\s+/g, ' ').trim())
    .find((text) => /[\p{L}\p{N}]/u.test(text));
  if (line === undefined) return '';
  const characters = [...line];
  if (characters.length <= MAX_TITLE) return line;
  const cut = characters.slice(0, MAX_TITLE - 1).join('');
  const space = cut.lastIndexOf(' ');
  // Chinese has no spaces, and one word may be longer than any title.
  return `${(space > MAX_TITLE / 2 ? cut.slice(0, space) : cut).trimEnd()}…`;
}
