// Paragraphs in lines of limited width.

import { many, source, type ProgramTemplate } from '../program.js';

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
