import assert from 'node:assert/strict';
import test from 'node:test';
import { rankMatches } from './rank-matches.js';

const rank = (query: string, items: string[]) => rankMatches(query, items, (item) => item);

test('every word must occur, in any case and order', () => {
  assert.deepEqual(rank('theme dark', ['Dark theme', 'Light theme']), ['Dark theme']);
  assert.deepEqual(rank('x', ['Dark theme']), []);
  assert.deepEqual(rank('  ', ['b', 'a']), ['b', 'a']);
});

test('beginnings of words come before their middles, early before late', () => {
  const items = ['Go to chat', 'Chat: new', 'Merchants'];
  assert.deepEqual(rank('ch', items), ['Chat: new', 'Go to chat', 'Merchants']);
});
