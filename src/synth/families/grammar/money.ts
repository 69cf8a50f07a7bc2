// Amounts of money in words and figures, English and Chinese, both ways. Values are minor units (cents,
// fen) as in the tables; five spellings in English, five in Chinese.

import type { Language } from '../../task-types.js';
import { spelled, type Form, type Surface } from './form.js';
import { grouped } from './numbers.js';

const GROUPED = '\\d{1,3}(?:,\\d{3})*';
const END = '(?!\\d|[.,]\\d)';

const cents = (value: number): string => String(value % 100).padStart(2, '0');
const whole = (value: number): number => Math.floor(value / 100);
const minor = (main: string, rest = '0'): number =>
  Number(main.replaceAll(',', '')) * 100 + Number(rest);

/** A spelling with a fixed part before and after the figure. Negative amounts have none. */
function surface(
  write: (value: number) => string | null,
  pattern: string,
  decode: (match: RegExpExecArray) => number,
): Surface<number> {
  return {
    write: (value) => (value >= 0 ? write(value) : null),
    pattern: new RegExp(pattern, 'y'),
    decode,
  };
}

const twoPlaces = (match: RegExpExecArray): number => minor(match[1]!, match[2]);
const ofMinor = (match: RegExpExecArray): number => Number(match[1]!.replaceAll(',', ''));

const ENGLISH = spelled([
  surface(
    (value) => `$${grouped(whole(value))}.${cents(value)}`,
    `\\$(${GROUPED})\\.(\\d{2})${END}`,
    twoPlaces,
  ),
  surface(
    (value) => (value % 100 === 0 ? `$${grouped(whole(value))}` : null),
    `\\$(${GROUPED})${END}`,
    twoPlaces,
  ),
  surface(
    (value) => `${whole(value)}.${cents(value)} dollars`,
    '(\\d+)\\.(\\d{2}) dollars',
    twoPlaces,
  ),
  surface(
    (value) => `USD ${whole(value)}.${cents(value)}`,
    `USD (\\d+)\\.(\\d{2})${END}`,
    twoPlaces,
  ),
  surface((value) => `${grouped(value)} cents`, `(${GROUPED}) cents`, ofMinor),
]);

const CHINESE = spelled([
  surface((value) => `${whole(value)}.${cents(value)}元`, '(\\d+)\\.(\\d{2})元', twoPlaces),
  surface(
    (value) => `${grouped(whole(value))}.${cents(value)}元`,
    `(${GROUPED})\\.(\\d{2})元`,
    twoPlaces,
  ),
  surface((value) => (value % 100 === 0 ? `${whole(value)}元整` : null), '(\\d+)元整', twoPlaces),
  surface((value) => `${whole(value)}元${cents(value)}分`, '(\\d+)元(\\d{2})分', twoPlaces),
  surface((value) => `${grouped(value)}分钱`, `(${GROUPED})分钱`, ofMinor),
]);

/** Amounts in minor units, at least 0. */
export function moneyForm(language: Language): Form<number> {
  return language === 'en' ? ENGLISH : CHINESE;
}
