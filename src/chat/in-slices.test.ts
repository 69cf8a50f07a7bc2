// Work in slices: others have their turn between two, and an abort ends it.

import assert from 'node:assert/strict';
import test from 'node:test';
import { inSlices } from './in-slices.js';

function* work(numSlices: number, done: number[]): Generator<void, string> {
  for (let slice = 0; slice < numSlices; slice++) {
    done.push(slice);
    yield;
  }
  return 'end';
}

test('others run between slices', async () => {
  const done: number[] = [];
  const seen: number[] = [];
  const other = (async () => {
    while (done.length < 20) {
      seen.push(done.length);
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  assert.equal(await inSlices(work(20, done)), 'end');
  await other;
  assert.ok(seen.length >= 10, `looked ${seen.length} times`);
});

test('an abort between slices leaves the rest undone', async () => {
  const done: number[] = [];
  const controller = new AbortController();
  const reason = new Error('gone');
  const running = inSlices(work(20, done), controller.signal);
  controller.abort(reason);
  await assert.rejects(running, reason);
  assert.deepEqual(done, [0]);
});

test('work of one slice is done at once', async () => {
  const done: number[] = [];
  const running = inSlices(work(0, done), AbortSignal.abort());
  assert.equal(await running, 'end');
});
