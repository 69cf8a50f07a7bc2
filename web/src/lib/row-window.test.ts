import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { rowWindow, topsOf } from './row-window.js';

test('every row in sight is drawn, and only those within the margin', () => {
  const heights = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 200 });
  const view = fc.record({
    top: fc.integer({ min: -50, max: 3000 }),
    height: fc.integer({ min: 0, max: 600 }),
    margin: fc.integer({ min: 0, max: 200 }),
  });
  fc.assert(
    fc.property(heights, view, (rows, { top, height, margin }) => {
      const tops = topsOf(rows);
      const { first, end } = rowWindow(tops, { top, height, margin });
      assert.ok(first >= 0 && end <= rows.length);
      for (const [index] of rows.entries()) {
        const isDrawn = index >= first && index < end;
        const isInSight = tops[index]! < top + height && tops[index + 1]! > top;
        if (isInSight) assert.ok(isDrawn, `row ${index} is missing`);
        const isFar = tops[index]! > top + height + margin || tops[index + 1]! < top - margin;
        const isEdge = index === rows.length - 1;
        if (isFar && !isEdge) assert.ok(!isDrawn, `row ${index} is far away`);
      }
    }),
    { seed: 6 },
  );
});
