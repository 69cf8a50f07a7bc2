// The pages of docs/guide and the references of both APIs, and what they show, for tests that hold
// them true.

import { readdirSync, readFileSync } from 'node:fs';
import { packageFile } from '../../src/package-root.js';

/** Below docs/, without the ending. */
export const GUIDE_PAGES = [
  'api',
  'web-api',
  ...readdirSync(packageFile('docs/guide'))
    .filter((name) => name.endsWith('.md') && !name.endsWith('.zh-CN.md'))
    .map((name) => `guide/${name.slice(0, -'.md'.length)}`),
];

export interface CodeBlock {
  language: string;
  text: string;
}

export function guidePage(slug: string, language: 'en' | 'zh'): string {
  const ending = language === 'zh' ? '.zh-CN.md' : '.md';
  return readFileSync(packageFile(`docs/${slug}${ending}`), 'utf8');
}

/** Fenced blocks, in order. */
export function codeBlocks(page: string): CodeBlock[] {
  const blocks = page.matchAll(/^```(\w*)\n([^]*?)^```$/gm);
  return [...blocks].map(([, language, text]) => ({ language: language!, text: text! }));
}

/** Levels of the headings, in order. */
export function headingLevels(page: string): number[] {
  const text = page.replace(/^```[^]*?^```$/gm, '');
  return [...text.matchAll(/^(#+) /gm)].map(([, marks]) => marks!.length);
}

export interface CurlRequest {
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
}

/** A curl command of a page as a request; undefined = the block is another command. */
export function curlRequest(command: string): CurlRequest | undefined {
  if (!command.startsWith('curl ')) return undefined;
  const words = shellWords(command);
  const headers: Record<string, string> = {};
  let path: string | undefined;
  let body: string | undefined;
  for (let i = 1; i < words.length; i++) {
    const word = words[i]!;
    if (word === '-H') {
      const [, name, value] = /^([^:]+): (.*)$/.exec(words[++i]!)!;
      headers[name!.toLowerCase()] = value!;
    } else if (word === '-d') body = words[++i]!;
    else if (word !== '-N') path = /^http:\/\/127\.0\.0\.1:8000(\/\S*)$/.exec(word)?.[1];
  }
  if (path === undefined) throw new Error(`no address of the server in: ${command}`);
  return { path, headers, body };
}

/** Words of a command: plain, in single quotes, or in double quotes without escapes. */
function shellWords(command: string): string[] {
  const text = command.replaceAll('\\\n', ' ').trim();
  const words = text.match(/'[^']*'|"[^"]*"|[^\s'"]+/g) ?? [];
  return words.map((word) => (/^['"]/.test(word) ? word.slice(1, -1) : word));
}
