// Colours code beside the page's thread: takes code and the name of a grammar, gives the runs of each
// group of lines. A run is a scope and a text, one after the other in a flat list.

import hljs from 'highlight.js/lib/core';
import type { LanguageFn } from 'highlight.js';
import { groupedRuns, HighlightRuns } from '../lib/highlight-runs.js';

export interface HighlightJob {
  id: number;
  grammar: string;
  code: string;
}

export interface HighlightDone {
  id: number;
  /** Per group: scope, text, scope, text... undefined = it is shown without colours. */
  groups: string[][] | undefined;
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

hljs.configure({ __emitter: HighlightRuns });

/** Loads a grammar and those that it embeds. */
async function load(name: string): Promise<void> {
  if (hljs.getLanguage(name)) return;
  const path = Object.keys(grammars).find((each) => each.endsWith(`/${name}.js`));
  if (path === undefined) throw new Error(`there is no grammar "${name}"`);
  hljs.registerLanguage(name, await grammars[path]!());
  const embedded = { xml: ['javascript', 'css'], markdown: ['xml'], php: ['xml'] }[name] ?? [];
  for (const each of embedded) await load(each);
}

onmessage = async ({ data }: MessageEvent<HighlightJob>) => {
  const { id, grammar, code } = data;
  await load(grammar);
  const result = hljs.highlight(code, { language: grammar, ignoreIllegals: true });
  const { list } = result._emitter as unknown as HighlightRuns;
  postMessage({ id, groups: groupedRuns(list, code) } satisfies HighlightDone);
};
