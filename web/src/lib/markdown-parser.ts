// Our Markdown: CommonMark with tables, strike-through, bare links and formulas, without HTML. Links are
// followed to the web and to mail only. Gives tokens; what they look like is the page's business.

import MarkdownIt, { type Env, type Token } from 'markdown-it';
import { addMath, type OpenEnv } from './markdown-math.js';
import { closeInline, closeLines } from './markdown-open.js';

export type { Token } from 'markdown-it';

export type References = NonNullable<Env['references']>;

const SAFE_LINK = /^(https?:\/\/|mailto:)/i;

export function isSafeLink(url: string): boolean {
  return SAFE_LINK.test(url.trim());
}

const md = new MarkdownIt({ html: false, linkify: true, typographer: false, breaks: false });
md.validateLink = isSafeLink;
// Names of files look like hosts without a scheme: main.py, README.md.
md.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
addMath(md);
md.core.ruler.after('block', 'open-text', (state) => {
  const env = state.env as OpenEnv & { isOpen?: boolean };
  const last = env.isOpen && state.tokens.findLast(({ type }) => type === 'inline');
  if (!last || !isAtEnd(state.tokens, last)) return;
  last.content = closeInline(md, last.content);
  env.openSource = last.content;
});

export interface ParseOptions {
  /** Link definitions of the whole text; those of this source are added. */
  references: References;
  /** More text will follow: what is half written is read as if it were finished. */
  isOpen?: boolean;
}

export function parseMarkdown(source: string, { references, isOpen = false }: ParseOptions) {
  return md.parse(isOpen ? closeLines(source) : source, { references, isOpen });
}

export interface BlockStart {
  /** Of the first line of a top-level block. */
  line: number;
  type: string;
}

/** Where the top-level blocks begin. */
export function blockStarts(source: string): BlockStart[] {
  const tokens: Token[] = [];
  md.block.parse(source, md, {}, tokens);
  return tokens
    .filter(({ level, nesting, map }) => level === 0 && nesting >= 0 && map !== null)
    .map(({ map, type }) => ({ line: map![0], type }));
}

/** As the parser compares the names of links. */
export function referenceName(label: string): string {
  return md.utils.normalizeReference(label);
}

/** Nothing but closing tokens behind it: code or a formula after the last text would be open instead. */
function isAtEnd(tokens: readonly Token[], token: Token): boolean {
  return tokens.slice(tokens.indexOf(token) + 1).every(({ nesting }) => nesting < 0);
}
