// When silence is a hang: only while there is work, only after patience.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { Watchdog } from './watchdog.js';

function watch(t: TestContext, intervalMs = 1 << 30) {
  const state = { time: 0, isBusy: true, numAsked: 0, hangs: [] as number[] };
  const watchdog = new Watchdog({
    intervalMs, // by default for ever: the test looks by itself
    patienceMs: 3000,
    isBusy: () => state.isBusy,
    ask: () => state.numAsked++,
    onHang: (silentMs) => state.hangs.push(silentMs),
    now: () => state.time,
  });
  t.after(() => watchdog.stop());
  const pass = (ms: number) => {
    state.time += ms;
    watchdog.check();
  };
  return { watchdog, state, pass };
}

test('a child that answers is asked again and again', (t) => {
  const { watchdog, state, pass } = watch(t);
  for (let i = 0; i < 10; i++) {
    pass(1000);
    watchdog.heard();
  }
  assert.equal(state.numAsked, 10);
  assert.deepEqual(state.hangs, []);
});

test('silence for as long as patience lasts is a hang, once', (t) => {
  const { state, pass } = watch(t);
  for (let i = 0; i < 4; i++) pass(1000);
  assert.deepEqual(state.hangs, [3000]);
  pass(1000);
  assert.equal(state.numAsked, 2, 'its successor is asked anew');
  assert.deepEqual(state.hangs, [3000]);
});

test('a child without work may be silent', (t) => {
  const { state, pass } = watch(t);
  pass(1000);
  state.isBusy = false;
  pass(100_000);
  state.isBusy = true;
  pass(1000);
  assert.deepEqual(state.hangs, []);
});

test('time in which this process was stopped is not silence of the child', (t) => {
  const { watchdog, state, pass } = watch(t, 1000);
  pass(1000); // asks
  pass(60_000); // stopped before the answer came; it is read after this
  assert.deepEqual(state.hangs, []);
  watchdog.heard();
  pass(1000); // asks
  for (let i = 0; i < 3; i++) pass(1000);
  assert.deepEqual(state.hangs, [3000], 'a hang is still one');
});
