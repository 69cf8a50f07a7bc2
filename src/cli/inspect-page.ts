// A selection report as one HTML file that asks nobody for anything: data, style and script are in
// it, and a content security policy lets nothing else in. The script is this package's own compiled
// files, joined. Data stands in a JSON element where `<` is escaped, so no text of a model or a
// prompt can end it.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { PageData } from './inspect-page-client.js';
import { PAGE_STYLE } from './inspect-page-style.js';
import { PAGE_WORDS, type PageLanguage } from './inspect-page-words.js';
import type { SelectionReport } from './inspect-report.js';
import type { Cells } from './inspect-view.js';

/** In an order in which each file needs only those before it. */
const SCRIPT_FILES = [
  'inspect-view',
  'inspect-page-dom',
  'inspect-page-charts',
  'inspect-page-heat',
  'inspect-page-client',
];

/** @param language of the page; null follows the reader's browser */
export function selectionPage(
  report: SelectionReport,
  { bytes, ...cells }: Cells,
  language: PageLanguage | null,
): string {
  const data: PageData = {
    report,
    cells: { ...cells, bytes: Buffer.from(bytes).toString('base64') },
    words: PAGE_WORDS,
    language,
  };
  const script = pageScript();
  const policy =
    "default-src 'none'; base-uri 'none'; form-action 'none'; " +
    `script-src '${sourceHash(script)}'; style-src '${sourceHash(PAGE_STYLE)}'`;
  const words = PAGE_WORDS[language ?? 'en'];
  return `<!doctype html>
<html lang="${words.tag}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${words.title}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<script type="application/json" id="data">${inertJson(data)}</script>
<script type="module">${script}</script>
</body>
</html>
`;
}

/** JSON that neither ends its element nor opens another, whatever its texts say. */
function inertJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The compiled files as one script, each in a scope of its own. */
export function pageScript(): string {
  const parts = SCRIPT_FILES.map((name) => {
    const compiled = readFileSync(new URL(`./${name}.js`, import.meta.url), 'utf8');
    return `modules['./${name}.js'] = (() => {\n${asFunctionBody(compiled)}\n})();`;
  });
  const start = `modules['./${SCRIPT_FILES.at(-1)!}.js'].startPage(document, window);`;
  return ['const modules = {};', ...parts, start].join('\n');
}

/** A module of named imports and exports as the body of a function that returns its exports. */
function asFunctionBody(module: string): string {
  const names: string[] = [];
  const body = module
    .replace(/^import (\{[^}]*\}) from ('[^']+');$/gm, 'const $1 = modules[$2];')
    .replace(/^export (function|class|const) (\w+)/gm, (_, kind: string, name: string) => {
      names.push(name);
      return `${kind} ${name}`;
    })
    .replace(/^\/\/# sourceMappingURL=.*$/gm, '');
  return `${body}return { ${names.join(', ')} };`;
}

function sourceHash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
