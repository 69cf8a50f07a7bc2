// What the live view shows of a stream of events, whatever pieces they come in.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { LivePoint } from '../../../src/web/requests-wire.js';
import { inSteps, quantileBound, recentRate, SHOWN_SECONDS, withPoints } from './live-series.js';

const point = (at: number, tokens = 0): LivePoint => ({
  at,
  output_tokens: tokens,
  prompt_tokens: 0,
  cache_hit_tokens: 0,
  running: 0,
  queued: 0,
  ended: 0,
  failed: 0,
});

test('points stay in order and come once, also after a reconnection', () => {
  const piece = fc.record({ length: fc.nat(700), back: fc.nat(700) });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 5 }), (pieces) => {
      let next = 1000;
      let known: readonly LivePoint[] = [];
      for (const { length, back } of pieces) {
        const from = next - back;
        const added = Array.from({ length: length + back }, (_, index) => point(from + index));
        known = withPoints(known, added);
        next = from + added.length;
        assert.ok(known.length <= SHOWN_SECONDS);
        for (const [index, { at }] of known.entries()) {
          if (index > 0) assert.equal(at, known[index - 1]!.at + 1);
        }
      }
    }),
  );
});

test('the rate is that of the last seconds', () => {
  assert.equal(recentRate([], 'output_tokens'), 0);
  const points = [1, 2, 3, 4, 5, 6].map((at) => point(at, at * 10));
  assert.equal(recentRate(points, 'output_tokens', 2), 55);
});

test('steps are means, and lose no token', () => {
  fc.assert(
    fc.property(fc.nat(20), fc.array(fc.nat(50), { minLength: 1 }), (start, tokens) => {
      const points = tokens.map((count, index) => point(start + index, count));
      const steps = inSteps(points, 5);
      const widths = steps.map(({ at }, index) => at - (steps[index - 1]?.at ?? start - 1));
      const sum = steps.reduce(
        (total, each, index) => total + each.output_tokens * widths[index]!,
        0,
      );
      const exact = tokens.reduce((total, count) => total + count, 0);
      assert.ok(Math.abs(sum - exact) < 1e-6);
      assert.ok(widths.every((width) => width >= 1 && width <= 5));
    }),
  );
});

test('quantiles are bounds of buckets', () => {
  const bounds = [1, 2, 5];
  assert.equal(quantileBound({ bounds, counts: [0, 0, 0, 0] }, 0.5), undefined);
  assert.equal(quantileBound({ bounds, counts: [5, 4, 1, 0] }, 0.5), 1);
  assert.equal(quantileBound({ bounds, counts: [5, 4, 1, 0] }, 0.95), 5);
  assert.equal(quantileBound({ bounds, counts: [0, 0, 0, 1] }, 0.5), Infinity);
});
