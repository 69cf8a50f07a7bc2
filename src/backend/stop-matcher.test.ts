// Stop strings: the visible text must be what a byte-by-byte reading gives, however the bytes are
// cut into tokens.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { StopMatcher } from './stop-matcher.js';

/** Feeds `pieces` as tokens; returns the visible text and the stop that matched. */
function run(pieces: Buffer[], stops: string[]): { text: string; stop: string | undefined } {
  const matcher = new StopMatcher<number>(stops);
  const visible: Buffer[] = [];
  for (const [index, bytes] of pieces.entries()) {
    const { released, match } = matcher.push({ value: index, bytes, isControl: false });
    for (const token of released) {
      visible.push(pieces[token.value]!.subarray(0, token.visibleBytes));
    }
    if (match) return { text: Buffer.concat(visible).toString(), stop: match.stop };
  }
  for (const token of matcher.flush()) visible.push(pieces[token.value]!);
  return { text: Buffer.concat(visible).toString(), stop: undefined };
}

function splitAt(text: string, cuts: number[]): Buffer[] {
  const bytes = Buffer.from(text);
  const points = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
  return points.slice(1).map((end, index) => bytes.subarray(points[index]!, end));
}

const CASES: [text: string, stops: string[], visible: string, stop: string | undefined][] = [
  ['one two three', ['two'], 'one ', 'two'],
  ['one two three', ['four'], 'one two three', undefined],
  ['aaab', ['aab'], 'a', 'aab'],
  ['ends with a start of sto', ['stop'], 'ends with a start of sto', undefined],
  ['价格是多少元', ['多少'], '价格是', '多少'],
  ['abcd', ['bcd', 'c'], 'ab', 'c'],
  ['abc', ['abc', 'bc'], '', 'abc'],
  ['\n\nQ: next', ['\n\nQ:'], '', '\n\nQ:'],
  ['text', [''], 'text', undefined],
];

test('every pair of split points gives the same visible text', () => {
  for (const [text, stops, visible, stop] of CASES) {
    const length = Buffer.byteLength(text);
    for (let first = 0; first <= length; first++) {
      for (let second = first; second <= length; second++) {
        const result = run(splitAt(text, [first, second]), stops);
        assert.deepEqual(result, { text: visible, stop }, `${text} cut at ${first}, ${second}`);
      }
    }
  }
});

test('random texts, stops and splits agree with the byte-by-byte reading', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 20 });
  const stop = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(
      text,
      fc.array(stop, { maxLength: 3 }),
      fc.array(fc.nat(40), { maxLength: 6 }),
      (text, stops, cuts) => {
        const length = Buffer.byteLength(text);
        const whole = run(
          [...Buffer.from(text)].map((byte) => Buffer.of(byte)),
          stops,
        );
        const cut = run(
          splitAt(
            text,
            cuts.map((point) => Math.min(point, length)),
          ),
          stops,
        );
        assert.deepEqual(cut, whole);
        if (whole.stop === undefined) assert.equal(whole.text, text);
        else assert.ok(text.startsWith(whole.text + whole.stop));
      },
    ),
    { numRuns: 500, seed: 1 },
  );
});

test('only what could be the start of a stop string is held back', () => {
  const matcher = new StopMatcher<string>(['</end>']);
  const push = (text: string) =>
    matcher
      .push({ value: text, bytes: Buffer.from(text), isControl: false })
      .released.map(({ value }) => value);
  assert.deepEqual(push('a < b'), ['a < b']);
  assert.deepEqual(push(' <'), []);
  assert.deepEqual(push('/e'), []);
  assert.deepEqual(push('x'), [' <', '/e', 'x']);
});

test('a control token interrupts a match and releases what was held', () => {
  const matcher = new StopMatcher<number>(['ab']);
  assert.deepEqual(matcher.push({ value: 1, bytes: Buffer.from('a'), isControl: false }), {
    released: [],
  });
  assert.deepEqual(matcher.push({ value: 2, bytes: Buffer.from('<ctl>'), isControl: true }), {
    released: [{ value: 1 }, { value: 2 }],
  });
  assert.deepEqual(matcher.push({ value: 3, bytes: Buffer.from('b'), isControl: false }), {
    released: [{ value: 3 }],
  });
});
