// Programs that read small languages: versions, queries, settings, arithmetic.

import { many, source, type ProgramTemplate } from '../program.js';

export const versions: ProgramTemplate = {
  id: 'versions',
  make(_random, { thing }) {
    return {
      files: {
        'parse.js': source(`
/**
 * A version like 2.10.0-beta.2: numbers, and after the first hyphen the marks of a version that is not
 * finished. Missing numbers are 0.
 */
export function parseVersion(text) {
  const cut = text.indexOf('-');
  const plain = cut < 0 ? text : text.slice(0, cut);
  const marks = cut < 0 ? [] : text.slice(cut + 1).split('.');
  const numbers = plain.split('.').map(Number);
  while (numbers.length < 3) numbers.push(0);
  return { numbers, marks };
}

export function isNumeric(mark) {
  return mark !== '' && [...mark].every((unit) => unit >= '0' && unit <= '9');
}
`),
        'compare.js': source(`
import { isNumeric, parseVersion } from './parse.js';

/** Numeric marks are compared as numbers and come before others; those by their letters. */
function compareMarks(a, b) {
  if (isNumeric(a) && isNumeric(b)) return Number(a) - Number(b);
  if (isNumeric(a) !== isNumeric(b)) return isNumeric(a) ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Below 0: the first is older; 0: the same. A finished version is newer than its unfinished ones. */
export function compareVersions(left, right) {
  const [a, b] = [parseVersion(left), parseVersion(right)];
  for (let i = 0; i < 3; i++) {
    if (a.numbers[i] !== b.numbers[i]) return a.numbers[i] - b.numbers[i];
  }
  if (a.marks.length === 0 || b.marks.length === 0) return b.marks.length - a.marks.length;
  const shared = Math.min(a.marks.length, b.marks.length);
  for (let i = 0; i < shared; i++) {
    const order = compareMarks(a.marks[i], b.marks[i]);
    if (order !== 0) return order;
  }
  return a.marks.length - b.marks.length;
}
`),
        'index.js': source(`
import { compareVersions } from './compare.js';
import { parseVersion } from './parse.js';

/**
 * Which version of a ${thing} to install: the newest one that is not older than the one in use and has
 * the same first number. Unfinished ones count only where \`preview\` is true.
 * @returns null where there is nothing newer
 */
export default function upgradeFor(current, versions, preview) {
  let best = null;
  for (const version of versions) {
    const { numbers, marks } = parseVersion(version);
    if (numbers[0] !== parseVersion(current).numbers[0]) continue;
    if (marks.length > 0 && !preview) continue;
    if (compareVersions(version, current) <= 0) continue;
    if (best === null || compareVersions(version, best) > 0) best = version;
  }
  return best;
}
`),
      },
      args: (draw) => {
        const version = (): string => {
          const plain = `${draw.int(1, 2)}.${draw.pick([2, 9, 10])}${draw.chance(85) ? `.${draw.pick([0, 1, 10])}` : ''}`;
          return draw.chance(50)
            ? plain
            : `${plain}-${draw.pick(['alpha', 'beta', 'beta.2', 'beta.10', '1', 'rc.1', 'rc.1.x', 'beta.x'])}`;
        };
        return [version(), many(draw, 0, 6, version), draw.chance(60)];
      },
    };
  },
};

