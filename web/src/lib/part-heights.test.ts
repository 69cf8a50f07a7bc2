import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { PartHeights } from './part-heights.js';

function heightsOf(lengths: readonly number[]): PartHeights {
  const heights = new PartHeights();
  for (const [index, length] of lengths.entries()) heights.setLength(index, length);
  return heights;
}

const parts = fc.array(
  fc.record({ length: fc.integer({ min: 1, max: 4096 }), measured: fc.option(fc.nat(3000)) }),
  { minLength: 1, maxLength: 60 },
);

test('a window covers what it was asked for, and nothing is lost around it', () => {
  fc.assert(
    fc.property(
      parts,
      fc.integer({ min: -500, max: 60_000 }),
      fc.nat(3000),
      (all, from, height) => {
        const heights = heightsOf(all.map(({ length }) => length));
        for (const [index, { measured }] of all.entries()) {
          if (measured !== null) heights.measure(index, measured);
        }
        const { first, end, before, after } = heights.window(from, from + height);
        assert.ok(first < end && end <= all.length);
        assert.equal(before, heights.top(first));
        const { total } = heights;
        assert.ok(Math.abs(heights.top(end) + after - total) < 1e-6);
        assert.ok(first === 0 || before <= Math.max(0, from));
        assert.ok(end === all.length || heights.top(end) >= from + height);
      },
    ),
  );
});

test('what was never drawn is guessed from what was', () => {
  const heights = heightsOf([1000, 1000, 1000]);
  assert.equal(heights.total, 1200);
  heights.measure(1, 200);
  assert.equal(heights.total, 600);
  heights.setLength(1, 1500);
  assert.equal(heights.isMeasured(1), false);
  heights.forgetAll();
  assert.equal(heights.total, 1400);
});

test('a place is found again by its part', () => {
  const heights = heightsOf([100, 100, 100]);
  for (const index of [0, 1, 2]) heights.measure(index, 50);
  assert.deepEqual(heights.at(75), { index: 1, offset: 25 });
  heights.measure(0, 80);
  assert.equal(heights.top(1) + 25, 105);
  heights.cutTo(1);
  assert.equal(heights.total, 80);
});
