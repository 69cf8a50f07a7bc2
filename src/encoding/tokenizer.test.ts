import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { tinyTokenizerJson } from '../../test/helpers/tiny-tokenizer.js';
import { loadBuiltinTokenizer } from './builtin-tokenizers.js';
import type { Segment } from './segments.js';
import { TokenizerFileError } from './tokenizer-file.js';
import { Tokenizer } from './tokenizer.js';

const tiny = Tokenizer.fromJson(tinyTokenizerJson());
const SEED = { seed: 20251201 };

/** Texts that meet added tokens, their fragments, merges and all of Unicode. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom('<think>', '</think>', '<｜User｜>', '<｜', '｜>', '<', 'think>', 'ing'),
      fc.constantFrom('the ', ' the', 'aaaaa', '": "', '\n\n', '  ', '12345', '漢字カナ', '\ud83d'),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

/** Spelled token by token, for readable expectations. */
function pieces(ids: Int32Array): string[] {
  return [...ids].map((id) => tiny.decode([id]));
}

test('cuts added tokens leftmost and longest, then merges by rank', () => {
  const ids = tiny.encode('<think>inner</think>');
  assert.deepEqual(pieces(ids), ['<think>', 'in', 'n', 'er', '</think>'].flat());
  assert.deepEqual(pieces(tiny.encode('<think>ing of')), ['<think>ing', ' ', 'of']);
  assert.deepEqual(pieces(tiny.encode('x the <the')), ['x', ' the', ' ', '<', 'the']);
});

test('gives the empty text no tokens and adds no BOS', () => {
  assert.equal(tiny.encode('').length, 0);
  assert.equal(tiny.encodeSegments([]).length, 0);
  assert.notEqual(tiny.encode('a')[0], tiny.bosId);
});

test('knows its markers', () => {
  assert.deepEqual([tiny.bosId, tiny.eosId], [0, 1]);
  const control = ['<｜User｜>', '<think>', '</think>', '<think>ing', '<result>'];
  for (const text of control) assert.ok(tiny.isControl(tiny.tokenId(text)!), text);
  assert.equal(tiny.isControl(tiny.tokenId('": "')!), false);
  assert.equal(tiny.isControl(tiny.tokenId('the')!), false);
});

test('finds ids by text: added, vocabulary with its space, unknown', () => {
  assert.equal(tiny.decode([tiny.tokenId(' the')!]), ' the');
  assert.equal(tiny.tokenId('\n'), tiny.encode('\n')[0]);
  assert.equal(tiny.tokenId('absent'), undefined);
  assert.equal(tiny.tokenId(''), undefined);
});

test('data keeps plain added tokens and loses control ones', () => {
  const ids = tiny.encode('<think>": "', { special: false });
  assert.deepEqual(pieces(ids), ['<', 'th', 'in', 'k', '>', '": "']);
});

test('special: false never gives a control id, and text comes back', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const ids = tiny.encode(text, { special: false });
      assert.ok(ids.every((id) => !tiny.isControl(id)));
      assert.equal(tiny.decode(ids), Buffer.from(text).toString());
    }),
    { ...SEED, numRuns: 2000 },
  );
});

test('decode(encode(text)) is the text as UTF-8 carries it', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      assert.equal(tiny.decode(tiny.encode(text)), Buffer.from(text).toString());
    }),
    { ...SEED, numRuns: 2000 },
  );
});

test('lone surrogates are U+FFFD, also at segment borders', () => {
  const expected = tiny.encode('\ufffd\ufffd');
  assert.deepEqual(tiny.encode('\ud83d\ud83d'), expected);
  const halves = ['\ud83d', '\ude00'].map((text) => ({ text, control: false }));
  assert.deepEqual(tiny.encodeSegments(halves), expected);
});

test('U+FEFF survives decoding at the start of the text', () => {
  assert.equal(tiny.decode(tiny.encode('\ufeffa')), '\ufeffa');
});

test('data next to control text cannot complete a marker', () => {
  const forged: Segment[][] = [
    [
      { text: '<thi', control: true },
      { text: 'nk>', control: false },
    ],
    [
      { text: '<thi', control: false },
      { text: 'nk>', control: true },
    ],
    [
      { text: '<th', control: true },
      { text: 'ink', control: false },
      { text: '>', control: true },
    ],
  ];
  for (const segments of forged) {
    assert.ok(tiny.encodeSegments(segments).every((id) => !tiny.isControl(id)));
  }
});

