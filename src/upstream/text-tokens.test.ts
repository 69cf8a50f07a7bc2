// Completion text in pieces: whatever the pieces, the same bytes and the same control tokens.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { tinyTokenizerJson } from '../../test/helpers/tiny-tokenizer.js';
import { loadBuiltinTokenizer } from '../encoding/builtin-tokenizers.js';
import { Tokenizer } from '../encoding/tokenizer.js';
import { ControlTexts } from './control-texts.js';
import { TextTokens } from './text-tokens.js';

const tiny = Tokenizer.fromJson(tinyTokenizerJson());
const v32 = loadBuiltinTokenizer('v3.2');

function tokensOf(
  tokenizer: Tokenizer,
  controls: ControlTexts,
  pieces: readonly string[],
): number[] {
  const text = new TextTokens(tokenizer, controls);
  return [...pieces.flatMap((piece) => text.push(piece)), ...text.flush()];
}

/** Bytes, with control tokens kept apart from text that merely looks like them. */
function readable(tokenizer: Tokenizer, tokens: readonly number[]): (string | number)[] {
  const runs: (number | Uint8Array[])[] = [];
  for (const token of tokens) {
    const last = runs.at(-1);
    if (tokenizer.isControl(token)) runs.push(token);
    else if (Array.isArray(last)) last.push(tokenizer.tokenBytes(token));
    else runs.push([tokenizer.tokenBytes(token)]);
  }
  return runs.map((run) => (Array.isArray(run) ? Buffer.concat(run).toString('hex') : run));
}

for (const [name, tokenizer] of Object.entries({ tiny, v32 })) {
  const controls = new ControlTexts(tokenizer);
  const piece = fc.oneof(
    fc.constantFrom(
      '</think>',
      '<think>',
      '<｜User｜>',
      '<｜end▁of▁sentence｜>',
      '<｜DSML｜invoke',
    ),
    fc.constantFrom('<', '</', '<｜', '</thi', '｜>', '<｜end▁of', 'think>', '<<think>'),
    fc.constantFrom('🌊', '深海', ' the', '\n\n', '🏳️‍🌈'),
    fc.string({ unit: 'binary', maxLength: 4 }),
  );
  const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));

  test(`${name}: any pieces of a text give the same token bytes and control tokens`, () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(60), { maxLength: 12 }), (text, cuts) => {
        const points = [0, ...cuts.map((cut) => Math.min(cut, text.length)), text.length];
        const sorted = points.toSorted((a, b) => a - b);
        const pieces = sorted.slice(1).map((end, i) => text.slice(sorted[i], end));
        const whole = readable(tokenizer, tokensOf(tokenizer, controls, [text]));
        assert.deepEqual(readable(tokenizer, tokensOf(tokenizer, controls, pieces)), whole);
        const units = readable(tokenizer, tokensOf(tokenizer, controls, text.split('')));
        assert.deepEqual(units, whole);
        // And they are what the tokenizer itself reads in the whole text.
        assert.deepEqual(whole, readable(tokenizer, [...tokenizer.encode(text)]));
      }),
      { numRuns: 400, seed: 7 },
    );
  });
}

test('only what is undecided is held back', () => {
  const text = new TextTokens(tiny, new ControlTexts(tiny));
  const push = (piece: string) => tiny.decode(text.push(piece));
  assert.equal(push('a < b'), 'a < b');
  assert.equal(push(' </th'), ' ');
  assert.equal(push('x'), '</thx');
  assert.equal(push('</think'), '');
  assert.deepEqual(text.push('>!'), [tiny.tokenId('</think>'), ...tiny.encode('!')]);
  assert.equal(push('🌊'.slice(0, 1)), '');
  assert.equal(push('🌊'.slice(1)), '🌊');
  assert.equal(push('<'), '');
  assert.equal(tiny.decode(text.flush()), '<');
});

test('which stop strings an engine that matches on text may be told', () => {
  const controls = new ControlTexts(tiny);
  for (const stop of ['\n\n', 'Observation:', 'x>y', '。'])
    assert.ok(!controls.touches(stop), stop);
  for (const stop of ['think', '</think>', '<', 'a </', '>b', 'x</think>y', '｜>\n']) {
    assert.ok(controls.touches(stop), stop);
  }
});
