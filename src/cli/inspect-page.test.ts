// The page is inert but for its own script: hostile texts stay data, the policy lets nothing in, and the
// script builds the page from text nodes alone, here in a document of our own that only records.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { createContext, Script } from 'node:vm';

import { fixtureReport, fixtureTrace, HOSTILE_TEXTS } from './inspect-fixtures.js';
import { pageScript, selectionPage } from './inspect-page.js';
import { PAGE_WORDS } from './inspect-page-words.js';
import { encodeCell } from '../model/selection-trace-totals.js';
import { narrowed, shareOfCell, viewByLayer, viewByQuery } from './inspect-view.js';

test('no text of a token or a model becomes markup', () => {
  const page = selectionPage(fixtureReport(), fixtureTrace().cells, 'en');
  const tags = Array.from(page.matchAll(/<(\/?[a-z!][a-z0-9]*)/gi), ([, name]) => name!);
  // The script itself has no tags in it, only comparisons.
  const script = Array.from(pageScript().matchAll(/<(\/?[a-z!][a-z0-9]*)/gi), ([, name]) => name!);
  const before =
    '!doctype html head meta meta meta meta title /title style /style /head body script /script script';
  assert.deepEqual(tags, before.split(' ').concat(script, '/script', '/body', '/html'));
  const [, json] = /id="data">([^<]*)<\/script>/.exec(page)!;
  const { report } = JSON.parse(json!) as { report: { tokens: { text: string }[] } };
  assert.equal(report.tokens[0]!.text, HOSTILE_TEXTS[0]);
});

