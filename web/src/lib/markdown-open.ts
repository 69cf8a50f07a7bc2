// The end of a text that is still being written, read as if its author had finished: bold, code and links
// that were begun are closed, marks that say nothing yet are left out. Only what is shown meanwhile; when
// the block is over it is parsed as it was written.

import type { MarkdownIt } from 'markdown-it';

const HALF_HEADING = /^ {0,3}#{1,6}$/;
/** One or two dashes below a text are the beginning of a list as often as an underline. */
const HALF_UNDERLINE = /^ {0,3}(-{1,2}|=+)\s*$/;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const HALF_FENCE = /^\s*(`{1,}|~{1,})[^`~]*$/;
const TABLE_ROW = /^ {0,3}\|/;
const HALF_DELIMITER = /^ {0,3}[|:\-\s]*$/;

/** Repairs what only whole lines show: headings, underlines, fences, tables. */
export function closeLines(source: string): string {
  const at = source.lastIndexOf('\n') + 1;
  const before = source.slice(0, at);
  const last = source.slice(at);
  const isInFence = hasOpenFence(before);
  if (isInFence) return /^\s*[`~]+$/.test(last) ? before : source;
  if (FENCE.test(last) || (HALF_FENCE.test(last) && last.trim().length < 3)) return before;
  if (HALF_HEADING.test(last)) return before;
  const above = lastLine(before);
  if (HALF_UNDERLINE.test(last) && above.trim() !== '') return before;
  return closeTable(before, last);
}

/** A table shows from its first row on, before the line below the head is complete. */
function closeTable(before: string, last: string): string {
  const above = lastLine(before);
  const isHead = TABLE_ROW.test(last) && !TABLE_ROW.test(above);
  if (isHead) return `${before}${last}\n${delimiterFor(last)}`;
  const isDelimiter = TABLE_ROW.test(above) && HALF_DELIMITER.test(last);
  const head = lastLine(before.slice(0, before.lastIndexOf(above)));
  if (isDelimiter && !TABLE_ROW.test(head)) return `${before}${delimiterFor(above)}`;
  return `${before}${last}`;
}

function delimiterFor(row: string): string {
  const cells = row
    .trim()
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/).length;
  return `|${' - |'.repeat(cells)}`;
}

function lastLine(lines: string): string {
  const end = lines.endsWith('\n') ? lines.length - 1 : lines.length;
  return lines.slice(lines.lastIndexOf('\n', end - 1) + 1, end);
}

function hasOpenFence(lines: string): boolean {
  let open: string | undefined;
  for (const line of lines.split('\n')) {
    const mark = FENCE.exec(line)?.[1];
    if (mark === undefined) continue;
    if (open === undefined) open = mark;
    else if (mark[0] === open[0] && mark.length >= open.length && line.trim() === mark) {
      open = undefined;
    }
  }
  return open !== undefined;
}

/** Closes what the last line of text has begun. */
export function closeInline(md: MarkdownIt, content: string): string {
  const code = openCode(content);
  if (code) {
    const { at, run } = code;
    return content.slice(at + run.length).trim() === ''
      ? content.slice(0, at)
      : closeEmphasis(md, content + run);
  }
  return closeEmphasis(md, closeLink(content));
}

function openCode(content: string): { at: number; run: string } | undefined {
  for (let at = 0; at < content.length; at++) {
    if (content[at] === '\\') at++;
    if (content[at] !== '`') continue;
    const run = /^`+/.exec(content.slice(at))![0];
    const end = closingRun(content, at + run.length, run);
    if (end === undefined) return { at, run };
    at = end + run.length - 1;
  }
  return undefined;
}

function closingRun(content: string, from: number, run: string): number | undefined {
  for (const match of content.slice(from).matchAll(/`+/g)) {
    if (match[0].length === run.length) return from + match.index;
  }
  return undefined;
}

/** A link whose address is not complete shows its words. */
function closeLink(content: string): string {
  return content
    .replace(/!?\[([^[\]\n]{0,300})\]\([^()\s]*$/, '$1')
    .replace(/(^|\s)!?\[([^[\]\n]{0,300})$/, '$1$2')
    .replace(/<(https?:[^\s<>]*)$/, '$1');
}

/** Appends the marks that are missing, in the order in which they close. */
function closeEmphasis(md: MarkdownIt, content: string): string {
  // Marks at the very end may open or close; the next character will tell.
  const text = content.replace(/(^|[\s([{"'])[*_~]{1,3}\s*$/, '$1').trimEnd();
  const state = new md.inline.State(text, md, { openSource: text }, []);
  md.inline.tokenize(state);
  for (const rule of md.inline.ruler2.getRules('')) rule(state);
  const missing = state.delimiters
    .filter(({ open, end }) => open && end < 0)
    .map(({ marker }) => String.fromCharCode(marker).repeat(marker === 0x7e ? 2 : 1));
  return missing.length > 40 ? text : text + missing.toReversed().join('');
}
