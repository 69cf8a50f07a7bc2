import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { appendText, emptyText, growingText } from '../../../src/web/growing-text.js';
import { MarkdownChunks } from './markdown-chunks.js';

const paragraphs = fc
  .array(fc.integer({ min: 1, max: 1500 }), { maxLength: 40 })
  .map((lengths) => lengths.map((length) => 'word '.repeat(length / 5) + 'end').join('\n\n'));

test('streamed with pauses or given at once, blocks stand in the same places', () => {
  fc.assert(
    fc.property(
      paragraphs,
      fc.integer({ min: 50, max: 5000 }),
      fc.nat(3000),
      (text, step, most) => {
        const growing = emptyText();
        const streamed = new MarkdownChunks();
        for (let at = 0; at < text.length; at += step) {
          appendText(growing, text.slice(at, at + step));
          streamed.take(growing, false, most + 1);
        }
        while (streamed.take(growing, true, most + 1));
        assert.equal(streamed.isBehind, false);
        const whole = new MarkdownChunks();
        whole.take(growingText(text), true);
        const places = ({ chunks }: MarkdownChunks) =>
          chunks.map(({ blocks, characters, lines }) => ({ blocks, characters, lines }));
        assert.deepEqual(places(streamed), places(whole));
        assert.equal(
          whole.chunks.flatMap(({ blocks }) => blocks.map((b) => b.source)).join(''),
          text,
        );
      },
    ),
  );
});

test('only the chunk in which something changed has a new version', () => {
  const text = emptyText();
  const model = new MarkdownChunks();
  appendText(text, 'See [late].\n\n' + 'A paragraph of some words.\n\n'.repeat(500));
  model.take(text, false);
  const before = model.chunks.map(({ version }) => version);
  appendText(text, 'More.\n\n');
  model.take(text, false);
  const after = model.chunks.map(({ version }) => version);
  assert.deepEqual(after.slice(0, -1), before.slice(0, -1));
  assert.ok(after.at(-1)! > before.at(-1)!);
  appendText(text, '[late]: https://example.org\n');
  model.take(text, true);
  assert.equal(model.chunks[0]!.version, before[0]! + 1);
  assert.equal(model.chunks[1]!.version, before[1]!);
});
