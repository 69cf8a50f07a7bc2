import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { toUnits, unitsToText } from './bpe-units.js';
import { compileLiteral, compilePattern, regexPreTokenizer } from './pre-tokenizer-regex.js';
import { V3_PATTERNS, v3PreTokenizer } from './pre-tokenizer-v3.js';
import { createPreTokenizer, type PreTokenizer } from './pre-tokenizer.js';

const regex = regexPreTokenizer(V3_PATTERNS.map(compilePattern));

function pieces(preTokenizer: PreTokenizer, text: string): string[] {
  const list: string[] = [];
  const units = toUnits(text);
  preTokenizer.split(units, 0, units.length, {
    addPiece: (units, start, end) => list.push(unitsToText(units, start, end)),
  });
  return list;
}

test('cuts as the three patterns do', () => {
  const cases: [string, string[]][] = [
    ['Hello world', ['Hello', ' world']],
    ["don't .then(x)", ['don', "'t", ' .', 'then', '(x', ')']],
    ['a12345b', ['a', '123', '45', 'b']],
    ['x  y\t z', ['x', ' ', ' y', '\t', ' z']],
    ['end.\n\n  next', ['end', '.\n\n', ' ', ' next']],
    ['漢字カナabc', ['漢字カナ', 'abc']],
    ['漢・字', ['漢', '・', '字']],
    ['  7', ['  ', '7']],
    ['a \n \n  b', ['a', ' \n \n', ' ', ' b']],
    ['\u0000\u0001\u0002a', ['\u0000\u0001', '\u0002a']],
    ['\u0085a\ufeffb', ['\u0085a', '\ufeffb']],
  ];
  for (const [text, expected] of cases) {
    assert.deepEqual(pieces(v3PreTokenizer, text), expected, JSON.stringify(text));
    assert.deepEqual(pieces(regex, text), expected, JSON.stringify(text));
  }
});

test('the scanner agrees with the patterns around every code point', () => {
  let text = '';
  const compare = () => {
    assert.deepEqual(pieces(v3PreTokenizer, text), pieces(regex, text));
    text = '';
  };
  for (let codePoint = 0; codePoint < 0xe0200; codePoint++) {
    if (codePoint === 0x20000) codePoint = 0xe0000; // between: ideographs and nothing
    if (codePoint >= 0xd800 && codePoint <= 0xdfff) continue;
    const character = String.fromCodePoint(codePoint);
    text += `a${character} ${character}1`;
    if (codePoint % 0x2000 === 0) compare();
  }
  compare();
});

test('the scanner agrees with the patterns on random strings', () => {
  const unit = fc.oneof(
    fc.constantFrom(...'aZé中あア・゠ー'),
    fc.constantFrom(...' \t\n\r\u0085\u00a0\u2028\u3000\ufeff\u200d\u0000'),
    fc.constantFrom(...'.,<"＜｜▁€09½٣'),
    fc.constantFrom('\u0301', '\u3099', '\u3040', '😀', '𝒳', '𝟘', '𠀀', '\u{1d165}', '\u{e0001}'),
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 24 }), (text) => {
      assert.deepEqual(pieces(v3PreTokenizer, text), pieces(regex, text));
    }),
    { seed: 20251201, numRuns: 20_000 },
  );
});

test('uses the scanner for the V3 patterns, however line ends are spelled', () => {
  const escaped = V3_PATTERNS.map((text) => text.replaceAll('\r', '\\r').replaceAll('\n', '\\n'));
  for (const patterns of [V3_PATTERNS, escaped]) {
    const splits = patterns.map((text) => ({ kind: 'regex' as const, text }));
    assert.equal(createPreTokenizer(splits), v3PreTokenizer);
    assert.notEqual(createPreTokenizer(splits.slice(1)), v3PreTokenizer);
  }
});

test('other patterns: literals, empty matches, Unicode white space', () => {
  assert.deepEqual(pieces(regexPreTokenizer([compileLiteral('a.b')]), 'xa.baxb'), [
    'x',
    'a.b',
    'axb',
  ]);
  assert.deepEqual(pieces(regexPreTokenizer([compilePattern('x*')]), 'axxb'), ['a', 'xx', 'b']);
  const spaces = regexPreTokenizer([compilePattern('\\s+')]);
  assert.deepEqual(pieces(spaces, 'a\u0085\ufeffb'), ['a', '\u0085', '\ufeffb']);
  assert.deepEqual(pieces(spaces, ''), []);
});
