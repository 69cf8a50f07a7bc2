import assert from 'node:assert/strict';
import test from 'node:test';
import { additionSteps, daysInMonth, multiplicationSteps, subtractionSteps } from './arithmetic.js';
import { Rng } from './rng.js';

/** Reads the result from the written digits, last line first. */
function written(steps: string): number {
  const digits = [...steps.matchAll(/write (\d+)/g)].map(([, digit]) => digit!);
  return Number(digits.toReversed().join(''));
}

test('the written digits are the result', () => {
  const rng = new Rng(2);
  for (let i = 0; i < 2000; i++) {
    const a = rng.int(0, 99_999);
    const b = rng.int(0, 9_999);
    const digit = rng.int(1, 9);
    assert.equal(written(additionSteps(a % 10_000, b)), (a % 10_000) + b);
    assert.equal(written(subtractionSteps(Math.max(a, b), Math.min(a, b))), Math.abs(a - b));
    assert.equal(written(multiplicationSteps(a, digit)), a * digit);
  }
});

test('steps read as a pupil writes them', () => {
  assert.equal(
    additionSteps(47, 85),
    'ones 7 + 5 = 12, write 2, carry 1. tens 4 + 8 + 1 = 13, write 3, carry 1. hundreds write 1.',
  );
  assert.equal(
    subtractionSteps(52, 7),
    'ones 12 - 7 = 5, write 5, borrow 1. tens 5 - 1 = 4, write 4.',
  );
  assert.equal(
    multiplicationSteps(36, 7),
    'ones 6 * 7 = 42, write 2, carry 4. tens 3 * 7 + 4 = 25, write 25.',
  );
});

test('months have their lengths', () => {
  assert.deepEqual(
    [daysInMonth(2024, 2), daysInMonth(2023, 2), daysInMonth(2026, 4), daysInMonth(2026, 12)],
    [29, 28, 30, 31],
  );
});
