// Programs over texts: tables in text form, patterns, lines, placeholders, names.

import { many, source, type ProgramTemplate } from '../program.js';

export const csv: ProgramTemplate = {
  id: 'csv',
  make(random, { thing }) {
    const separator = random.pick([',', ';', '|']);
    return {
      files: {
        'split.js': source(`
/** Fields are separated by this and may stand in double quotes; two of those inside mean one. */
const SEPARATOR = '${separator}';
const QUOTE = '"';

/** Fields of one line. White space around a field without quotes does not belong to it. */
export function fieldsOf(line) {
  const fields = [];
  let field = '';
  let quoted = false;
  let wasQuoted = false;
  const finish = () => {
    fields.push(wasQuoted ? field : field.trim());
    field = '';
    wasQuoted = false;
  };
  for (let i = 0; i < line.length; i++) {
    const unit = line[i];
    if (quoted) {
      if (unit !== QUOTE) field += unit;
      else if (line[i + 1] === QUOTE) {
        field += QUOTE;
        i += 1;
      } else quoted = false;
    } else if (unit === QUOTE && field.trim() === '') {
      quoted = true;
      wasQuoted = true;
      field = '';
    } else if (unit === SEPARATOR) finish();
    else field += unit;
  }
  finish();
  return fields;
}
`),
        'rows.js': source(`
/** A row as an object. Fields that are missing at the end are empty, those too many are dropped. */
export function rowOf(names, fields) {
  const row = {};
  names.forEach((name, i) => {
    row[name] = i < fields.length ? fields[i] : '';
  });
  return row;
}
`),
        'index.js': source(`
import { rowOf } from './rows.js';
import { fieldsOf } from './split.js';

/**
 * Reads a list of ${thing} rows from text: the first line has the names of the columns. Empty lines and
 * lines that begin with # are skipped, also before the names.
 */
export default function readTable(text) {
  const lines = text
    .split('\\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
  if (lines.length === 0) return [];
  const names = fieldsOf(lines[0]);
  return lines.slice(1).map((line) => rowOf(names, fieldsOf(line)));
}
`),
      },
      args: (draw) => {
        const field = (): string =>
          draw.pick([
            'a',
            ' b c ',
            '"x"',
            `"p${separator}q"`,
            '"say ""hi"""',
            '',
            '12',
            ' "z "',
            'it"s',
          ]);
        const line = (): string =>
          draw.chance(12)
            ? draw.pick(['', '# note', '  ', ' #1'])
            : many(draw, 1, 4, field).join(separator);
        const head = draw.chance(20) ? '# head\n' : '';
        return [
          draw.chance(6)
            ? ''
            : `${head}id${separator} name${separator}"n o"\n${many(draw, 0, 4, line).join('\n')}`,
        ];
      },
    };
  },
};

export const glob: ProgramTemplate = {
  id: 'glob',
  make(random, { thing }) {
    const hidden = random.pick(['.', '_']);
    return {
      files: {
        'segment.js': source(`
/** Whether a name fits a pattern without slashes: ? is any one character, * any number of them. */
export function fitsSegment(pattern, name) {
  let p = 0;
  let n = 0;
  let star = -1;
  let resume = 0;
  while (n < name.length) {
    if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n]) && pattern[p] !== '*') {
      p += 1;
      n += 1;
    } else if (pattern[p] === '*') {
      star = p;
      resume = n;
      p += 1;
    } else if (star >= 0) {
      resume += 1;
      n = resume;
      p = star + 1;
    } else return false;
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}
`),
        'path.js': source(`
import { fitsSegment } from './segment.js';

/** Names that begin with "${hidden}" are found only by patterns that begin so too. */
const HIDDEN = '${hidden}';

/** Compares part by part; ** stands for any number of parts, also none, but for no hidden ones. */
export function fitsParts(pattern, parts) {
  if (pattern.length === 0) return parts.length === 0;
  const [first, ...rest] = pattern;
  if (first === '**') {
    if (fitsParts(rest, parts)) return true;
    if (parts.length === 0 || parts[0].startsWith(HIDDEN)) return false;
    return fitsParts(pattern, parts.slice(1));
  }
  if (parts.length === 0) return false;
  if (parts[0].startsWith(HIDDEN) && !first.startsWith(HIDDEN)) return false;
  return fitsSegment(first, parts[0]) && fitsParts(rest, parts.slice(1));
}
`),
        'index.js': source(`
import { fitsParts } from './path.js';

/**
 * Paths of ${thing} files that a list of patterns selects, in the order given. Patterns count in order: one
 * that begins with ! takes out again what was in. Without patterns nothing is selected.
 */
export default function selectPaths(patterns, paths) {
  return paths.filter((path) => {
    let selected = false;
    for (const pattern of patterns) {
      const excludes = pattern.startsWith('!');
      const plain = excludes ? pattern.slice(1) : pattern;
      if (selected !== excludes) continue;
      if (fitsParts(plain.split('/'), path.split('/'))) selected = !excludes;
    }
    return selected;
  });
}
`),
      },
      args: (draw) => [
        many(draw, 0, 3, () =>
          draw.pick([
            '*',
            '**',
            '**/*.js',
            'src/**',
            'src/*',
            '!**/b*',
            '!src/*',
            '?b.js',
            'a*b*.js',
            `**/${hidden}*`,
            '*/a?.js',
            `${hidden}x/**`,
          ]),
        ),
        draw.sample(
          [
            'a.js',
            'ab.js',
            'abb.js',
            'src/a.js',
            'src/ab.js',
            'src/x/b.js',
            `${hidden}x/a.js`,
            `src/${hidden}b.js`,
            'bb.js',
            'src',
            'aXbY.js',
            '',
          ],
          6,
        ),
      ],
    };
  },
};

