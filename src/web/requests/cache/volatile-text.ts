// Whether what differs between two texts is something that changes by itself: a time, an id, a
// counter. Such a thing early in a prompt costs the cache everything behind it.

export type VolatileKind = 'time' | 'id' | 'number';

const MONTH = '(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*';
const WEEKDAY = '(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?';

/** The first kind that covers the difference on both sides is meant. */
const PATTERNS: readonly (readonly [VolatileKind, RegExp])[] = [
  ['id', /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi],
  [
    'time',
    /\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?Z| ?[+-]\d{2}:?\d{2})?)?/g,
  ],
  ['time', /\b\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[ap]\.?m\b\.?)?/gi],
  ['time', /\b\d{1,4}[/.]\d{1,2}[/.]\d{1,4}\b/g],
  ['time', new RegExp(`\\b${MONTH}\\.? \\d{1,2}(?:st|nd|rd|th)?(?:,? \\d{4})?\\b`, 'gi')],
  ['time', new RegExp(`\\b\\d{1,2}(?:st|nd|rd|th)? ${MONTH}\\.?(?:,? \\d{4})?\\b`, 'gi')],
  ['time', new RegExp(`\\b${WEEKDAY}\\b`, 'gi')],
  ['time', /\d{2,4} ?年 ?\d{1,2} ?月(?: ?\d{1,2} ?[日号])?|\d{1,2} ?月 ?\d{1,2} ?[日号]/g],
  ['time', /(?:星期|周|礼拜)[一二三四五六日天]|\d{1,2} ?[点时] ?\d{1,2} ?分?/g],
  ['time', /\b1\d{9}(?:\d{3})?\b/g],
  ['id', /\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b/gi],
  ['id', /\b(?=\w*\d)(?=\w*[a-z])[\w-]{12,}\b/gi],
  ['number', /\b\d+(?:\.\d+)?\b/g],
];

/** How far around the difference is looked. */
const REACH = 80;

/** `at`: where the texts begin to differ. */
export function volatileKind(a: string, b: string, at: number): VolatileKind | undefined {
  return PATTERNS.find(([, pattern]) => covers(pattern, a, at) && covers(pattern, b, at))?.[0];
}

/** Whether a match begins before or at the difference and reaches it: a clock's last digits differ. */
function covers(pattern: RegExp, text: string, at: number): boolean {
  const from = Math.max(0, at - REACH);
  const near = text.slice(from, at + REACH);
  const point = at - from;
  for (const match of near.matchAll(pattern)) {
    if (match.index <= point && point <= match.index + match[0].length) return true;
  }
  return false;
}
