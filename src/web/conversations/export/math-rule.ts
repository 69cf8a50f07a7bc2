// Formulas in Markdown, `$...$`, `$$...$$`, `\(...\)` and `\[...\]`, as MathML, which browsers draw
// without scripts, styles or fonts of ours. What KaTeX does not understand stays as it was written.

import katex from 'katex';
import type { MarkdownIt, StateInline } from 'markdown-it';
import { escapeHtml } from './escape-html.js';

const PAIRS = [
  { open: '$$', close: '$$', isBlock: true },
  { open: '\\[', close: '\\]', isBlock: true },
  { open: '\\(', close: '\\)', isBlock: false },
  { open: '$', close: '$', isBlock: false },
] as const;

const MAX_FORMULA = 4_000;

const CLOSES = new WeakMap<StateInline, Map<string, number>>();

export function mathRule(markdown: MarkdownIt): void {
  // Before `escape`, which would take the backslash of `\(`.
  markdown.inline.ruler.before('escape', 'math', (state, silent) => {
    const { src, pos, posMax } = state;
    const pair = PAIRS.find(({ open }) => src.startsWith(open, pos));
    if (!pair) return false;
    const start = pos + pair.open.length;
    const end = nextClose(state, pair.close, start);
    if (end <= start || end - start > MAX_FORMULA || end + pair.close.length > posMax) return false;
    const formula = src.slice(start, end);
    if (pair.open === '$' && !isInlineFormula(formula, src[end + 1])) return false;
    if (!silent) {
      const token = state.push('math', 'math', 0);
      token.content = formula;
      token.block = pair.isBlock;
      token.markup = pair.open;
    }
    state.pos = end + pair.close.length;
    return true;
  });
  markdown.renderer.rules['math'] = (tokens, index) => {
    const { content, block, markup } = tokens[index]!;
    return mathHtml(content, block) ?? `<code>${escapeHtml(markup + content)}</code>`;
  };
}

/**
 * Where the next closing sign stands; Infinity = nowhere. Remembered until it is passed, so that a text
 * of many openings is read once and not once for each.
 */
function nextClose(state: StateInline, close: string, from: number): number {
  const known = CLOSES.get(state) ?? new Map<string, number>();
  CLOSES.set(state, known);
  let at = known.get(close) ?? -1;
  if (at < from) {
    at = state.src.indexOf(close, from);
    if (at === -1) at = Infinity;
    known.set(close, at);
  }
  return at;
}

/** Money is no formula: `$5 and $10`. The rule of Pandoc. */
function isInlineFormula(formula: string, next: string | undefined): boolean {
  return !/^\s|\s$|\n/.test(formula) && !/\d/.test(next ?? '');
}

function mathHtml(formula: string, displayMode: boolean): string | undefined {
  try {
    return katex.renderToString(formula, {
      displayMode,
      output: 'mathml',
      throwOnError: true,
      strict: 'ignore',
      trust: false,
      maxExpand: 200,
      maxSize: 20,
    });
  } catch {
    return undefined; // no formula after all, or one that KaTeX does not know: shown as written
  }
}
