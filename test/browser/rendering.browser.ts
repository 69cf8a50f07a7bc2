// A model's Markdown in a real browser: what streams and what is loaded later look the same, final blocks
// are not touched again, hostile text does nothing, diagrams stay in their frame, long answers stay light.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test, { type TestContext } from 'node:test';
import type { AxeResults } from 'axe-core';
import { EOS, gate, startScripted } from '../helpers/scripted-server.js';
import { testTokenizer } from '../helpers/scripted-backend.js';
import { visitChat, type ChatVisit } from './chat-visit.js';
import { noBrowser, PHONE, type VisitOptions } from './harness.js';

const skip = noBrowser;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tokenizer = testTokenizer();

const SAMPLE = String.raw`# Pressure in the deep

At depth $h$ it is $p = p_0 + \rho g h$, **about** ${'`60 MPa`'} at 6,000 m. See [the report][r] for $5.

| Zone | Depth |
|:-----|------:|
| Hadal | 6,000+ m |

${'```python'}
@dataclass
class Diver:
    depth: float = 0.0  # metres
${'```'}

\[
\begin{aligned} a &= b \\ c &= \frac{d}{e} \end{aligned}
\]

- [x] done
- 深海
  的压力

[r]: https://example.org/report

The end.
`;

interface AskOptions extends VisitOptions {
  beforeToken?: (index: number) => void | Promise<void>;
  /** More than the standard model may write. */
  isLong?: boolean;
}

async function ask(t: TestContext, answer: string, options: AskOptions = {}): Promise<ChatVisit> {
  const { beforeToken, isLong = false, ...visitOptions } = options;
  const { server } = await startScripted(t, {
    complete: () => (isLong ? `</think>${answer}${EOS}` : answer + EOS),
    contextLength: 262_144,
    ...(beforeToken && { beforeToken }),
  });
  const settings = isLong
    ? { model: 'speciale' as const, tools: [] }
    : { thinking: false, tools: [] };
  const visited = await visitChat(t, settings, { running: server, ...visitOptions });
  await visited.chat.ask('Go on');
  return visited;
}

/** The answer's elements, once everything that comes later (colours, formulas) is there. */
async function drawn({ page }: ChatVisit): Promise<string> {
  await page.locator('.hl-keyword').first().waitFor();
  await page.locator('.math .katex').nth(2).waitFor();
  return page.locator('.answer-text .md').innerHTML();
}

test('an answer looks the same streamed and loaded', { skip }, async (t) => {
  const visited = await ask(t, SAMPLE);
  const { page, chat, finish } = visited;
  await chat.answered();
  const streamed = await drawn(visited);
  for (const part of ['<h3 class="md-h1">', 'href="https://example.org/report"', '<table>', '$5']) {
    assert.ok(streamed.includes(part), `${part} in ${streamed}`);
  }
  assert.match(await chat.text(), /深海的压力/, 'Chinese lines are joined without a space');
  await page.reload();
  await chat.answered();
  assert.equal(await drawn(visited), streamed);
  finish();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`an answer has names, roles and contrast, ${colorScheme}`, { skip }, async (t) => {
    const visited = await ask(t, SAMPLE, { colorScheme, viewport: PHONE });
    const { page, chat } = visited;
    await chat.answered();
    await drawn(visited);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() =>
      (
        globalThis as unknown as {
          axe: { run: (place: string, options: object) => Promise<AxeResults> };
        }
      ).axe.run('.answer-text', { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }),
    );
    const found = violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`,
    );
    assert.deepEqual(found, []);
    const overhang = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overhang <= 0, `the page is ${overhang} px wider than the screen`);
  });
}

