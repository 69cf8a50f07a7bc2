import assert from 'node:assert/strict';
import test from 'node:test';
import { AddedTokenTrie, findControlIds, type AddedToken } from './added-tokens.js';
import { toUnits } from './bpe-units.js';

function tokens(...contents: string[]): AddedToken[] {
  return contents.map((content, id) => ({ id, content, special: false }));
}

function cut(text: string, ...contents: string[]): string[] {
  const trie = new AddedTokenTrie(tokens(...contents));
  const units = toUnits(text);
  const found: string[] = [];
  for (let at = 0; ;) {
    const match = trie.next(units, at, units.length);
    if (!match) return found;
    assert.equal(contents[match.id], text.slice(match.start, match.end));
    found.push(`${match.start}:${contents[match.id]}`);
    at = match.end;
  }
}

test('takes the leftmost match, the longest there, and never overlaps', () => {
  assert.deepEqual(cut('xabcd', 'ab', 'abc', 'bcd'), ['1:abc']);
  assert.deepEqual(cut('ababab', 'aba', 'b'), ['0:aba', '3:b', '5:b']);
  assert.deepEqual(cut('abx', 'abc'), []);
  assert.deepEqual(cut('ab', 'abc', 'b'), ['1:b']);
  assert.deepEqual(cut('anything'), []);
});

test('a match must end inside the range', () => {
  const trie = new AddedTokenTrie(tokens('abc', 'ab'));
  assert.deepEqual(trie.next(toUnits('abc'), 0, 2), { id: 1, start: 0, end: 2 });
  assert.equal(trie.next(toUnits('abc'), 0, 1), undefined);
});

test('control: flagged, spelled as a marker, or holding a control token', () => {
  const list: AddedToken[] = [
    { id: 0, content: '<result>', special: true },
    { id: 1, content: '<｜Anything▁new｜>', special: false },
    { id: 2, content: '</｜DSML｜invoke>', special: false },
    { id: 3, content: '</think>\n', special: false },
    { id: 4, content: 'x<result>', special: false },
    { id: 5, content: '": "', special: false },
    { id: 6, content: '<|ascii|>', special: false },
    { id: 7, content: '<｜open', special: false },
  ];
  assert.deepEqual(
    [...findControlIds(list)].toSorted((a, b) => a - b),
    [0, 1, 2, 3, 4],
  );
});
