// Markdown of a message as HTML for a page that is shared. HTML within it is shown, not used; nothing
// is loaded from anywhere: pictures become links. Links go out without a referrer.

import MarkdownItParser, { type MarkdownIt } from 'markdown-it';
import { escapeHtml } from './escape-html.js';
import { mathRule } from './math-rule.js';

/** Beyond it a text is shown as it is: nobody reads it as a page, and the server has others to serve. */
const MAX_CHARACTERS = 200_000;

const markdown = createMarkdown();

export function markdownHtml(text: string): string {
  if (text.length > MAX_CHARACTERS) return `<pre>${escapeHtml(text)}</pre>`;
  return markdown.render(text);
}

function createMarkdown(): MarkdownIt {
  const made = new MarkdownItParser({ html: false, linkify: false, breaks: true });
  mathRule(made);
  const { rules } = made.renderer;
  made.validateLink = (url) => /^(https?:|mailto:)/i.test(url.trim());
  rules['link_open'] = (tokens, index, options, _, self) => {
    tokens[index]!.attrSet('rel', 'noopener noreferrer nofollow');
    return self.renderToken(tokens, index, options);
  };
  rules['image'] = (tokens, index) => {
    const { content, attrs } = tokens[index]!;
    const url = String(attrs?.find(([name]) => name === 'src')?.[1] ?? '');
    const name = content === '' ? url : content;
    return `<a class="image" href="${escapeHtml(url)}" rel="noopener noreferrer nofollow">${escapeHtml(name)}</a>`;
  };
  rules['table_open'] = () => '<div class="table"><table>\n';
  rules['table_close'] = () => '</table></div>\n';
  // A column's side as a class: an attribute `style` is not allowed on the page.
  for (const cell of ['th_open', 'td_open']) {
    rules[cell] = (tokens, index) => {
      const token = tokens[index]!;
      const side = /text-align:\s*(\w+)/.exec(String(token.attrGet('style') ?? ''))?.[1];
      return side === undefined ? `<${token.tag}>` : `<${token.tag} class="${side}">`;
    };
  }
  rules['fence'] = (tokens, index) => {
    const { content, info } = tokens[index]!;
    const [language = ''] = info.trim().split(/\s+/);
    const label = language === '' ? '' : `<figcaption>${escapeHtml(language)}</figcaption>`;
    return `<figure class="code">${label}<pre><code>${escapeHtml(content)}</code></pre></figure>\n`;
  };
  return made;
}