test('a block that is final is never touched again', { skip }, async (t) => {
  const paragraphs = Array.from({ length: 40 }, (_, index) => `Paragraph **${index}** of many.`);
  const held = gate();
  const answer = paragraphs.join('\n\n');
  const half = tokenizer.encode(answer.slice(0, answer.indexOf('Paragraph **20**'))).length;
  const { page, chat, finish } = await ask(t, answer, {
    beforeToken: (index) => (index === half ? held.passed : undefined),
  });
  await page.getByText('Paragraph 18 of many.').waitFor();
  await page.evaluate(() => {
    const changes: string[] = [];
    Object.assign(window, { changes });
    const final = [...document.querySelectorAll('.md-chunk > p')].slice(0, 19);
    const observer = new MutationObserver((records) => {
      for (const { type, target } of records) changes.push(`${type} in ${target.textContent}`);
    });
    const all = { childList: true, characterData: true, attributes: true, subtree: true };
    for (const paragraph of final) observer.observe(paragraph, all);
    Object.assign(window, { stay: () => final.every(({ isConnected }) => isConnected) });
  });
  held.open();
  await page.getByText('Paragraph 39 of many.').waitFor();
  await chat.answered();
  const seen = await page.evaluate(() => {
    const { changes, stay } = window as unknown as { changes: string[]; stay: () => boolean };
    return { changes, isThere: stay() };
  });
  assert.deepEqual(seen, { changes: [], isThere: true });
  finish();
});

test('what is half written looks as if it were finished', { skip }, async (t) => {
  const held = gate();
  const pieces = [
    'Before **bold',
    ' text** and [a link',
    '](https://example.org/x',
    ') $x + y',
    '$ end.',
  ];
  const ends = pieces.map(
    (_, index) => tokenizer.encode(pieces.slice(0, index + 1).join('')).length,
  );
  const { page, chat, finish } = await ask(t, pieces.join(''), {
    beforeToken: (index) => (index === ends[2] ? held.passed : undefined),
  });
  await page.locator('.md strong', { hasText: 'bold text' }).waitFor();
  await page.getByText('Before bold text and a link', { exact: true }).waitFor();
  held.open();
  await chat.answered();
  await page.locator('.md a[href="https://example.org/x"]', { hasText: 'a link' }).waitFor();
  await page.locator('.md .katex').waitFor();
  finish();
});

const HOSTILE = [
  '<script>window.pwned = 1</script>',
  '<img src="https://evil.example/a.png" onerror="window.pwned = 2">',
  '<svg onload="window.pwned = 3"><style>*{display:none}</style></svg>',
  '<iframe src="https://evil.example/"></iframe>',
  '[a](javascript:window.pwned=4) [b](JAVASCRIPT&#58;alert(1)) [c](data:text/html,<script>1</script>)',
  '[d](vbscript:x) [e](/console) [f](//evil.example/x) [g](java\nscript:1) <javascript:window.pwned=5>',
  '![pixel](https://evil.example/pixel.png) ![x](javascript:1) ![y](data:image/svg+xml,<svg/>)',
  '[h]: javascript:window.pwned=6\n\n[h] ![h]',
  '[i](https://example.org/"onmouseover="window.pwned=7 "title\\" onclick=\\"x")',
  '```js"><script>window.pwned = 8</script>\nlet x;\n```',
  '``` mermaid"><img src=https://evil.example/m>\nx\n```',
  '$\\href{javascript:window.pwned=9}{x}$ $\\includegraphics{https://evil.example/k.png}$',
  '$\\htmlStyle{background:url(https://evil.example/)}{x}$ $\\htmlData{a=b}{x}$ $\\url{https://a.b}$',
  '| a |\n|---|\n| <b onclick="window.pwned=10">x</b> |',
  '$\\def\\a{\\a\\a}\\a$ $\\rule{1000em}{1000em}$',
  '`<img src=x onerror=window.pwned=11>` &lt;script&gt; &#60;b&#62; \u202Eevil',
];

