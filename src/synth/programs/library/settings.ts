// Settings in sections, with comments and quotes.

import { many, source, type ProgramTemplate } from '../program.js';

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
