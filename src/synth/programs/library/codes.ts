// Codes with groups, numbers and a check mark.

import { source, type ProgramTemplate } from '../program.js';

export const codes: ProgramTemplate = {
  id: 'codes',
  make(random, { thing }) {
    const weights = random.pick([
      [3, 1],
      [7, 3, 1],
      [1, 2, 3, 4],
    ]);
    const modulus = random.pick([10, 11, 7]);
    const prefix = random.pick(['A', 'K', 'R', 'X']);
    return {
      files: {
        'digits.js': source(`
/** The digits of a text as numbers; null if anything else is in it. */
export function digitsOf(text) {
  const digits = [];
  for (const unit of text) {
    if (unit < '0' || unit > '9') return null;
    digits.push(Number(unit));
  }
  return digits;
}
`),
        'check.js': source(`
/** Digits are weighted by these in turn, from the left. */
const WEIGHTS = [${weights.join(', ')}];
const MODULUS = ${modulus};

/** What must stand at the end: the sum of weighted digits modulo ${modulus}; X stands for ten. */
export function checkMark(digits) {
  let sum = 0;
  digits.forEach((digit, i) => {
    sum += digit * WEIGHTS[i % WEIGHTS.length];
  });
  const rest = sum % MODULUS;
  return rest === 10 ? 'X' : String(rest);
}
`),
        'index.js': source(`
import { checkMark } from './check.js';
import { digitsOf } from './digits.js';

/**
 * Reads the code of a ${thing}: "${prefix}", a group of 2 digits, a number of 3 to 6 digits and its check mark
 * (over group and number), with hyphens between, as in ${prefix}-04-00123-7. Case and spaces around it do not
 * matter. @returns { group, number } as numbers, or { error }: "form", "digits", "length" or "check"
 */
export default function readCode(text) {
  const parts = text.trim().toUpperCase().split('-');
  if (parts.length !== 4 || parts[0] !== '${prefix}') return { error: 'form' };
  const [, group, number, mark] = parts;
  const digits = digitsOf(group + number);
  if (digits === null) return { error: 'digits' };
  if (group.length !== 2 || number.length < 3 || number.length > 6) return { error: 'length' };
  if (checkMark(digits) !== mark) return { error: 'check' };
  return { group: Number(group), number: Number(number) };
}
`),
      },
      args: (draw) => {
        const digits = (count: number): string =>
          Array.from({ length: count }, () => String(draw.int(0, 9))).join('');
        const [group, number] = [
          digits(draw.chance(90) ? 2 : 3),
          digits(draw.pick([2, 3, 3, 4, 6, 6, 7])),
        ];
        const sum = [...(group + number)].reduce(
          (all, digit, i) => all + Number(digit) * weights[i % weights.length]!,
          0,
        );
        const right = sum % modulus === 10 ? 'X' : String(sum % modulus);
        const mark = draw.chance(75) ? right : draw.pick(['0', 'X', 'x', '5']);
        const code = `${draw.chance(95) ? prefix : 'B'}-${group}-${number}-${mark}`;
        const odd = draw.pick([
          code,
          code,
          code,
          code.toLowerCase(),
          ` ${code} `,
          `${code}-1`,
          code.replace('0', 'O'),
        ]);
        return [odd];
      },
    };
  },
};
