// Letters filled from values by path.

import { many, source, type ProgramTemplate } from '../program.js';

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