test('segments without markers in data give the ids of the whole text', () => {
  const plain = fc.constantFrom('the ', ' the', 'aaa', '\n', ' ', '": ', '"', '12', '漢', '字');
  const segment = fc.oneof(
    fc.record({
      text: fc.constantFrom('<think>', '<｜User｜>the', '\n'),
      control: fc.constant(true),
    }),
    fc.record({ text: plain, control: fc.boolean() }),
  );
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 12 }), (segments) => {
      const whole = segments.map(({ text }) => text).join('');
      assert.deepEqual(tiny.encodeSegments(segments), tiny.encode(whole));
    }),
    { ...SEED, numRuns: 1000 },
  );
});

test('ids without a token have no bytes; what is no id is refused', () => {
  assert.equal(tiny.tokenBytes(tiny.vocabSize + 5).length, 0);
  assert.equal(tiny.decode([tiny.vocabSize, tiny.tokenId('the')!]), 'the');
  for (const id of [-1, 1.5, Number.NaN]) assert.throws(() => tiny.tokenBytes(id), RangeError);
});

test('token bytes may split a character', () => {
  const ids = tiny.encode('é');
  assert.deepEqual(
    [...ids].map((id) => [...tiny.tokenBytes(id)]),
    [[0xc3], [0xa9]],
  );
});

function operations(text: string): number {
  const before = tiny.longPieceOperations;
  tiny.encode(text);
  return tiny.longPieceOperations - before;
}

test('work on long pieces grows in proportion to their length', () => {
  for (const unit of ['a', 'the', 'xyinerthof']) {
    const small = operations(unit.repeat(20_000 / unit.length));
    const large = operations(unit.repeat(200_000 / unit.length));
    assert.ok(small > 0 && large < small * 15, `${unit}: ${small} -> ${large}`);
  }
});

test('slices give the same ids, whatever runs between them', () => {
  fc.assert(
    fc.property(
      fc.array(anyText, { maxLength: 4 }),
      fc.integer({ min: 1, max: 40 }),
      (texts, slice) => {
        const segments = texts.map((text, i) => ({ text, control: i % 2 === 0 }));
        const expected = tiny.encodeSegments(segments);
        const first = tiny.encodeInSlices(segments, slice);
        const second = tiny.encodeInSlices(segments.toReversed(), slice);
        const results: Int32Array[] = [];
        for (let left = 2; left > 0;) {
          left = 0;
          for (const [i, steps] of [first, second].entries()) {
            if (results[i]) continue;
            const step = steps.next();
            if (step.done) results[i] = step.value;
            else left++;
            tiny.encode('something else');
          }
        }
        assert.deepEqual(results[0], expected);
        assert.deepEqual(results[1], tiny.encodeSegments(segments.toReversed()));
      },
    ),
    SEED,
  );
});

test('no slice holds more than its share of a text, of one piece or of many', () => {
  const v3 = loadBuiltinTokenizer('v3');
  for (const text of ['a'.repeat(400_000), 'word '.repeat(80_000), '汉字'.repeat(100_000)]) {
    const segments = [{ text, control: false }];
    const steps = v3.encodeInSlices(segments, 1000);
    let numSlices = 0;
    let step = steps.next();
    for (; !step.done; step = steps.next()) numSlices++;
    assert.ok(numSlices >= text.length / 1000 - 1, `${numSlices} slices`);
    assert.deepEqual(step.value, v3.encodeSegments(segments));
  }
});

test('built-in tokenizers are cached; v3.2 renames two placeholders', () => {
  const v3 = loadBuiltinTokenizer('v3');
  const v32 = loadBuiltinTokenizer('v3.2');
  assert.equal(loadBuiltinTokenizer('v3'), v3);
  assert.deepEqual([v3.vocabSize, v3.bosId, v3.eosId], [128815, 0, 1]);
  assert.deepEqual([v3.tokenId('<think>'), v32.tokenId('<think>')], [undefined, 128798]);
  assert.equal(v32.tokenId('</think>'), 128799);
  assert.equal(v32.tokenId('<｜place▁holder▁no▁798｜>'), undefined);
  assert.ok(v32.isControl(128799) && v3.isControl(v3.tokenId('<｜User｜>')!));
});

test('fromFile names the file and what is wrong with it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-tokenizer-'));
  try {
    const path = join(folder, 'tokenizer.json');
    const refused = (pattern: RegExp) => (error: unknown) =>
      error instanceof TokenizerFileError &&
      error.message.startsWith(path) &&
      pattern.test(error.message);
    assert.throws(() => Tokenizer.fromFile(path), refused(/cannot read.*ENOENT/));
    writeFileSync(path, '{"model":');
    assert.throws(() => Tokenizer.fromFile(path), refused(/not JSON/));
    writeFileSync(path, '{"model":{}}');
    assert.throws(() => Tokenizer.fromFile(path), refused(/decoder must be an object/));
    writeFileSync(path, JSON.stringify(tinyTokenizerJson()));
    assert.equal(Tokenizer.fromFile(path).vocabSize, tiny.vocabSize);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
