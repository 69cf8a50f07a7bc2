import assert from 'node:assert/strict';
import test from 'node:test';
import type { StoredMessage, StoredUserMessage } from '../../../src/web/wire.js';
import { branchTo, newestLeaf, siblingsOf, treeOf } from './branches.js';

const user = (id: string, parent_id: string | null): StoredUserMessage => ({
  id,
  parent_id,
  created_at: '2025-12-01T00:00:00Z',
  role: 'user',
  content: id,
  files: [],
});

const answer = (id: string, parent_id: string): StoredMessage => ({
  id,
  parent_id,
  created_at: '2025-12-01T00:00:00Z',
  role: 'assistant',
  reasoning: null,
  reasoning_ms: null,
  reasoning_forced: false,
  content: id,
  tool_calls: [],
  finish_reason: 'stop',
  trace_id: null,
  usage: null,
  error: null,
  model: 'standard',
  thinking: true,
});

// q1 - a1 - q2 - a3
//    \ a2      \ a4
// q1b
const ROWS = [
  user('q1', null),
  answer('a1', 'q1'),
  user('q1b', null),
  answer('a2', 'q1'),
  user('q2', 'a1'),
  answer('a3', 'q2'),
  answer('a4', 'q2'),
];
const ids = (messages: readonly StoredMessage[]) => messages.map(({ id }) => id);

test('a branch runs from the first message to its head', () => {
  const tree = treeOf(ROWS);
  assert.deepEqual(ids(branchTo(tree, 'a3')), ['q1', 'a1', 'q2', 'a3']);
  assert.deepEqual(ids(branchTo(tree, 'a2')), ['q1', 'a2']);
  assert.deepEqual(branchTo(tree, null), []);
  assert.deepEqual(branchTo(tree, 'gone'), []);
});

test('siblings share parent and role; a question edited at the root has some too', () => {
  const tree = treeOf(ROWS);
  assert.deepEqual(ids(siblingsOf(tree, ROWS[0]!)), ['q1', 'q1b']);
  assert.deepEqual(ids(siblingsOf(tree, ROWS[3]!)), ['a1', 'a2']);
});

test('another branch is shown where it was left last', () => {
  const tree = treeOf(ROWS);
  assert.equal(newestLeaf(tree, 'q1'), 'a4');
  assert.equal(newestLeaf(tree, 'a1'), 'a4');
  assert.equal(newestLeaf(tree, 'a2'), 'a2');
});

test('rows that name each other as parents end the walk', () => {
  const tree = treeOf([user('x', 'y'), user('y', 'x')]);
  assert.deepEqual(ids(branchTo(tree, 'x')), ['y', 'x']);
  assert.equal(newestLeaf(tree, 'x'), 'y');
});
