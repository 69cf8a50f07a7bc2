import assert from 'node:assert/strict';
import test from 'node:test';
import { shownLabels, stacked } from './stacked.js';

test('series are piled in their order, and gaps count as nothing', () => {
  assert.deepEqual(
    stacked([
      [1, null, 3],
      [10, 20, null],
      [0, 1, 1],
    ]),
    [
      [1, 0, 3],
      [11, 20, 3],
      [11, 21, 4],
    ],
  );
  assert.deepEqual(stacked([]), []);
});

test('labels are thinned to those that fit, the last one among them', () => {
  assert.deepEqual(shownLabels(5, 1000, 50), [0, 1, 2, 3, 4]);
  assert.deepEqual(shownLabels(30, 300, 50), [4, 9, 14, 19, 24, 29]);
  assert.deepEqual(shownLabels(3, 10, 50), [2]);
  assert.deepEqual(shownLabels(0, 100, 50), []);
});
