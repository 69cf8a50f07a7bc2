// One document as HTML: no tags from the source, no inline styles (the page's policy forbids them),
// code highlighted by classes, tables that scroll by themselves, links as links.mjs says.

import hljs from 'highlight.js/lib/common';
import MarkdownIt from 'markdown-it';
import { headingIds } from './heading-ids.mjs';

/** The document names its other language; the page has a switch for that. */
const OTHER_LANGUAGE = / ?(Another language: \[中文\]\([^)]*\)\.|其他语言：\[English\]\([^)]*\)。)/;

const LANGUAGES = { sh: 'bash', js: 'javascript', ts: 'typescript', toml: 'ini' };

const WORDS = {
  en: { copy: 'Copy code', table: 'Table', code: 'Code' },
  zh: { copy: '复制代码', table: '表格', code: '代码' },
};

/** @returns {{ title: string, html: string, headings: { level: number, id: string, text: string }[] }} */
export function renderPage(text, { source, language, links }) {
  const markdown = new MarkdownIt({ html: false, linkify: false });
  const env = { source, language };
  install(markdown, links, WORDS[language]);
  const tokens = markdown.parse(text.replace(OTHER_LANGUAGE, ''), env);
  const { title, headings } = takeHeadings(tokens, links, source);
  emptyHeaders(tokens);
  leadOf(tokens)?.attrSet('class', 'doc-lead');
  return { title, headings, html: markdown.renderer.render(tokens, markdown.options, env) };
}

/** Removes the title from the tokens and gives every other heading its id. */
function takeHeadings(tokens, links, source) {
  const idOf = headingIds();
  const headings = [];
  let title;
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i].type !== 'heading_open') continue;
    const text = plainText(tokens[i + 1]);
    const id = idOf(text);
    const level = Number(tokens[i].tag.slice(1));
    if (level === 1) {
      if (title !== undefined) links.problems.push(`${source}: a second title, '${text}'`);
      title ??= text;
      tokens.splice(i--, 3);
      continue;
    }
    tokens[i].attrSet('id', id);
    tokens[i].attrSet('tabindex', '-1');
    headings.push({ level, id, text });
  }
  if (title === undefined) links.problems.push(`${source}: no title`);
  return { title: title ?? source, headings };
}

/** A corner of a table that heads nothing is no header. */
function emptyHeaders(tokens) {
  tokens.forEach((token, index) => {
    if (token.type !== 'th_open' || tokens[index + 1].content !== '') return;
    token.tag = 'td';
    tokens[index + 2].tag = 'td';
  });
}

function leadOf(tokens) {
  return tokens[0]?.type === 'paragraph_open' ? tokens[0] : undefined;
}

function install(markdown, links, words) {
  const { rules } = markdown.renderer;
  const escape = markdown.utils.escapeHtml;

  rules.heading_close = (tokens, index) => {
    const open = tokens[index - 2];
    const label = escape(plainText(tokens[index - 1]));
    const id = escape(open.attrGet('id') ?? '');
    return `<a class="doc-anchor" href="#${encodeURIComponent(id)}" aria-label="# ${label}">#</a></${open.tag}>\n`;
  };

  rules.link_open = (tokens, index, _options, env) => {
    const { href, isOutside, file } = links.resolve(tokens[index].attrGet('href') ?? '', env);
    closerOf(tokens, index).meta = file === undefined ? 'a' : 'span';
    if (file !== undefined) return `<span class="doc-file" title="${escape(file)}">`;
    const outside = isOutside ? ' target="_blank" rel="noopener noreferrer"' : '';
    return `<a href="${escape(href)}"${outside}>`;
  };
  rules.link_close = (tokens, index) => `</${tokens[index].meta}>`;

  rules.image = (tokens, index, _options, env) => {
    const src = links.image(tokens[index].attrGet('src') ?? '', env.source);
    return `<img src="${escape(src)}" alt="${escape(tokens[index].content)}" loading="lazy">`;
  };

  rules.fence = (tokens, index) => {
    const { info, content } = tokens[index];
    const named = info.trim().split(/\s+/)[0] ?? '';
    const known = LANGUAGES[named] ?? named;
    const code = hljs.getLanguage(known)
      ? hljs.highlight(content, { language: known, ignoreIllegals: true }).value
      : escape(content);
    return (
      `<div class="doc-code"><button type="button" class="doc-copy" data-copy aria-label="${words.copy}"></button>` +
      `<pre role="group" aria-label="${words.code}"><code class="hljs">${code}</code></pre></div>\n`
    );
  };
  rules.code_block = rules.fence;

  rules.table_open = () =>
    `<div class="doc-table" role="group" aria-label="${words.table}"><table>\n`;
  rules.table_close = () => '</table></div>\n';
  for (const cell of ['th_open', 'td_open']) {
    rules[cell] = (tokens, index) => {
      const [, side] = /text-align:(\w+)/.exec(tokens[index].attrGet('style') ?? '') ?? [];
      return `<${tokens[index].tag}${side ? ` class="align-${side}"` : ''}>`;
    };
  }
}

/** The token that ends the link that begins at `index`; links do not nest. */
function closerOf(tokens, index) {
  return tokens.slice(index).find(({ type }) => type === 'link_close');
}

/** Text of an inline token, without markup. */
export function plainText({ children, content }) {
  if (!children) return content;
  return children.map(({ type, content: text }) => (type === 'softbreak' ? ' ' : text)).join('');
}
