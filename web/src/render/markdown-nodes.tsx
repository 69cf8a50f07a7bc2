// Tokens of Markdown as elements. Nothing of the source becomes an element or an attribute but what is
// named here, and text is always text: a model's output cannot bring HTML, styles, requests or scripts.

import { ExternalLink, Image } from 'lucide';
import { h, type ComponentChildren, type VNode } from 'preact';
import { texts } from '../i18n/language.js';
import { isSafeLink, type Token } from '../lib/markdown-parser.js';
import { Icon } from '../ui/icon.js';
import { CodeBlock } from './code-block.js';
import { DiagramBlock } from './diagram-block.js';
import { Formula, OpenFormula } from './formula.js';
import { TableBlock } from './table-block.js';

const words = texts({
  en: { done: 'Done', open: 'Not done' },
  zh: { done: '已完成', open: '未完成' },
});

/** The page's own title is above: a text's first heading is a third level of the document. */
const HEADINGS: Readonly<Record<string, string>> = {
  h1: 'h3',
  h2: 'h4',
  h3: 'h5',
  h4: 'h6',
  h5: 'h6',
  h6: 'h6',
};

const PLAIN_TAGS = new Set('p blockquote ul li hr thead tbody tr th td em strong s br'.split(' '));

/** An element that is open, with what it holds so far. */
interface Open {
  token: Token;
  children: ComponentChildren[];
}

export interface NodeOptions {
  /** The last block may still be written. */
  isOpen: boolean;
}

export function markdownNodes(tokens: readonly Token[], { isOpen }: NodeOptions): VNode[] {
  const root: ComponentChildren[] = [];
  const stack: Open[] = [];
  const add = (child: ComponentChildren) => (stack.at(-1)?.children ?? root).push(child);
  for (const [index, token] of tokens.entries()) {
    if (token.nesting === 1) stack.push({ token, children: [] });
    else if (token.nesting === -1) {
      const open = stack.pop()!;
      if (open.token.type === 'table_open') {
        const start = tokens.lastIndexOf(open.token, index);
        add(table(tokens.slice(start, index), open.children));
      } else add(element(open));
    } else add(leaf(token, { isOpen: isOpen && index >= lastContent(tokens) }));
  }
  return root as VNode[];
}

function lastContent(tokens: readonly Token[]): number {
  return tokens.findLastIndex(({ nesting }) => nesting === 0);
}

function element({ token, children }: Open): ComponentChildren {
  const { type, tag } = token;
  if (token.hidden) return <>{children}</>;
  if (type === 'heading_open') return h(HEADINGS[tag] ?? 'h6', { class: `md-${tag}` }, children);
  if (type === 'link_open') return link(String(token.attrGet('href') ?? ''), children);
  if (type === 'ordered_list_open') {
    const start = Number(token.attrGet('start') ?? 1);
    return <ol start={start}>{children}</ol>;
  }
  if (type === 'list_item_open') return listItem(children);
  const align = /text-align:\s*(center|right)/.exec(String(token.attrGet('style') ?? ''))?.[1];
  if (!PLAIN_TAGS.has(tag)) return <>{children}</>;
  return h(tag, align === undefined ? null : { class: `align-${align}` }, children);
}

function leaf(token: Token, { isOpen }: NodeOptions): ComponentChildren {
  const { type, content, info } = token;
  switch (type) {
    case 'inline':
      return inlineNodes(token.children ?? []);
    case 'fence':
      if (info.trim().toLowerCase() === 'mermaid') {
        return <DiagramBlock source={content} isOpen={isOpen} />;
      }
      return <CodeBlock code={content} info={info} isOpen={isOpen} />;
    case 'code_block':
      return <CodeBlock code={content} info="" />;
    case 'math_block':
      return formula(token);
    case 'hr':
      return <hr />;
    default:
      return null;
  }
}

function inlineNodes(tokens: readonly Token[]): ComponentChildren[] {
  const root: ComponentChildren[] = [];
  const stack: Open[] = [];
  for (const [index, token] of tokens.entries()) {
    const into = stack.at(-1)?.children ?? root;
    if (token.nesting === 1) stack.push({ token, children: [] });
    else if (token.nesting === -1) {
      const open = stack.pop()!;
      (stack.at(-1)?.children ?? root).push(element(open));
    } else into.push(inlineLeaf(token, tokens[index - 1], tokens[index + 1]));
  }
  return root;
}

function inlineLeaf(token: Token, before: Token | undefined, after: Token | undefined) {
  switch (token.type) {
    case 'text':
      return token.content;
    case 'code_inline':
      return <code>{token.content}</code>;
    case 'softbreak':
      return isWide(before?.content.at(-1)) && isWide(after?.content[0]) ? '' : '\n';
    case 'hardbreak':
      return <br />;
    case 'math_inline':
      return formula(token);
    case 'math_open':
      return <OpenFormula source={token.content} />;
    case 'image':
      return image(token);
    default:
      return token.content;
  }
}

/** Chinese and Japanese lines are joined without a space. */
function isWide(character: string | undefined): boolean {
  return character !== undefined && /[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]/.test(character);
}

function formula({ content, meta }: Token) {
  const { source, isDisplay } = meta as { source: string; isDisplay: boolean };
  return <Formula formula={content} source={source} isDisplay={isDisplay} />;
}

function link(href: string, children: ComponentChildren) {
  if (!isSafeLink(href)) return <>{children}</>;
  return (
    <a href={href} title={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}

/** A picture from elsewhere would tell its server who reads what: it is a link, followed by choice. */
function image(token: Token) {
  const href = String(token.attrGet('src') ?? '');
  const name = token.content.trim() || href;
  if (!isSafeLink(href)) return name;
  return (
    <a class="md-image" href={href} title={href} target="_blank" rel="noopener noreferrer nofollow">
      <Icon node={Image} />
      {name}
      <Icon node={ExternalLink} />
    </a>
  );
}

/** `- [x] done`: a box that shows, not one to click. */
function listItem(children: ComponentChildren[]) {
  const path = firstText(children);
  const mark = path && /^\[([ xX])\]\s+/.exec(path.text);
  if (!path || !mark) return <li>{children}</li>;
  path.replace(path.text.slice(mark[0].length));
  const isDone = mark[1] !== ' ';
  return (
    <li class="md-task">
      <input
        type="checkbox"
        aria-label={isDone ? words().done : words().open}
        checked={isDone}
        disabled
      />
      {children}
    </li>
  );
}

function firstText(
  children: ComponentChildren[],
): { text: string; replace: (text: string) => void } | undefined {
  const [first] = children;
  if (typeof first === 'string') return { text: first, replace: (text) => (children[0] = text) };
  if (Array.isArray(first)) return firstText(first);
  const inner = (first as VNode<{ children?: ComponentChildren }> | undefined)?.props?.children;
  return Array.isArray(inner) ? firstText(inner) : undefined;
}

function table(tokens: readonly Token[], children: ComponentChildren[]) {
  const rows: string[][] = [];
  const markdownRows: string[][] = [];
  for (const token of tokens) {
    if (token.type === 'tr_open') {
      rows.push([]);
      markdownRows.push([]);
    }
    if (token.type !== 'inline') continue;
    rows.at(-1)?.push(plainText(token.children ?? []));
    markdownRows.at(-1)?.push(token.content);
  }
  return (
    <TableBlock rows={rows} markdownRows={markdownRows}>
      {children}
    </TableBlock>
  );
}

function plainText(tokens: readonly Token[]): string {
  return tokens
    .map(({ type, content }) => (type.endsWith('break') ? ' ' : content))
    .join('')
    .trim();
}
