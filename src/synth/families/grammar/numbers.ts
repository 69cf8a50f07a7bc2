// Whole numbers in words and figures, English and Chinese, both ways. Four spellings each; a spelling is
// left out where nobody would use it (words beyond 999).

import type { Language } from '../../task-types.js';
import { spelled, type Form, type Surface } from './form.js';

/** No digit, and no comma or point with a digit, comes next: the figure ends here. */
const END = '(?!\\d|[.,]\\d)';

const UNITS = (
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen ' +
  'sixteen seventeen eighteen nineteen'
).split(' ');
const TENS = ['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const MAX_WORDS = 999;

/** `two hundred and seventeen`, for 0 .. 999. */
export function inWords(value: number): string {
  if (value < 20) return UNITS[value]!;
  if (value < 100) {
    const tens = TENS[Math.floor(value / 10) - 2]!;
    return value % 10 === 0 ? tens : `${tens}-${UNITS[value % 10]!}`;
  }
  const hundreds = `${UNITS[Math.floor(value / 100)]!} hundred`;
  return value % 100 === 0 ? hundreds : `${hundreds} and ${inWords(value % 100)}`;
}

const BY_WORDS = new Map(Array.from({ length: MAX_WORDS + 1 }, (_, n) => [inWords(n), n]));
// Longer words first: `seventeen` before `seven`.
const UNIT = UNITS.toReversed().join('|');
const BELOW_100 = `(?:(?:${TENS.join('|')})(?:-(?:${UNIT}))?|${UNIT})`;
const WORDS = `(?:(?:${UNIT}) hundred(?: and ${BELOW_100})?|${BELOW_100})(?![a-z-])`;

const DIGITS = '零一二三四五六七八九';

/** `一百二十三`, for 0 .. 9999. */
export function inChinese(value: number): string {
  if (value < 10) return DIGITS[value]!;
  if (value < 20) return value === 10 ? '十' : `十${DIGITS[value - 10]!}`;
  let out = '';
  let gap = false;
  for (const [unit, word] of [
    [1000, '千'],
    [100, '百'],
    [10, '十'],
    [1, ''],
  ] as const) {
    const digit = Math.floor(value / unit) % 10;
    if (digit === 0) gap = out !== '';
    else {
      if (gap) out += '零';
      out += `${DIGITS[digit]!}${word}`;
      gap = false;
    }
  }
  return out;
}

const CHINESE = /[零一二三四五六七八九十百千]+/y;
const BY_CHINESE = new Map(Array.from({ length: 10_000 }, (_, n) => [inChinese(n), n]));

export function grouped(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

const figures: Surface<number> = {
  write: (value) => String(value),
  pattern: new RegExp(`-?\\d+${END}`, 'y'),
  decode: (match) => Number(match[0]),
};
const withCommas: Surface<number> = {
  write: (value) => (value >= 1000 ? grouped(value) : null),
  pattern: new RegExp(`\\d{1,3}(?:,\\d{3})+${END}`, 'y'),
  decode: (match) => Number(match[0].replaceAll(',', '')),
};
const english: Surface<number> = {
  write: (value) => (value >= 0 && value <= MAX_WORDS ? inWords(value) : null),
  pattern: new RegExp(WORDS, 'y'),
  decode: (match) => BY_WORDS.get(match[0]) ?? null,
};
const englishTwice: Surface<number> = {
  write: (value) => (value >= 0 && value <= MAX_WORDS ? `${inWords(value)} (${value})` : null),
  pattern: new RegExp(`${WORDS} \\((\\d+)\\)`, 'y'),
  decode: (match) => Number(match[1]),
};
const chinese: Surface<number> = {
  write: (value) => (value >= 0 && value < 10_000 ? inChinese(value) : null),
  pattern: CHINESE,
  decode: (match) => BY_CHINESE.get(match[0]) ?? null,
};
const fullWidth: Surface<number> = {
  write: (value) =>
    value >= 0
      ? String(value).replaceAll(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)))
      : null,
  pattern: /[０-９]+/y,
  decode: (match) => Number([...match[0]].map((digit) => digit.charCodeAt(0) - 0xff10).join('')),
};

const FORMS: Readonly<Record<Language, Form<number>>> = {
  en: spelled([figures, withCommas, english, englishTwice]),
  zh: spelled([figures, withCommas, chinese, fullWidth]),
};

/** Whole numbers. */
export function numberForm(language: Language): Form<number> {
  return FORMS[language];
}
