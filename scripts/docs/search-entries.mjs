// What the search of the documentation looks through: one entry per heading, with the words below it.
// Code is left out, and long texts are cut: the index travels as a whole at the first search.

import MarkdownIt from 'markdown-it';
import { plainText } from './render-page.mjs';

const MAX_CHARACTERS = 700;

/** `isMinor`: shown after what other pages say. */
export function searchEntries(text, { slug, title, headings, isMinor }) {
  const tokens = new MarkdownIt({ html: false }).parse(text, {});
  const ids = headings.values();
  const of = { slug, title, ...(isMinor && { isMinor }) };
  const entries = [{ ...of, id: '', heading: '', text: '' }];
  tokens.forEach((token, index) => {
    if (token.type !== 'inline') return;
    const before = tokens[index - 1];
    if (before?.type === 'heading_open') {
      if (before.tag === 'h1') return;
      const { id, text: heading } = ids.next().value;
      entries.push({ ...of, id, heading, text: '' });
      return;
    }
    const entry = entries.at(-1);
    entry.text = `${entry.text} ${plainText(token)}`.trim().slice(0, MAX_CHARACTERS);
  });
  return entries;
}