test('hostile text does nothing and asks for nothing', { skip }, async (t) => {
  const visited = await ask(t, `${HOSTILE.join('\n\n')}\n\n---\n\nThe end.`);
  const { page, chat, finish } = visited;
  page.on('dialog', (dialog) => {
    visited.problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await chat.answered();
  await page.getByText('The end.').waitFor();
  await page.locator('.math.failed').first().waitFor();
  const found = await page.locator('.answer-text .md').evaluate((root) => {
    const all = [...root.querySelectorAll('*')];
    const names = new Set(all.map(({ localName }) => localName));
    return {
      pwned: 'pwned' in window,
      forbidden: [
        'script',
        'img',
        'style',
        'iframe',
        'object',
        'embed',
        'form',
        'base',
        'meta',
      ].filter((name) => names.has(name)),
      handlers: all.flatMap((element) =>
        element.getAttributeNames().filter((name) => name.startsWith('on')),
      ),
      links: [...root.querySelectorAll('a')].map(({ href, rel, target }) => ({
        href,
        rel,
        target,
      })),
    };
  });
  assert.equal(found.pwned, false);
  assert.deepEqual(found.forbidden, []);
  assert.deepEqual(found.handlers, []);
  for (const { href, rel, target } of found.links) {
    assert.match(href, /^(https?:\/\/|mailto:)/);
    assert.equal(target, '_blank');
    assert.match(rel, /noopener/);
  }
  finish();
});

const DIAGRAM = '```mermaid\ngraph LR\n  A[深海] --> B[Pressure]\n```\n';

test('a diagram is drawn on demand in a frame without origin', { skip }, async (t) => {
  const attack =
    '```mermaid\ngraph LR\n  A["<img src=https://evil.example/i.png onerror=parent.pwned=1>"] --> B\n  click A "javascript:parent.pwned=2"\n```\n';
  const { page, chat, finish } = await ask(
    t,
    `${DIAGRAM}\n${attack}\n\`\`\`mermaid\nthis is no diagram\n\`\`\`\n\nThe end.`,
    { colorScheme: 'dark' },
  );
  await chat.answered();
  assert.equal(await page.locator('iframe').count(), 0, 'nothing is drawn unasked');
  const draw = page.getByRole('button', { name: 'Draw' });
  await draw.first().click();
  const frame = page.frameLocator('iframe').first();
  await frame.locator('svg').getByText('深海').waitFor();
  const place = page.locator('iframe').first();
  await page.waitForFunction(() => document.querySelector('iframe')!.clientHeight !== 160);
  assert.ok((await place.boundingBox())!.height < 600);
  const inside = await frame.locator('body').evaluate(() => {
    const attempt = (action: () => unknown) => {
      try {
        return action();
      } catch (error) {
        return (error as Error).name;
      }
    };
    return {
      origin: self.origin,
      parent: attempt(() => parent.document.title),
      storage: attempt(() => localStorage.length),
    };
  });
  assert.deepEqual(inside, { origin: 'null', parent: 'SecurityError', storage: 'SecurityError' });
  await draw.first().click();
  await page.frameLocator('iframe').nth(1).locator('svg').first().waitFor();
  assert.equal(await page.evaluate(() => 'pwned' in window), false);
  await draw.first().click();
  await page.getByText('This diagram cannot be drawn:').waitFor();
  await page.getByRole('button', { name: 'Source' }).first().click();
  await page.getByText('A[深海] --> B[Pressure]').waitFor();
  finish();
});

test('of a long answer only what is near is in the page', { skip, timeout: 120_000 }, async (t) => {
  const section = (index: number) =>
    `## Section ${index}\n\nWords of *section* ${index} with $x_${index}$ and a list:\n\n` +
    `- one\n- two\n\n\`\`\`js\nconst section = ${index};\n\`\`\`\n`;
  const answer = Array.from({ length: 400 }, (_, index) => section(index)).join('\n');
  const { page, chat, finish } = await ask(t, `${answer}\nThe end.`, { isLong: true });
  await chat.answered();
  await page.getByText('The end.').waitFor();
  await page.reload();
  await chat.answered();
  await page.getByText('The end.').waitFor();
  const count = () => page.evaluate(() => document.querySelectorAll('.md *').length);
  assert.ok((await count()) < 12_000, `${await count()} elements`);
  const first = page.getByRole('heading', { name: 'Section 0', exact: true });
  await first.waitFor({ state: 'detached' });
  await page.locator('.md-chunk').first().scrollIntoViewIfNeeded();
  await first.waitFor();
  finish();
});
