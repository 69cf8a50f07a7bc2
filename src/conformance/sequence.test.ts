import assert from 'node:assert/strict';
import test from 'node:test';
import { matchSequence, type SequenceStep } from './sequence.js';

const steps = (grammar: string): SequenceStep[] =>
  [...grammar.matchAll(/([a-z])([?*+]?)/g)].map(([, is, count]) => ({
    is: is!,
    ...(count && { count: count as '?' }),
  }));
const fits = (grammar: string, items: string) =>
  matchSequence(steps(grammar), [...items]).length === 0;

test('sequences behave like the regular expressions they look like', () => {
  const grammars = ['abc', 'ab*c', 'ab+c', 'ab?c', 'a*b*', 'a+a', 'a?b+c*d', 'a*ab', ''];
  const words = [
    '',
    'a',
    'b',
    'ab',
    'abc',
    'ac',
    'abbc',
    'aab',
    'aaab',
    'bcd',
    'bd',
    'abcc',
    'ba',
    'aa',
    'abcd',
  ];
  for (const grammar of grammars) {
    for (const word of words) {
      assert.equal(
        fits(grammar, word),
        new RegExp(`^(?:${grammar})$`).test(word),
        `${grammar} on "${word}"`,
      );
    }
  }
});

test('says which item did not fit, and what was missing at the end', () => {
  assert.deepEqual(matchSequence(steps('ab'), ['a', 'x']), [
    { path: '[1]', problem: '"x" does not fit: it: expected "b", got "x"' },
  ]);
  assert.deepEqual(matchSequence(steps('ab'), ['a']), [
    { path: '[1]', problem: 'the stream ends where "b" should come' },
  ]);
});

test('many items with many optional steps take no long time', () => {
  const grammar = Array.from({ length: 30 }, (): SequenceStep => ({ is: 'a', count: '*' }));
  assert.deepEqual(
    matchSequence(
      grammar,
      Array.from({ length: 2000 }, () => 'a'),
    ),
    [],
  );
});
