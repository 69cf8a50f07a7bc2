// English around a label: its article, and how many of it there are. Labels are singular words of tables
// and columns.

/** An English word with `a` or `an`, as it sounds. */
export function withArticle(word: string): string {
  return `${/^(?:[aeio]|un(?!i)|u(?!n|s|ti)|hour)/i.test(word) ? 'an' : 'a'} ${word}`;
}

/** Words that have no plural. */
const UNCOUNTED: ReadonlySet<string> = new Set([
  'baggage',
  'clothing',
  'equipment',
  'furniture',
  'glassware',
  'luggage',
  'machinery',
  'software',
]);

const lastWord = (label: string): string => label.slice(label.lastIndexOf(' ') + 1).toLowerCase();

/** The word for one of it: "piece of equipment". */
export function counted(word: string): string {
  return UNCOUNTED.has(lastWord(word)) ? `piece of ${word}` : word;
}

/** One of it, with its article. */
export const one = (word: string): string => withArticle(counted(word));

/** A number of days. */
export const inDays = (days: number): string => `${days} ${days === 1 ? 'day' : 'days'}`;

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
