import assert from 'node:assert/strict';
import test from 'node:test';
import { titleOf } from './conversation-title.js';

test('a title is the first line that says something, cut at a word', () => {
  const titles: [string, string][] = [
    ['Hello', 'Hello'],
    ['\n\n---\n  two   words \nmore', 'two words'],
    ['```\n!!!', ''],
    ['word '.repeat(30), `${'word '.repeat(11).trimEnd()}…`],
    ['深'.repeat(80), `${'深'.repeat(59)}…`],
    ['😀 '.repeat(3), ''],
  ];
  for (const [question, title] of titles) assert.equal(titleOf(question), title);
  assert.ok([...titleOf('word '.repeat(30))].length <= 60);
});
