// Exports of hostile texts: a page without scripts and without anything unescaped, Markdown whose
// fences hold, file names that are names. That code runs is in test/e2e/web-export-code.test.ts.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { anyBranch, HOSTILE } from '../../../../test/helpers/any-conversation.js';
import { SETTINGS } from '../../../../test/helpers/web-conversations.js';
import type { StoredMessage } from '../../wire.js';
import type { StoredConversation } from '../conversation-store.js';
import { attachment, fileName } from './file-name.js';
import { htmlExport } from './html-export.js';
import { closed, fenced, markdownExport, plain } from './markdown-export.js';
import { markdownHtml } from './markdown-html.js';

function conversation(messages: StoredMessage[], title: string): StoredConversation {
  return {
    id: 'conv_1',
    title,
    folder: null,
    tags: [],
    created_at: '2026-01-02T03:04:05.000Z',
    updated_at: '2026-01-03T03:04:05.000Z',
    snippet: null,
    settings: { ...SETTINGS, system: HOSTILE[4]! },
    head_id: messages.at(-1)!.id,
    messages,
  };
}

/** Every tag that a page of ours may have, and the attributes of each. */
const TAGS: Record<string, readonly string[]> = {
  html: ['lang'],
  head: [],
  meta: ['charset', 'http-equiv', 'content', 'name'],
  title: [],
  style: [],
  body: [],
  header: [],
  p: ['class'],
  h2: ['class'],
  main: [],
  footer: [],
  article: ['class'],
  details: ['class'],
  summary: [],
  div: ['class'],
  span: ['class'],
  a: ['href', 'rel', 'class', 'title'],
  ul: ['class', 'aria-label'],
  ol: ['start'],
  td: ['class'],
  th: ['class'],
  figure: ['class'],
  math: ['xmlns', 'display'],
  annotation: ['encoding'],
  mover: ['accent'],
  mstyle: ['mathcolor', 'scriptlevel', 'displaystyle'],
  mo: ['stretchy', 'fence', 'separator', 'lspace', 'rspace', 'minsize', 'maxsize', 'form'],
  mi: ['mathvariant'],
  mtext: ['mathvariant'],
};
const BARE =
  'h1 h2 h3 h4 h5 h6 p li pre code em strong s br hr blockquote small b table thead tbody tr figcaption ' +
  'semantics mrow mn msup msub mfrac msqrt mspace';
for (const tag of BARE.split(' ')) TAGS[tag] ??= [];

/** Reads the page as a browser's tokenizer would, and refuses what is not in the table. */
function assertHarmless(html: string): void {
  assert.match(html, /^<!doctype html>\n<html lang=/);
  const [head, tail] = html.slice('<!doctype html>'.length).split(/<style>[^<]*<\/style>/);
  assert.ok(head !== undefined && tail !== undefined, 'one style, with no < inside');
  for (const part of [head, tail]) {
    for (const [whole, , name, rest] of part.matchAll(/<(\/?)([a-z][^\s/>]*|!|\?|)([^>]*)>?/gi)) {
      const allowed = TAGS[name!];
      assert.ok(allowed, `a tag that is none of ours: ${whole.slice(0, 200)}`);
      const attributes = rest!.replace(/\/$/, '').trim();
      assert.match(attributes, /^([a-z-]+="[^"<>]*"\s*)*$/, `attributes: ${whole.slice(0, 200)}`);
      for (const [, attribute, value] of attributes.matchAll(/([a-z-]+)="([^"]*)"/g)) {
        assert.ok(allowed.includes(attribute!), `${name} has ${attribute}: ${whole.slice(0, 200)}`);
        if (attribute === 'href') assert.match(value!, /^(https?:|mailto:)/i);
      }
    }
  }
  assert.ok(!html.includes('\0'));
}

test('a shared page has no script, no foreign tag or attribute, whatever was said', async () => {
  for (const hostile of HOSTILE) {
    const branch = [
      ...(await fc.sample(anyBranch, { numRuns: 1, seed: 1 })[0]!),
      {
        id: 'a',
        parent_id: null,
        created_at: '',
        role: 'user' as const,
        content: hostile,
        files: [],
      },
    ];
    assertHarmless(await htmlExport(conversation(branch, hostile), branch, 'en'));
  }
  await fc.assert(
    fc.asyncProperty(anyBranch, fc.constantFrom(...HOSTILE), async (branch, title) => {
      assertHarmless(await htmlExport(conversation(branch, title), branch, 'zh'));
    }),
    { numRuns: 150, seed: 6 },
  );
});

