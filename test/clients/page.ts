// The commands and files that a page of docs/clients shows, so that tests run what people copy.

import { readFileSync } from 'node:fs';
import { packageFile } from '../../src/package-root.js';

export interface CodeBlock {
  language: string;
  text: string;
}

/** Fenced blocks of a page, in order. */
export function codeBlocks(page: string): CodeBlock[] {
  const text = readFileSync(packageFile('docs', 'clients', page), 'utf8');
  const blocks = text.matchAll(/^```(\w+)\n([^]*?)^```$/gm);
  return [...blocks].map(([, language, code]) => ({ language: language!, text: code! }));
}

/** Everything a reader types, except the installation. */
export function shellScript(page: string): string {
  return codeBlocks(page)
    .filter(({ language, text }) => language === 'sh' && !text.startsWith('npm install'))
    .map(({ text }) => text)
    .join('');
}
