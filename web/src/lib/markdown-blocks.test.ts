import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { MarkdownBlocks } from './markdown-blocks.js';
import { parseMarkdown, type Token } from './markdown-parser.js';

const PIECES = [
  'word',
  ' ',
  '\n',
  '\n\n',
  '    ',
  '\t',
  '- ',
  '* ',
  '1. ',
  '2) ',
  '> ',
  '# ',
  '---',
  '===',
  '```',
  '```js\n',
  '~~~',
  '| a | b |',
  '|---|---|',
  '`',
  '**',
  '*',
  '_',
  '~~',
  '[a]',
  '[a]: https://x.y',
  '](https://x',
  ')',
  '[',
  '$',
  '$$',
  '\\[',
  '\\]',
  '\\(',
  '\\)',
  '\\',
  '<b>',
  '&amp;',
  '中文，',
  'https://a.b/c',
  '- [ ] ',
  '\r\n',
  '\0',
];

const documents = fc
  .array(fc.constantFrom(...PIECES), { maxLength: 60 })
  .map((all) => all.join(''));

function blocksOf(pieces: readonly string[]): MarkdownBlocks {
  const blocks = new MarkdownBlocks();
  for (const piece of pieces) blocks.append(piece);
  blocks.end();
  return blocks;
}

function shape(tokens: readonly Token[]): unknown[] {
  return tokens.map(({ type, tag, content, markup, info, attrs, hidden, children }) => {
    return [type, tag, content, markup, info, attrs, hidden, children && shape(children)];
  });
}

test('any pieces give the blocks of the whole text', () => {
  fc.assert(
    fc.property(documents, fc.array(fc.nat(40), { maxLength: 30 }), (text, cuts) => {
      const pieces: string[] = [];
      let rest = text;
      for (const cut of cuts) {
        pieces.push(rest.slice(0, cut));
        rest = rest.slice(cut);
      }
      const sources = (blocks: MarkdownBlocks) => blocks.closed.map(({ source }) => source);
      assert.deepEqual(sources(blocksOf([...pieces, rest])), sources(blocksOf([text])));
    }),
    { numRuns: 3000 },
  );
});

test('a character at a time, final blocks never change', () => {
  fc.assert(
    fc.property(documents, (text) => {
      const blocks = new MarkdownBlocks();
      const final: string[] = [];
      for (const character of text) {
        blocks.append(character);
        for (const [index, { source }] of blocks.closed.entries()) {
          assert.equal(source, (final[index] ??= source));
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('blocks parsed one by one are the text parsed as a whole', () => {
  fc.assert(
    fc.property(documents, (text) => {
      const blocks = blocksOf([text]);
      const each = blocks.closed.flatMap(({ source }) =>
        parseMarkdown(source, { references: { ...blocks.references } }),
      );
      assert.deepEqual(shape(each), shape(parseMarkdown(text, { references: {} })));
    }),
    { numRuns: 3000 },
  );
});

test('a half written text can be parsed at every character', () => {
  fc.assert(
    fc.property(documents, (text) => {
      for (let end = 0; end <= text.length; end++) {
        parseMarkdown(text.slice(0, end), { references: {}, isOpen: true });
      }
    }),
    { numRuns: 300 },
  );
});

test('a link that is defined later gives its block, and no other, a new version', () => {
  const blocks = new MarkdownBlocks();
  blocks.append('See [the Report] here.\n\nSee [another].\n\n');
  blocks.append('[the report]: https://example.org/report\n\nEnd.\n');
  blocks.end();
  assert.deepEqual(
    blocks.closed.map(({ version }) => version),
    [1, 0, 0, 0],
  );
  assert.equal(blocks.references['THE REPORT']?.href, 'https://example.org/report');
});

test('a code block of any length is one block; other blocks are cut at a line', () => {
  const code = `\`\`\`js\n${'let x = 1;\n'.repeat(10_000)}\`\`\`\n`;
  assert.equal(blocksOf([code]).closed.length, 1);
  const list = '- item\n'.repeat(20_000);
  const { closed } = blocksOf([list]);
  assert.ok(closed.every(({ source }) => source.length <= 16_384 && source.endsWith('\n')));
  assert.equal(closed.map(({ source }) => source).join(''), list);
  const line = 'x'.repeat(100_000);
  assert.deepEqual(
    blocksOf([...line]).closed.map(({ source }) => source),
    blocksOf([line]).closed.map(({ source }) => source),
  );
});
