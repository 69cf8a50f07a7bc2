import assert from 'node:assert/strict';
import test from 'node:test';

import {
  largestFirst,
  measureSelection,
  rangesOf,
  recallByCount,
} from './selection-trace-measure.js';
import { countsAround, encodeCell } from './selection-trace-totals.js';

test('one query by hand: recall, best choice, window, overlap, scores, ranges', () => {
  const raw = {
    layer: 3,
    scores: Float32Array.of(4, 9, -1, 7, 5),
    shares: Float32Array.of(0.125, 0.25, 0.5, 0.0625, 0.0625),
    chosen: Int32Array.of(3, 1),
    headRecall: Float32Array.of(0.25, 0.375),
  };
  assert.deepEqual(measureSelection(raw, 3), {
    layer: 3,
    recall: { mean: 0.3125, min: 0.25, max: 0.375 },
    bestRecall: 0.75,
    windowRecall: 0.125,
    overlap: 0.5,
    topScores: [
      { position: 1, score: 9 },
      { position: 3, score: 7 },
      { position: 4, score: 5 },
    ],
    kept: [
      [1, 1],
      [3, 3],
    ],
  });
  assert.deepEqual(recallByCount(raw, [1, 2, 4, 9]), [0.25, 0.3125, 0.5, 1]);
});

test('ranges of flags, at both ends and in between', () => {
  assert.deepEqual(rangesOf(Uint8Array.of()), []);
  assert.deepEqual(rangesOf(Uint8Array.of(0, 0)), []);
  assert.deepEqual(rangesOf(Uint8Array.of(1)), [[0, 0]]);
  assert.deepEqual(rangesOf(Uint8Array.of(1, 1, 0, 1, 0, 0, 1, 1)), [
    [0, 1],
    [3, 3],
    [6, 7],
  ]);
});

test('equal values: the lower position first', () => {
  assert.deepEqual(Array.from(largestFirst(Float32Array.of(1, 2, 2, 0, 2))), [1, 2, 4, 0, 3]);
});

test('a cell tells seen from unseen and grows with the share', () => {
  const cells = [0, 1e-9, 1e-6, 1e-5, 1e-3, 0.1, 0.9, 1].map(encodeCell);
  assert.deepEqual(
    cells,
    cells.toSorted((a, b) => a - b),
  );
  assert.ok(cells.every((cell) => cell >= 1 && cell <= 127));
  assert.deepEqual([cells[0], cells.at(-1)], [1, 127]);
});

test('recall is told for numbers around the real one, each once', () => {
  assert.deepEqual(countsAround(256), [16, 32, 64, 128, 256, 512, 1024]);
  assert.deepEqual(countsAround(1), [1, 2, 4]);
});
