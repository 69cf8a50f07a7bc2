// What people see of a build: a block that stays in its place on a terminal, few lines elsewhere.

import assert from 'node:assert/strict';
import test from 'node:test';
import type { BuildProgress } from './progress.js';
import { duration, ProgressView } from './progress-view.js';

function viewOn(isTTY: boolean) {
  let text = '';
  let now = 0;
  const view = new ProgressView({ isTTY, write: (piece) => (text += piece) }, () => now);
  return { view, read: () => text, at: (ms: number) => (now = ms) };
}

const progress = (accepted: number): BuildProgress => ({
  phase: 'tasks',
  environmentsWanted: 10,
  environmentsDone: 1,
  unsound: 0,
  alike: 2,
  tasksWanted: 100,
  tasksResumed: 0,
  tally: { plan: { accepted, dropped: 1, rejected: { G5: 3 } } },
});

test('not a terminal: a line every few seconds, with rate and time left', () => {
  const { view, read, at } = viewOn(false);
  for (let ms = 0; ms <= 10_000; ms += 100) {
    at(ms);
    view.update(progress(ms / 500));
  }
  assert.equal(read().split('\n').length - 1, 3);
  assert.match(read(), /tasks 20\/100 .*rejected G5 3 .*2\.0\/s · 40 s left\n$/);
});

test('a terminal: the block is written over itself', () => {
  const { view, read, at } = viewOn(true);
  view.update(progress(1));
  at(1000);
  view.update(progress(50));
  view.finish();
  assert.equal(read().split('\x1b[6A').length, 3);
  assert.match(read(), /50%/);
  assert.match(read(), /family +accepted +G5 +in vain/);
  assert.match(read(), /plan +50 +3 +1/);
});

test('at the end, families and gates are shown on any output', () => {
  const { view, read } = viewOn(false);
  view.update(progress(7));
  view.finish();
  assert.match(read(), /plan +7 +3 +1\n$/);
});

test('nothing done yet: the time left is not known', () => {
  const { view, read } = viewOn(false);
  view.update(progress(0));
  assert.match(read(), /\? left/);
});

test('durations', () => {
  assert.deepEqual([0.4, 59, 61, 7260].map(duration), ['0 s', '59 s', '1 min 1 s', '2 h 1 min']);
});
