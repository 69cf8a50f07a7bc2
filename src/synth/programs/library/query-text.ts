// The query part of an address, decoded and read.

import { many, source, type ProgramTemplate } from '../program.js';

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
