// Arithmetic with names, by recursive descent.

import { many, source, type ProgramTemplate } from '../program.js';

export const formula: ProgramTemplate = {
  id: 'formula',
  make(random, { thing }) {
    const names = random.pick([
      ['price', 'count'],
      ['width', 'height'],
      ['base', 'rate'],
    ]);
    return {
      files: {
        'tokens.js': source(`
/** Numbers, names and signs of a formula; null where something else is in it. */
export function tokensOf(text) {
  const tokens = [];
  let at = 0;
  const take = (isPart) => {
    const start = at;
    while (at < text.length && isPart(text[at])) at += 1;
    return text.slice(start, at);
  };
  const isDigit = (unit) => unit >= '0' && unit <= '9';
  const isLetter = (unit) => unit >= 'a' && unit <= 'z';
  while (at < text.length) {
    const unit = text[at];
    if (unit === ' ') at += 1;
    else if (isDigit(unit)) tokens.push({ number: Number(take(isDigit)) });
    else if (isLetter(unit)) tokens.push({ name: take(isLetter) });
    else if ('+-*/()'.includes(unit)) {
      tokens.push({ sign: unit });
      at += 1;
    } else return null;
  }
  return tokens;
}
`),
        'parse.js': source(`
/**
 * Works out tokens by recursive descent: * and / bind closer than + and -, equal ones go from left to
 * right, / gives the whole part towards zero. @throws a text that says what is wrong
 */
export function evaluate(tokens, values) {
  let at = 0;
  const sign = () => (at < tokens.length ? tokens[at].sign : undefined);

  function atom() {
    const token = tokens[at];
    if (token === undefined) throw 'end';
    at += 1;
    if (token.number !== undefined) return token.number;
    if (token.name !== undefined) {
      if (!Object.hasOwn(values, token.name)) throw 'name';
      return values[token.name];
    }
    if (token.sign === '-') return -atom();
    if (token.sign !== '(') throw 'sign';
    const value = sum();
    if (sign() !== ')') throw 'bracket';
    at += 1;
    return value;
  }

  function product() {
    let value = atom();
    while (sign() === '*' || sign() === '/') {
      const isProduct = sign() === '*';
      at += 1;
      const right = atom();
      if (!isProduct && right === 0) throw 'zero';
      value = isProduct ? value * right : Math.trunc(value / right);
    }
    return value;
  }

  function sum() {
    let value = product();
    while (sign() === '+' || sign() === '-') {
      const isSum = sign() === '+';
      at += 1;
      const right = product();
      value = isSum ? value + right : value - right;
    }
    return value;
  }

  const value = sum();
  if (at < tokens.length) throw 'rest';
  return value + 0;
}
`),
        'index.js': source(`
import { evaluate } from './parse.js';
import { tokensOf } from './tokens.js';

/**
 * The value of a formula over the fields of a ${thing} (whole numbers).
 * @returns { value } or { error }: "text" for signs that no formula has, else what evaluate says
 */
export default function compute(formula, values) {
  const tokens = tokensOf(formula);
  if (tokens === null) return { error: 'text' };
  try {
    return { value: evaluate(tokens, values) };
  } catch (error) {
    return { error };
  }
}
`),
      },
      args: (draw) => {
        const atom = (): string =>
          draw.pick([...names, String(draw.int(0, 12)), '3', `(${names[0]} - 4)`, '-2', '(7 + 2)']);
        const terms = many(draw, 1, 5, atom);
        let text = terms[0]!;
        for (const term of terms.slice(1)) text += ` ${draw.pick(['+', '-', '*', '/'])} ${term}`;
        if (draw.chance(12)) text += draw.pick([' +', ')', ' !', ' unknown', ' (']);
        return [text, { [names[0]!]: draw.int(0, 20), [names[1]!]: draw.int(-3, 9) }];
      },
    };
  },
};
