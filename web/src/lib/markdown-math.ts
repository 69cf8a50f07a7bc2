// Formulas in Markdown: $x$, $$x$$, \(x\) and \[x\], in a line or as a block of their own. A formula has
// no blank line inside (TeX forbids it too), so that text before it is never taken back when a stream
// goes on. Prices stay prices: "$5 and $10" is no formula.

import type { MarkdownIt, StateBlock, StateInline } from 'markdown-it';

/** Longer ones are text: no search runs through all that follows. */
const MAX_FORMULA_CHARACTERS = 4000;

const PAIRS = [
  { open: '$$', close: '$$', isDisplay: true },
  { open: '\\[', close: '\\]', isDisplay: true },
  { open: '\\(', close: '\\)', isDisplay: false },
  { open: '$', close: '$', isDisplay: false },
] as const;

/** Where the text still grows: the inline source whose last formula may be open. */
export interface OpenEnv {
  openSource?: string;
}

export function addMath(md: MarkdownIt): void {
  md.inline.ruler.before('escape', 'math', inlineMath);
  md.block.ruler.before('fence', 'math', blockMath, {
    alt: ['paragraph', 'reference', 'blockquote', 'list'],
  });
}

function inlineMath(state: StateInline, silent: boolean): boolean {
  const { src, pos, posMax } = state;
  const pair = PAIRS.find(({ open }) => src.startsWith(open, pos));
  if (!pair) return false;
  const start = pos + pair.open.length;
  const end = closeOf(src, pair, start, posMax);
  if (end === undefined) return openMath(state, pair, start, silent);
  if (!silent) {
    const token = state.push('math_inline', '', 0);
    token.content = src.slice(start, end).trim();
    token.meta = { isDisplay: pair.isDisplay, source: src.slice(pos, end + pair.close.length) };
  }
  state.pos = end + pair.close.length;
  return true;
}

function closeOf(
  src: string,
  pair: (typeof PAIRS)[number],
  start: number,
  max: number,
): number | undefined {
  const isDollar = pair.open === '$';
  if (src.indexOf(pair.close, start) < 0) return undefined;
  if (isDollar && /[\s$]/.test(src[start] ?? ' ')) return undefined;
  const end = Math.min(max, start + MAX_FORMULA_CHARACTERS);
  for (let at = start; at < end; at++) {
    if (src.startsWith(pair.close, at)) {
      if (src.slice(start, at).trim() === '') return undefined;
      if (!isDollar) return at;
      // As in pandoc: no space before the closing sign and no digit behind it.
      if (!/\s/.test(src[at - 1]!) && !/[\d$]/.test(src[at + 1] ?? '')) return at;
      return undefined;
    }
    if (src[at] === '\\') at++;
  }
  return undefined;
}

/** The text ends inside a formula that is still being written: its source, shown as such. */
function openMath(
  state: StateInline,
  pair: (typeof PAIRS)[number],
  start: number,
  silent: boolean,
): boolean {
  const { openSource } = state.env as OpenEnv;
  if (openSource === undefined || openSource !== state.src || state.posMax !== state.src.length) {
    return false;
  }
  const rest = state.src.slice(start);
  // A dollar before a digit or a space is money until the closing sign says otherwise.
  if (pair.open === '$' && (/^[\s\d$]/.test(rest) || rest === '' || rest.includes('$'))) {
    return false;
  }
  if (!silent) {
    const token = state.push('math_open', '', 0);
    token.content = rest;
    token.meta = { isDisplay: pair.isDisplay };
  }
  state.pos = state.posMax;
  return true;
}

function blockMath(state: StateBlock, startLine: number, endLine: number, silent: boolean) {
  if (state.sCount[startLine]! - state.blkIndent >= 4) return false;
  const first = lineOf(state, startLine);
  const pair = PAIRS.find(({ open, isDisplay }) => isDisplay && first.startsWith(open));
  if (!pair) return false;
  let content = first.slice(pair.open.length);
  let line = startLine;
  let end = content.indexOf(pair.close);
  while (end < 0) {
    line++;
    if (line >= endLine || state.isEmpty(line) || state.sCount[line]! < state.blkIndent) {
      return false;
    }
    const { length } = content;
    if (length > MAX_FORMULA_CHARACTERS) return false;
    content += `\n${lineOf(state, line)}`;
    end = content.indexOf(pair.close, length + 1);
  }
  const hasMore = content.slice(end + pair.close.length).trim() !== '';
  const formula = content.slice(0, end).trim();
  if (hasMore || formula === '') return false;
  if (silent) return true;
  const token = state.push('math_block', '', 0);
  token.block = true;
  token.content = formula;
  token.meta = { isDisplay: true, source: `${pair.open}\n${formula}\n${pair.close}` };
  token.map = [startLine, line + 1];
  state.line = line + 1;
  return true;
}

function lineOf(state: StateBlock, line: number): string {
  return state.src.slice(state.bMarks[line]! + state.tShift[line]!, state.eMarks[line]).trimEnd();
}
