// Throughput and latencies by a clock that the test moves: every token is counted once, in the second
// in which it was seen, and what is old falls out.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ManualTimers } from '../../test/helpers/manual-timers.js';
import { LiveMonitor, stateOf } from './live-monitor.js';
import { RecentHistogram } from './recent-histogram.js';
import { RequestLog } from './request-log.js';
import { RequestRecord } from './request-record.js';
import { THROUGHPUT_SECONDS } from './throughput.js';

const START_MS = 1_764_583_230_000;

function setUp() {
  let elapsed = 0;
  const timers = new ManualTimers();
  const now = () => START_MS + elapsed;
  const live = new LiveMonitor({ timers, now });
  const log = new RequestLog();
  const pass = (ms: number) => {
    elapsed += ms;
    timers.advance(ms);
  };
  let count = 0;
  const open = () => {
    const request = {
      traceId: `t${count++}`,
      method: 'POST',
      route: '/chat/completions',
      traceparent: undefined,
    };
    const clock = { now, elapsed: () => elapsed };
    const logged = log.open(request, new RequestRecord({ request, clock, onEnd: () => {} }));
    live.open(logged);
    return logged;
  };
  const end = (logged: ReturnType<typeof open>, status = 200) => {
    logged.observation.end({ status });
    logged.end({ status });
    live.end(logged);
  };
  return { live, timers, pass, open, end };
}

test('every token counts once, whenever it is looked', () => {
  const steps = fc.array(fc.record({ tokens: fc.nat(50), ms: fc.nat(2500), looks: fc.boolean() }));
  fc.assert(
    fc.property(steps, (moves) => {
      const { live, pass, open, end } = setUp();
      const logged = open();
      const reply = { promptTokens: 100, cacheHitTokens: 64, completionTokens: 0 };
      logged.reply = reply;
      for (const { tokens, ms, looks } of moves) {
        reply.completionTokens += tokens;
        pass(ms);
        if (looks) live.sample();
      }
      end(logged);
      pass(1000);
      const sum = (field: 'outputTokens' | 'promptTokens' | 'cacheHitTokens') =>
        live.series().reduce((total, point) => total + point[field], 0);
      assert.equal(sum('outputTokens'), reply.completionTokens);
      assert.equal(sum('promptTokens'), reply.completionTokens > 0 ? 36 : 0);
      assert.equal(sum('cacheHitTokens'), reply.completionTokens > 0 ? 64 : 0);
    }),
    // Long enough for many steps, short enough for all of them to be in the series.
    { numRuns: 50 },
  );
});

test('an idle server samples nothing, and its seconds are zero', () => {
  const { live, timers, pass, open, end } = setUp();
  assert.equal(timers.numPending, 0);
  const logged = open();
  assert.equal(timers.numPending, 1);
  end(logged);
  pass(1000);
  assert.equal(timers.numPending, 0);
  pass(5000);
  const series = live.series();
  assert.equal(series.length, THROUGHPUT_SECONDS - 1);
  assert.deepEqual(
    series.slice(-4).map(({ running }) => running),
    [0, 0, 0, 0],
  );
  assert.equal(live.series(series.at(-2)!.at).length, 2);
});

test('a request passes its states in order', () => {
  const { open } = setUp();
  const { observation } = open();
  const logged = open();
  const states = [stateOf(logged)];
  for (const moment of ['queued', 'admitted', 'started', 'first-token', 'finished'] as const) {
    logged.observation.mark(moment);
    states.push(stateOf(logged));
  }
  assert.deepEqual(states, ['preparing', 'queued', 'prefill', 'prefill', 'decode', 'ending']);
  assert.deepEqual(observation.moments, {});
});

test('latencies of the last ten minutes', () => {
  const { live, pass, open, end } = setUp();
  const logged = open();
  pass(400);
  logged.observation.mark('first-token');
  pass(1000);
  logged.observation.mark('finished');
  logged.observation.set({ completionTokens: 11 });
  end(logged);
  const { firstToken, perToken, total } = live.latencies();
  const filled = ({ bounds, counts }: typeof total) =>
    counts.flatMap((count, index) => (count > 0 ? [bounds[index]] : []));
  assert.deepEqual(filled(firstToken), [0.5]);
  assert.deepEqual(filled(perToken), [0.1]);
  assert.deepEqual(filled(total), [2]);
  pass(10 * 60_000);
  assert.deepEqual(filled(live.latencies().total), []);
});

test('a histogram counts every value in the first bucket that holds it', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 20, noNaN: true })), (values) => {
      const bounds = [1, 2, 5, 10];
      const histogram = new RecentHistogram(bounds);
      for (const value of values) histogram.add(value, START_MS);
      const { counts } = histogram.report(START_MS);
      const expected = [...bounds, Infinity].map(
        (bound, index) =>
          values.filter((value) => value <= bound && value > (bounds[index - 1] ?? -1)).length,
      );
      assert.deepEqual(counts, expected);
    }),
  );
});
