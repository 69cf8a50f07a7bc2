// scripts/build-docs.mjs: the documents of the repository build without a broken link, a hostile
// document yields no tags of its own, and what is wrong is listed.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { packageFile } from '../../src/package-root.js';

interface Page {
  slug: string;
  source: string;
  isEnglishOnly?: boolean;
}

interface Section {
  id: string;
  title: { en: string; zh: string };
  pages: Page[];
}

interface BuiltPage {
  title: string;
  html: string;
  language: string;
  headings: { level: number; id: string; text: string }[];
  previous: { slug: string } | null;
  next: { slug: string } | null;
}

interface BuildModule {
  buildDocs(options: { root: string; sections: Section[]; outFolder: string }): string[];
}

const script = (name: string) => import(pathToFileURL(packageFile(`scripts/${name}`)).href);

async function build(t: TestContext, root: string, sections: Section[]) {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-docs-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const { buildDocs } = (await script('build-docs.mjs')) as BuildModule;
  const outFolder = join(folder, 'out');
  const problems = buildDocs({ root, sections, outFolder });
  const read = (name: string) =>
    JSON.parse(readFileSync(join(outFolder, name), 'utf8')) as BuiltPage;
  return { problems, outFolder, read };
}

/** A repository of a few documents. */
function repository(t: TestContext, files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'hadal-documents-'));
  t.after(() => rmSync(root, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

function sectionOf(...pages: Page[]): Section[] {
  return [{ id: 'all', title: { en: 'All', zh: '全部' }, pages }];
}

const PAGE_A = { slug: 'a', source: 'docs/a.md' };
const PAGE_B = { slug: 'deep/b', source: 'docs/deep/b.md' };

test('the documents of the repository have no broken link and both languages', async (t) => {
  const root = packageFile('.');
  const { sectionsOf } = (await script('docs/page-list.mjs')) as {
    sectionsOf(root: string): Section[];
  };
  const first = await build(t, root, sectionsOf(root));
  assert.deepEqual(first.problems, []);
  const second = await build(t, root, sectionsOf(root));
  const names = readdirSync(first.outFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(first.outFolder.length));
  assert.ok(names.some((name) => name.endsWith('.json.br')));
  for (const name of names) {
    const bytes = [first, second].map(({ outFolder }) => readFileSync(join(outFolder, name)));
    assert.ok(bytes[0]!.equals(bytes[1]!), `${name} is the same at every build`);
  }
});

test('nothing in a document becomes a tag, a script or a style', async (t) => {
  const hostile = [
    '# <img src=x onerror=alert(1)>',
    '## "onmouseover="alert(1) <script>alert(1)</script>',
    '<script>alert(1)</script>',
    '[x](javascript:alert(1)) [y](data:text/html,x) [z](vbscript:x "t")',
    '[quote"onclick="alert(1)](https://example.com/"onclick="alert(1))',
    '```"><script>alert(1)</script>\n</code></pre><script>alert(1)</script>\n```',
    '```html\n<script>alert(1)</script>\n```',
    '| a |\n| -: |\n| <b style="x">1</b> |',
    '&lt;script&gt; &#60;script&#62;',
    '<https://example.com/"><script>alert(1)</script>>',
  ].join('\n\n');
  const root = repository(t, { 'docs/a.md': hostile, 'docs/a.zh-CN.md': hostile });
  const { problems, read } = await build(t, root, sectionOf(PAGE_A));
  assert.deepEqual(problems, []);
  const { html, headings } = read('en/a.json');
  const tags = [...html.matchAll(/<([a-z][a-z0-9]*)((?:[^>"']|"[^"]*"|'[^']*')*)>/gi)];
  const allowed = new Set(
    'p h2 a div button pre code span table thead tbody tr th td strong em'.split(' '),
  );
  for (const [tag, name, attributes] of tags) {
    assert.ok(allowed.has(name!), tag);
    const names = [...attributes!.matchAll(/\s([^\s="'>/]+)(?:="[^"]*")?/g)].map(([, n]) => n!);
    for (const attribute of names) assert.doesNotMatch(attribute, /^(on|style)/i, tag);
  }
  assert.doesNotMatch(html, /href="(?!https:\/\/example\.com|#)/);
  assert.match(html, /<td class="align-right">/);
  assert.equal(headings[0]!.id, 'onmouseoveralert1-scriptalert1script');
});

test('links lead to pages, files of the repository are named, images are copied', async (t) => {
  const root = repository(t, {
    'docs/a.md': '# A\n\n## Part\n\n[b](deep/b.md#über-b) [file](../src/x.ts) [own](#part)',
    'docs/a.zh-CN.md': '# 甲\n\n## 部分\n\n[乙](deep/b.zh-CN.md#部分)',
    'docs/deep/b.md': '# B\n\n## Über B\n\n![picture](../images/p.png) [a](../a.md)',
    'docs/deep/b.zh-CN.md': '# 乙\n\n## 部分\n\n[甲](../a.zh-CN.md#部分)',
    'docs/images/p.png': 'not really',
    'src/x.ts': '',
  });
  const { problems, read, outFolder } = await build(t, root, sectionOf(PAGE_A, PAGE_B));
  assert.deepEqual(problems, []);
  const { html, next, previous } = read('en/a.json');
  assert.match(html, /<a href="\/docs\/deep\/b#%C3%BCber-b">b<\/a>/);
  assert.match(html, /<span class="doc-file" title="src\/x.ts">file<\/span>/);
  assert.match(html, /<a href="\/docs\/a#part">own<\/a>/);
  assert.deepEqual([previous, next], [null, { slug: 'deep/b', title: 'B' }]);
  assert.match(read('zh/deep/b.json').html, /href="\/docs\/a#%E9%83%A8%E5%88%86"/);
  assert.match(read('en/deep/b.json').html, /<img src="\/docs-data\/images\/p.png" alt="picture"/);
  assert.equal(readFileSync(join(outFolder, 'images/p.png'), 'utf8'), 'not really');
});

test('everything that is wrong is listed, and nothing is written', async (t) => {
  const root = repository(t, {
    'docs/a.md':
      '# A\n\n[x](gone.md) [y](deep/b.md#gone) [z](../../outside) ![i](https://e.com/i.png)',
    'docs/deep/b.md': 'no title',
    'docs/deep/b.zh-CN.md': '# 乙',
  });
  const { problems, outFolder } = await build(t, root, sectionOf(PAGE_A, PAGE_B));
  assert.deepEqual(problems.toSorted(), [
    'docs/a.md: ../../outside leads to no file',
    'docs/a.md: deep/b.md#gone names no heading',
    'docs/a.md: gone.md leads to no file',
    'docs/a.md: the image https://e.com/i.png is not in the repository',
    'docs/a.zh-CN.md: missing',
    'docs/deep/b.md: no title',
  ]);
  assert.throws(() => readdirSync(outFolder), { code: 'ENOENT' });
});

test('a page in English only stands in both languages, and says which it is', async (t) => {
  const root = repository(t, { 'CHANGELOG.md': '# Changelog\n' });
  const page = { slug: 'changelog', source: 'CHANGELOG.md', isEnglishOnly: true };
  const { problems, read } = await build(t, root, sectionOf(page));
  assert.deepEqual(problems, []);
  assert.deepEqual(
    ['en', 'zh'].map((language) => read(`${language}/changelog.json`).language),
    ['en', 'en'],
  );
});