export const queryText: ProgramTemplate = {
  id: 'query-text',
  make(random, { thing, place }) {
    const size = random.int(2, 5) * 10;
    const most = size * 5;
    return {
      files: {
        'decode.js': source(`
const HEX = '0123456789abcdef';

/** Decodes + as a space and %hh as the character of that code; anything else stays as it is. */
export function decode(text) {
  let out = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '+') {
      out += ' ';
      continue;
    }
    const high = HEX.indexOf((text[i + 1] ?? '-').toLowerCase());
    const low = HEX.indexOf((text[i + 2] ?? '-').toLowerCase());
    if (text[i] === '%' && high >= 0 && low >= 0) {
      out += String.fromCharCode(high * 16 + low);
      i += 2;
    } else out += text[i];
  }
  return out;
}
`),
        'pairs.js': source(`
import { decode } from './decode.js';

/** Names and values in order; a name without = has an empty value. Pairs without a name are dropped. */
export function pairsOf(text) {
  const pairs = [];
  const plain = text.startsWith('?') ? text.slice(1) : text;
  for (const part of plain.split('&')) {
    const cut = part.indexOf('=');
    const name = decode(cut < 0 ? part : part.slice(0, cut));
    const value = cut < 0 ? '' : decode(part.slice(cut + 1));
    if (name !== '') pairs.push([name, value]);
  }
  return pairs;
}
`),
        'index.js': source(`
import { pairsOf } from './pairs.js';

const DEFAULT_SIZE = ${size};
const MOST = ${most};

const whole = (text) => (text !== '' && [...text].every((c) => c >= '0' && c <= '9') ? Number(text) : null);

/**
 * What a search for ${thing} rows asks for. \`tag\` may come several times (each value once, in order), of
 * other names the last one counts. \`page\` is 1 and \`size\` ${size} where they are no whole numbers or 0;
 * at most ${most} rows are shown. Names that are not known are listed once, in order.
 */
export default function readQuery(text) {
  const query = { ${place}: null, tags: [], page: 1, size: DEFAULT_SIZE, unknown: [] };
  for (const [name, value] of pairsOf(text)) {
    if (name === '${place}') query.${place} = value;
    else if (name === 'tag') {
      if (!query.tags.includes(value)) query.tags.push(value);
    } else if (name === 'page') query.page = whole(value) || 1;
    else if (name === 'size') query.size = Math.min(whole(value) || DEFAULT_SIZE, MOST);
    else if (!query.unknown.includes(name)) query.unknown.push(name);
  }
  return query;
}
`),
      },
      args: (draw) => {
        const pair = (): string =>
          draw.pick([
            `${place}=${draw.pick(['north', 'a+b', 'x%20y', '', 'c%2', '%41b', '100%25', 'd%7E', '%4a'])}`,
            `tag=${draw.pick(['red', 'blue', 'r%65d', ''])}`,
            `page=${draw.pick(['0', '2', '10', 'x', '', '-1'])}`,
            `size=${draw.pick(['0', String(most), String(most + 1), '5', '9', 'z'])}`,
            draw.pick(['other=1', 'x=2=3', '=7', 'tag', 'other', '']),
          ]);
        return [`${draw.chance(40) ? '?' : ''}${many(draw, 0, 5, pair).join('&')}`];
      },
    };
  },
};

export const settings: ProgramTemplate = {
  id: 'settings',
  make(_random, { place }) {
    return {
      files: {
        'lines.js': source(`
/** Lines that say something, with their numbers from 1. What follows # is a comment, but not in quotes. */
export function meaningful(text) {
  const lines = [];
  text.split('\\n').forEach((line, i) => {
    let quoted = false;
    let end = line.length;
    for (let at = 0; at < line.length; at++) {
      if (line[at] === '"') quoted = !quoted;
      if (line[at] === '#' && !quoted) {
        end = at;
        break;
      }
    }
    const plain = line.slice(0, end).trim();
    if (plain !== '') lines.push({ number: i + 1, text: plain });
  });
  return lines;
}
`),
        'values.js': source(`
const isDigits = (text) => text !== '' && [...text].every((unit) => unit >= '0' && unit <= '9');

/** Texts in quotes, on and off, whole numbers; every other value is a text as it is. */
export function valueOf(text) {
  if (text.length >= 2 && text.startsWith('"') && text.endsWith('"')) return text.slice(1, -1);
  if (text === 'on' || text === 'off') return text === 'on';
  const negative = text.startsWith('-');
  const digits = negative ? text.slice(1) : text;
  if (!isDigits(digits)) return text;
  return negative && Number(digits) !== 0 ? -Number(digits) : Number(digits);
}
`),
        'index.js': source(`
import { meaningful } from './lines.js';
import { valueOf } from './values.js';

/**
 * Reads the settings of a ${place}: "name = value" lines, in sections that begin with [section]. Names before
 * the first section belong to "general". The first of several equal names counts. Lines that are neither
 * are reported by number.
 */
export default function readSettings(text) {
  const sections = {};
  const wrong = [];
  let section = 'general';
  for (const { number, text: line } of meaningful(text)) {
    if (line.startsWith('[') && line.endsWith(']')) {
      section = line.slice(1, -1).trim();
      continue;
    }
    const cut = line.indexOf('=');
    if (cut <= 0) {
      wrong.push(number);
      continue;
    }
    const name = line.slice(0, cut).trim();
    sections[section] ??= {};
    if (!Object.hasOwn(sections[section], name)) sections[section][name] = valueOf(line.slice(cut + 1).trim());
  }
  return { sections, wrong };
}
`),
      },
      args: (draw) => [
        many(draw, 0, 6, () =>
          draw.pick([
            '[door]',
            '[ light ]',
            '[broken',
            `a = ${draw.pick(['1', '-5', '-0', 'on', 'off', '"x # y"', '"', '""', 'two words', '1.5', '-'])}`,
            `b=${draw.pick(['on # sure', '007', '"q"', ''])}`,
            'a = 9',
            '# only a comment',
            '',
            '= 3',
            'no sign',
            'c = x = y',
          ]),
        ).join('\n'),
      ],
    };
  },
};

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
