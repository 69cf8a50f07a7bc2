// Dates and times in words and figures, English and Chinese, both ways. No spelling leaves open which
// figure is the month.

import type { Language } from '../../task-types.js';
import { spelled, type Form, type Surface } from './form.js';
import { inChinese } from './numbers.js';

const MONTHS =
  'January February March April May June July August September October November December'.split(
    ' ',
  );
const MONTH = MONTHS.join('|');

interface Parts {
  readonly year: string;
  /** Without leading zero. */
  readonly month: number;
  readonly day: number;
}

function partsOf(date: string): Parts | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  return match && { year: match[1]!, month: Number(match[2]), day: Number(match[3]) };
}

function dateOf(year: string, month: number, day: number): string {
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

function ordinal(day: number): string {
  if (day >= 11 && day <= 13) return `${day}th`;
  return `${day}${['th', 'st', 'nd', 'rd'][day % 10] ?? 'th'}`;
}

const monthName = (month: number): string | null => MONTHS[month - 1] ?? null;
const monthNumber = (name: string): number => MONTHS.indexOf(name) + 1;

interface DateSurface {
  write(parts: Parts): string | null;
  readonly pattern: string;
  decode(groups: readonly string[]): string;
}

const plain: DateSurface = {
  write: ({ year, month, day }) => dateOf(year, month, day),
  pattern: '(\\d{4})-(\\d{2})-(\\d{2})',
  decode: ([year, month, day]) => `${year}-${month}-${day}`,
};

const ENGLISH: readonly DateSurface[] = [
  plain,
  {
    write: ({ year, month, day }) => `${day} ${monthName(month)} ${year}`,
    pattern: `(\\d{1,2}) (${MONTH}) (\\d{4})`,
    decode: ([day, month, year]) => dateOf(year!, monthNumber(month!), Number(day)),
  },
  {
    write: ({ year, month, day }) => `${monthName(month)} ${day}, ${year}`,
    pattern: `(${MONTH}) (\\d{1,2}), (\\d{4})`,
    decode: ([month, day, year]) => dateOf(year!, monthNumber(month!), Number(day)),
  },
  {
    write: ({ year, month, day }) => `the ${ordinal(day)} of ${monthName(month)} ${year}`,
    pattern: `the (\\d{1,2})[a-z]{2} of (${MONTH}) (\\d{4})`,
    decode: ([day, month, year]) => dateOf(year!, monthNumber(month!), Number(day)),
  },
];

const YEAR_DIGITS = '〇一二三四五六七八九';
const CHINESE_NUMBER = new Map(Array.from({ length: 32 }, (_, n) => [inChinese(n), n]));

const CHINESE: readonly DateSurface[] = [
  plain,
  {
    write: ({ year, month, day }) => `${year}年${month}月${day}日`,
    pattern: '(\\d{4})年(\\d{1,2})月(\\d{1,2})日',
    decode: ([year, month, day]) => dateOf(year!, Number(month), Number(day)),
  },
  {
    write: ({ year, month, day }) =>
      `${[...year].map((digit) => YEAR_DIGITS[Number(digit)]).join('')}年${inChinese(month)}月${inChinese(day)}日`,
    pattern: `([${YEAR_DIGITS}]{4})年([一二三四五六七八九十]+)月([一二三四五六七八九十]+)日`,
    decode: ([year, month, day]) =>
      dateOf(
        [...year!].map((digit) => YEAR_DIGITS.indexOf(digit)).join(''),
        CHINESE_NUMBER.get(month!) ?? 0,
        CHINESE_NUMBER.get(day!) ?? 0,
      ),
  },
  {
    write: ({ year, month, day }) =>
      `${year}年${dateOf(year, month, day).slice(5).replace('-', '月')}号`,
    pattern: '(\\d{4})年(\\d{2})月(\\d{2})号',
    decode: ([year, month, day]) => dateOf(year!, Number(month), Number(day)),
  },
];

function dateSurface(surface: DateSurface): Surface<string> {
  return {
    write(value) {
      const parts = partsOf(value);
      return parts && surface.write(parts);
    },
    pattern: new RegExp(surface.pattern, 'y'),
    decode: (match) => surface.decode(match.slice(1)),
  };
}

/** The date as usual, then the time of day; `between` is what joins them. */
function timeSurface(surface: DateSurface, between: string): Surface<string> {
  return {
    write(value) {
      const [date, time] = value.split('T');
      const parts = partsOf(date ?? '');
      const text = parts && surface.write(parts);
      return text === null || time === undefined ? null : `${text}${between}${time}`;
    },
    pattern: new RegExp(`${surface.pattern}${between}(\\d{2}:\\d{2})`, 'y'),
    decode(match) {
      const groups = match.slice(1);
      const time = groups.pop()!;
      return `${surface.decode(groups)}T${time}`;
    },
  };
}

const DATE_FORMS: Readonly<Record<Language, Form<string>>> = {
  en: spelled(ENGLISH.map(dateSurface)),
  zh: spelled(CHINESE.map(dateSurface)),
};
const TIME_FORMS: Readonly<Record<Language, Form<string>>> = {
  en: spelled(ENGLISH.map((surface) => timeSurface(surface, surface === plain ? ' ' : ' at '))),
  zh: spelled(CHINESE.map((surface) => timeSurface(surface, ' '))),
};

/** YYYY-MM-DD */
export function dateForm(language: Language): Form<string> {
  return DATE_FORMS[language];
}

/** YYYY-MM-DDTHH:MM */
export function datetimeForm(language: Language): Form<string> {
  return TIME_FORMS[language];
}
