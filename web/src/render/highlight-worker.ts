// Colours code beside the page's thread: takes code and the name of a grammar, gives the runs of each
// group of lines. A run is a scope and a text, one after the other in a flat list.

import hljs from 'highlight.js/lib/core';
import type { LanguageFn } from 'highlight.js';
import { LINES_PER_GROUP } from '../lib/line-groups.js';

export interface HighlightJob {
  id: number;
  grammar: string;
  code: string;
}

export interface HighlightDone {
  id: number;
  /** Per group: scope, text, scope, text... */
  groups: string[][];
}

const grammars = import.meta.glob<LanguageFn>(
  [
    '/../node_modules/highlight.js/es/languages/{bash,c,cmake,cpp,csharp,css,dart,diff}.js',
    '/../node_modules/highlight.js/es/languages/{dockerfile,elixir,go,graphql,haskell,http,ini}.js',
    '/../node_modules/highlight.js/es/languages/{java,javascript,json,julia,kotlin,latex,less}.js',
    '/../node_modules/highlight.js/es/languages/{lua,makefile,markdown,matlab,nginx,nix}.js',
    '/../node_modules/highlight.js/es/languages/{objectivec,ocaml,perl,php,powershell}.js',
    '/../node_modules/highlight.js/es/languages/{protobuf,python,r,ruby,rust,scala,scss,sql}.js',
    '/../node_modules/highlight.js/es/languages/{swift,typescript,verilog,vim,wasm,xml,yaml}.js',
  ],
  { import: 'default' },
);

/** What the highlighter writes into: a flat list of runs instead of nested elements. */
class Runs {
  readonly list: string[] = [];
  readonly #scopes: string[] = [];
  addText(text: string): void {
    if (text !== '') this.list.push(this.#scopes.at(-1) ?? '', text);
  }
  startScope(scope: string): void {
    this.#scopes.push(scope.split('.')[0]!);
  }
  endScope(): void {
    this.#scopes.pop();
  }
  __addSublanguage({ list }: Runs): void {
    for (let at = 0; at < list.length; at += 2) {
      this.list.push(list[at] || (this.#scopes.at(-1) ?? ''), list[at + 1]!);
    }
  }
  finalize(): void {}
  toHTML(): string {
    return '';
  }
}

hljs.configure({ __emitter: Runs });

/** Loads a grammar and those that it embeds. */
async function load(name: string): Promise<void> {
  if (hljs.getLanguage(name)) return;
  const path = Object.keys(grammars).find((each) => each.endsWith(`/${name}.js`));
  if (path === undefined) throw new Error(`there is no grammar "${name}"`);
  hljs.registerLanguage(name, await grammars[path]!());
  const embedded = { xml: ['javascript', 'css'], markdown: ['xml'], php: ['xml'] }[name] ?? [];
  for (const each of embedded) await load(each);
}

function grouped(runs: readonly string[]): string[][] {
  const groups: string[][] = [[]];
  let lines = 0;
  for (let at = 0; at < runs.length; at += 2) {
    const scope = runs[at]!;
    let text = runs[at + 1]!;
    for (let from = 0; ;) {
      const end = text.indexOf('\n', from) + 1;
      if (end === 0) break;
      from = end;
      if (++lines % LINES_PER_GROUP !== 0) continue;
      groups.at(-1)!.push(scope, text.slice(0, end));
      groups.push([]);
      text = text.slice(end);
      from = 0;
    }
    if (text !== '') groups.at(-1)!.push(scope, text);
  }
  return groups;
}

onmessage = async ({ data }: MessageEvent<HighlightJob>) => {
  const { id, grammar, code } = data;
  await load(grammar);
  const result = hljs.highlight(code, { language: grammar, ignoreIllegals: true });
  const { list } = result._emitter as unknown as Runs;
  postMessage({ id, groups: grouped(list) } satisfies HighlightDone);
};