test('the policy of a shared page allows its own style and nothing else', async () => {
  const [branch] = fc.sample(anyBranch, { numRuns: 1, seed: 2 });
  const html = await htmlExport(conversation(branch!, 'x'), branch!, 'en');
  const [, style] = /<style>([^]*?)<\/style>/.exec(html)!;
  const hash = createHash('sha256').update(style!).digest('base64');
  const [, policy] = /Content-Security-Policy" content="([^"]*)"/.exec(html)!;
  assert.equal(
    policy,
    `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
  );
  assert.ok(!/url\(|@import/.test(style!));
});

test('Markdown becomes a page: tables, code, formulas, links; pictures are links', () => {
  const html = markdownHtml(
    '| a | b |\n|:-:|--:|\n| 1 | 2 |\n\n```ts\nconst x = "<y>";\n```\n\n' +
      'Euler: $e^{i\\pi}+1=0$, \\(x^2\\), costs $5 and $10.\n\n$$\\frac{1}{2}$$\n\n' +
      '[site](https://a.example/?q=1&r=2) ![pic](https://a.example/p.png)',
  );
  assert.match(html, /<td class="center">1<\/td>\s*<td class="right">2<\/td>/);
  assert.match(html, /<figcaption>ts<\/figcaption><pre><code>const x = &quot;&lt;y&gt;&quot;;/);
  assert.equal(html.match(/<math/g)?.length, 3);
  assert.match(html, /costs \$5 and \$10\./);
  assert.match(html, /<math[^>]*display="block"/);
  assert.match(
    html,
    /<a href="https:\/\/a\.example\/\?q=1&amp;r=2" rel="noopener noreferrer nofollow">/,
  );
  assert.match(html, /<a class="image" href="https:\/\/a\.example\/p\.png"[^>]*>pic<\/a>/);
  assert.ok(!html.includes('<img'));
});

test('a text of a megabyte is a page in time', { timeout: 20_000 }, async () => {
  for (const unit of ['*', '[', '$', '`', '![](', '> ', '- ', '\\(', '<a ', '|a']) {
    const content = unit.repeat(Math.floor(190_000 / unit.length));
    const message: StoredMessage = {
      id: 'm',
      parent_id: null,
      created_at: '',
      role: 'user',
      content,
      files: [],
    };
    await htmlExport(conversation([message], 'x'), [message], 'en');
  }
});

test('no text ends the fence it stands in', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.constantFrom(...HOSTILE),
        fc.string({ unit: fc.constantFrom('`', '\n', 'a', '~') }),
      ),
      (text) => {
        const tokens = new MarkdownIt().parse(`${fenced(text)}\n\nafter`, {});
        assert.equal(tokens[0]!.type, 'fence');
        // CommonMark reads NUL as the replacement character.
        assert.equal(tokens[0]!.content, `${text.replaceAll('\0', '\u{fffd}')}\n`);
        assert.equal(tokens[2]!.content, 'after');
      },
    ),
    { seed: 6 },
  );
});

test('a title is one plain line, and an answer that was cut takes nothing along', () => {
  for (const text of HOSTILE) {
    const tokens = new MarkdownIt({ html: true }).parse(`# ${plain(text)}\n`, {});
    assert.deepEqual(
      tokens.map(({ type }) => type),
      ['heading_open', 'inline', 'heading_close'],
      text,
    );
    assert.ok(tokens[1]!.children!.every(({ type }) => type === 'text' || type === 'text_special'));
  }
  for (const cut of [
    '```ts\nlet x',
    '~~~\na\n```',
    '````\n```\nb',
    'text\n\n<!-- hidden',
    '``` a`\nx',
  ]) {
    const tokens = new MarkdownIt({ html: true }).parse(`${closed(cut)}\n\n## next`, {});
    assert.equal(tokens.at(-3)!.type, 'heading_open', cut);
  }
});

test('Markdown holds questions, thoughts, calls with results, answers and errors in order', () => {
  const base = { created_at: '', parent_id: null };
  const answer = {
    reasoning_forced: false,
    trace_id: null,
    usage: null,
    error: null,
    model: 'standard' as const,
    thinking: true,
  };
  const branch: StoredMessage[] = [
    { ...base, id: '1', role: 'user', content: 'What is 6*7?', files: [] },
    {
      ...base,
      ...answer,
      id: '2',
      role: 'assistant',
      content: '',
      reasoning: 'Use the tool.',
      reasoning_ms: 1234,
      tool_calls: [{ id: 'c', name: 'calculator', arguments: '{"e":"6*7"}', tool: null }],
      finish_reason: 'tool_calls',
    },
    {
      ...base,
      id: '3',
      role: 'tool',
      call_id: 'c',
      name: 'calculator',
      content: '42',
      is_error: false,
      duration_ms: 3,
      full_length: null,
    },
    {
      ...base,
      ...answer,
      id: '4',
      role: 'assistant',
      content: 'It is **42**.',
      reasoning: null,
      reasoning_ms: null,
      tool_calls: [],
      finish_reason: 'stop',
    },
  ];
  const markdown = markdownExport(
    { ...conversation(branch, 'Six'), settings: SETTINGS },
    branch,
    'en',
  );
  assert.equal(
    markdown,
    `# Six

## You

What is 6*7?

## Assistant (DeepSeek-V3.2, thinking)

<details>
<summary>Thought for 1.2 s</summary>

\`\`\`text
Use the tool.
\`\`\`

</details>

**Tool call: calculator**

\`\`\`json
{"e":"6*7"}
\`\`\`

*Result*

\`\`\`text
42
\`\`\`

It is **42**.
`,
  );
});

test('file names are names', () => {
  assert.equal(fileName('../../etc/passwd', 'md'), 'etc-passwd.md');
  assert.equal(fileName('稀疏注意力 (DSA)?', 'html'), '稀疏注意力-DSA.html');
  assert.equal(fileName('  ', 'json'), 'conversation.json');
  assert.equal(fileName('CON', 'txt'), 'conversation.txt');
  assert.ok(fileName('x'.repeat(500), 'md').length < 100);
  assert.equal(
    attachment("naïve's 🐋", 'md'),
    `attachment; filename="conversation.md"; filename*=UTF-8''na%C3%AFve-s.md`,
  );
  for (const title of HOSTILE) assert.match(attachment(title, 'md'), /^[\x20-\x7e]+$/);
});