test('the policy names the hashes of the script and the style, and nothing else may load', () => {
  const page = selectionPage(fixtureReport(), fixtureTrace().cells, null);
  const [, policy] = /Content-Security-Policy" content="([^"]*)"/.exec(page)!;
  const hashOf = (tag: RegExp): string =>
    createHash('sha256').update(tag.exec(page)![1]!).digest('base64');
  assert.equal(
    policy,
    "default-src 'none'; base-uri 'none'; form-action 'none'; " +
      `script-src 'sha256-${hashOf(/<script type="module">([\s\S]*?)<\/script>/)}'; ` +
      `style-src 'sha256-${hashOf(/<style>([\s\S]*?)<\/style>/)}'`,
  );
  const code = page.replace(/id="data">[^<]*</, '').replaceAll('http://www.w3.org/2000/svg', ''); // a name, not an address
  assert.doesNotMatch(code, /https?:|\bsrc=|\bhref=|@import|url\(/);
});

test('both languages have the same words, all of them used by the script', () => {
  const script = pageScript();
  for (const [name, text] of Object.entries(PAGE_WORDS.en)) {
    assert.ok(name in PAGE_WORDS.zh && text !== '', name);
    assert.match(script, new RegExp(`words\\.${name}\\b`), name);
    const placeholders = (words: string): string[] => words.match(/\{\w+\}/g)?.toSorted() ?? [];
    const other = PAGE_WORDS.zh[name as keyof typeof PAGE_WORDS.zh];
    assert.deepEqual(placeholders(other), placeholders(text), name);
  }
});

/** An element that keeps what the script does to it. */
class FakeElement {
  textContent = '';
  className = '';
  style: Record<string, string> = {};
  attributes: Record<string, string> = {};
  children: FakeElement[] = [];
  listeners: Record<string, (event: unknown) => void> = {};
  clientWidth = 800;
  width = 0;
  height = 0;

  constructor(readonly name: string) {}

  append(...children: (FakeElement | string)[]): void {
    for (const child of children) {
      if (typeof child === 'string') this.textContent += child;
      else this.children.push(child);
    }
  }

  replaceChildren(...children: FakeElement[]): void {
    this.children = children;
  }

  setAttribute(name: string, value: string): void {
    this.attributes[name] = value;
  }

  addEventListener(type: string, listener: (event: unknown) => void): void {
    this.listeners[type] = listener;
  }

  getBoundingClientRect(): { left: number; top: number; width: number; height: number } {
    return { left: 0, top: 0, width: 800, height: 300 };
  }

  getContext(): unknown {
    const ignored = (): void => {};
    const drawing = { createImageData: () => ({ data: [] }) };
    return new Proxy(drawing, { get: (target, name) => Reflect.get(target, name) ?? ignored });
  }

  *all(): Iterable<FakeElement> {
    yield this;
    for (const child of this.children) yield* child.all();
  }
}

/** Runs the page's script; returns the body it builds. */
function builtBody(data: string, browserLanguage: string): FakeElement {
  const body = new FakeElement('body');
  const script = new FakeElement('script');
  script.textContent = data;
  const document = {
    body,
    documentElement: new FakeElement('html'),
    title: '',
    createElement: (name: string) => new FakeElement(name),
    createElementNS: (_: string, name: string) => new FakeElement(name),
    getElementById: () => script,
  };
  const window = {
    devicePixelRatio: 1,
    navigator: { language: browserLanguage },
    matchMedia: () => ({ matches: false, addEventListener: () => {} }),
    addEventListener: () => {},
    atob: (text: string) => Buffer.from(text, 'base64').toString('latin1'),
  };
  new Script(pageScript()).runInContext(createContext({ document, window }));
  return body;
}

function dataOf(language: 'en' | 'zh' | null): string {
  const page = selectionPage(fixtureReport(), fixtureTrace().cells, language);
  return /id="data">([^<]*)<\/script>/.exec(page)![1]!;
}

const TITLES = { en: 'What the indexer kept', zh: '索引器保留了什么' };

test('the script builds the page in the language of --lang, else of the browser', () => {
  for (const [language, browser, expected] of [
    [null, 'de-DE', 'en'],
    [null, 'zh-TW', 'zh'],
    ['en', 'zh-CN', 'en'],
    ['zh', 'en-US', 'zh'],
  ] as const) {
    const texts = Array.from(
      builtBody(dataOf(language), browser).all(),
      (each) => each.textContent,
    );
    assert.ok(texts.includes(TITLES[expected]), `${language} ${browser}`);
  }
});

test('token texts are text; a chosen answer token colours what it kept', () => {
  const body = builtBody(dataOf('en'), 'en');
  const spans = [...body.all()].filter(({ name }) => name === 'span');
  const [answer, prompt] = [...body.all()].filter(({ className }) => className === 'text');
  assert.equal(prompt!.children[0]!.textContent, HOSTILE_TEXTS[0]);
  assert.equal(prompt!.children.length, 4);
  const replies = spans.filter(({ className }) => className === 'reply');
  assert.equal(replies.length, 2);
  assert.equal(answer!.children[1], replies[1]);
  const grounds = (): (string | undefined)[] =>
    prompt!.children.map(({ style }) => style['background']);
  const before = grounds();
  replies[1]!.listeners['click']!({});
  assert.equal(replies[1]!.attributes['aria-pressed'], 'true');
  assert.notDeepEqual(grounds(), before);
  replies[1]!.listeners['keydown']!({ key: 'Enter', preventDefault: () => {} });
  assert.deepEqual(grounds(), before);
});

test('cells become rows of layers, of queries, and fewer columns', () => {
  const { cells } = fixtureTrace();
  const layers = viewByLayer(cells, [0, 1]);
  assert.deepEqual([layers.numRows, layers.numColumns], [2, 5]);
  assert.deepEqual(Array.from(layers.kept.subarray(0, 5)), [1, 1, 0, 0, 0]);
  assert.deepEqual(Array.from(layers.kept.subarray(5)), [1, 0, 0, 0.5, 1]);
  assert.ok(Math.abs(layers.captured[0]! - 0.5) < 0.03 && layers.missed[0] === 0);
  assert.ok(Math.abs(layers.missed[2]! - 0.125) < 0.01 && layers.captured[2] === 0);
  const queries = viewByQuery(cells, null);
  assert.deepEqual(Array.from(queries.kept.subarray(0, 5)), [1, 0.5, 0, 0.5, -1]);
  const few = narrowed(queries, 2);
  assert.deepEqual(Array.from(few.kept), [0.75, 0.25, 0.75, 1 / 6].map(Math.fround));
  assert.equal(narrowed(queries, 5), queries);
});

test('what is drawn of a share is within a level of it', () => {
  for (const share of [1, 0.5, 0.01, 1e-4, 1e-6]) {
    assert.ok(Math.abs(Math.log10(shareOfCell(encodeCell(share)) / share)) < 6 / 126);
  }
  assert.equal(shareOfCell(0), 0);
  assert.equal(shareOfCell(0x80 | encodeCell(1)), 1);
});