export const wordWrap: ProgramTemplate = {
  id: 'word-wrap',
  make(random, { thing }) {
    const indent = random.int(1, 3);
    return {
      files: {
        'words.js': source(`
/** Words of a text; those longer than the width are cut into pieces of the width. */
export function wordsOf(text, width) {
  const words = [];
  for (const word of text.split(' ')) {
    if (word === '') continue;
    for (let at = 0; at < word.length; at += width) {
      words.push(word.slice(at, at + width));
    }
  }
  return words;
}
`),
        'lines.js': source(`
import { wordsOf } from './words.js';

/** Lines of at most \`width\` characters, each with as many words as fit. */
export function linesOf(text, width) {
  const lines = [];
  let line = '';
  for (const word of wordsOf(text, width)) {
    const longer = line === '' ? word : line + ' ' + word;
    if (longer.length <= width) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}
`),
        'index.js': source(`
import { linesOf } from './lines.js';

/** All lines of a paragraph but its first are indented by this many spaces, within the width. */
const INDENT = ${indent};

/**
 * Lays out a ${thing} note: paragraphs are separated by line breaks, and an empty line is put between
 * two of them. Paragraphs without words are left out.
 */
export default function layOut(text, width) {
  const out = [];
  for (const paragraph of text.split('\\n')) {
    const [first, ...rest] = linesOf(paragraph, width);
    if (first === undefined) continue;
    if (out.length > 0) out.push('');
    out.push(first);
    const others = linesOf(rest.join(' '), width - INDENT);
    for (const line of others) out.push(' '.repeat(INDENT) + line);
  }
  return out;
}
`),
      },
      args: (draw) => {
        const word = (): string =>
          draw.pick(['a', 'of', 'the', 'wine', 'seven', 'letters', 'extraordinary']);
        return [
          many(draw, 0, 3, () => many(draw, 0, 7, word).join(draw.pick([' ', ' ', '  ']))).join(
            '\n',
          ),
          draw.int(5, 12),
        ];
      },
    };
  },
};

export const placeholders: ProgramTemplate = {
  id: 'letters',
  make(random, { person }) {
    const [open, close] = random.pick([
      ['{', '}'],
      ['[', ']'],
      ['<', '>'],
    ] as const);
    const longest = random.int(8, 14);
    return {
      files: {
        'lookup.js': source(`
/** The value at a path like "address.city"; undefined where there is none. Only own fields count. */
export function lookUp(values, path) {
  let at = values;
  for (const name of path.split('.')) {
    if (at === null || typeof at !== 'object') return undefined;
    if (!Object.hasOwn(at, name)) return undefined;
    at = at[name];
  }
  return at;
}
`),
        'show.js': source(`
/** Texts longer than this are cut and end with three dots, which count. */
const LONGEST = ${longest};

/** A value as text: yes or no, lists with commas and "and" before the last one. */
export function show(value) {
  if (value === true) return 'yes';
  if (value === false) return 'no';
  if (Array.isArray(value)) {
    const texts = value.map(show);
    if (texts.length < 2) return texts.join('');
    return texts.slice(0, -1).join(', ') + ' and ' + texts[texts.length - 1];
  }
  const text = String(value);
  return text.length > LONGEST ? text.slice(0, LONGEST - 3) + '...' : text;
}
`),
        'index.js': source(`
import { lookUp } from './lookup.js';
import { show } from './show.js';

const OPEN = '${open}';
const CLOSE = '${close}';

/**
 * Fills a letter to a ${person}: ${open}path${close} becomes the value, ${open}path?text${close} the text where there is none
 * (missing or null). A path that is missing without such a text stays as it is and is listed once.
 * A sign that opens and is never closed is plain text.
 */
export default function fill(template, values) {
  let out = '';
  const missing = [];
  let at = 0;
  while (at < template.length) {
    const start = template.indexOf(OPEN, at);
    const end = start < 0 ? -1 : template.indexOf(CLOSE, start);
    if (end < 0) return { text: out + template.slice(at), missing };
    out += template.slice(at, start);
    const inside = template.slice(start + 1, end);
    const cut = inside.indexOf('?');
    const path = cut < 0 ? inside : inside.slice(0, cut);
    const value = lookUp(values, path);
    if (value !== undefined && value !== null) out += show(value);
    else if (cut >= 0) out += inside.slice(cut + 1);
    else {
      out += template.slice(start, end + 1);
      if (!missing.includes(path)) missing.push(path);
    }
    at = end + 1;
  }
  return { text: out, missing };
}
`),
      },
      args: (draw) => {
        const piece = (): string =>
          draw.pick([
            'Dear ',
            `${open}name${close}`,
            `${open}address.city${close}`,
            `${open}nick?friend${close}`,
            `${open}tags${close}`,
            `${open}gone${close}`,
            `${open}vip${close}`,
            `${open}gone.more?none${close}`,
            ', ',
            open,
            close,
          ]);
        return [
          many(draw, 0, 6, piece).join(''),
          {
            name: draw.pick([
              'Ann',
              'Maximiliane the Second',
              'x'.repeat(longest),
              'y'.repeat(longest + 1),
            ]),
            address: draw.pick([{ city: 'Rome' }, null, 'none']),
            nick: draw.pick([null, 'Bo', '']),
            tags: many(draw, 0, 3, (i) => `t${i}`),
            vip: draw.chance(50),
          },
        ];
      },
    };
  },
};

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
