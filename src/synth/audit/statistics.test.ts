// Against values from tables: the quantiles of chi-square, and Wilson's interval.

import assert from 'node:assert/strict';
import test from 'node:test';
import { chiSquareChance, shareInterval } from './statistics.js';

/** Two bins at an equal distance from 100 have a chi-square of 2 d^2 / 100. */
const twoBins = (distance: number): number =>
  chiSquareChance([100 + distance, 100 - distance], [100, 100]);

test('the chance of a deviation is that of the chi-square distribution', () => {
  const near = (value: number, wanted: number): void =>
    assert.ok(Math.abs(value - wanted) < 5e-4, `${value}; expected ${wanted}`);
  near(twoBins(Math.sqrt(50 * 3.841)), 0.05);
  near(twoBins(Math.sqrt(50 * 6.635)), 0.01);
  near(twoBins(0), 1);
  // Nine degrees of freedom: 16.919 is the 95 % quantile, 4.168 the 10 % one.
  for (const [quantile, chance] of [
    [16.919, 0.05],
    [4.168, 0.9],
  ] as const) {
    const distance = Math.sqrt(quantile * 10);
    const observed = [20 + distance, 20 - distance, ...Array.from({ length: 8 }, () => 20)];
    near(
      chiSquareChance(
        observed,
        Array.from({ length: 10 }, () => 20),
      ),
      chance,
    );
  }
});

test('bins that expect little are put together; one bin says nothing', () => {
  assert.equal(chiSquareChance([4, 0, 0], [1, 1, 2]), 1);
  assert.ok(chiSquareChance([40, 0, 0, 0], [10, 10, 10, 10]) < 1e-9);
});

test('an interval has the share, and is narrower for more', () => {
  const few = shareInterval(1, 20);
  const many = shareInterval(100, 2000);
  assert.ok(few.low < 0.05 && few.high > 0.05 && few.high - few.low > many.high - many.low);
  assert.ok(Math.abs(many.low - 0.0413) < 5e-4 && Math.abs(many.high - 0.0604) < 5e-4);
  assert.deepEqual(shareInterval(0, 0), { low: 0, high: 1 });
});
