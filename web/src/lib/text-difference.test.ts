// What is marked of two texts that part.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { differingHeads } from './text-difference.js';

const REST = 'Answer briefly and in plain words.';

for (const [a, b, expected] of [
  [`4:04Z. ${REST}`, `5:05Z. ${REST}`, [4, 4]],
  [`Monday. ${REST}`, `Tuesday. ${REST}`, [3, 4]],
  ['one thing', 'another', [9, 7]],
  [REST, `New. ${REST}`, [0, 5]],
  ['', REST, [0, REST.length]],
] as const) {
  test(`${JSON.stringify(a.slice(0, 12))} and ${JSON.stringify(b.slice(0, 12))}`, () => {
    assert.deepEqual(differingHeads(a, b), expected);
  });
}

test('what is left behind the heads begins the same', () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 30 }),
      fc.string({ maxLength: 30 }),
      fc.string(),
      (a, b, rest) => {
        const [headA, headB] = differingHeads(a + rest, b + rest);
        assert.ok(headA <= a.length + rest.length && headB <= b.length + rest.length);
        const [leftA, leftB] = [(a + rest).slice(headA), (b + rest).slice(headB)];
        assert.equal(leftA.slice(0, 12), leftB.slice(0, 12));
      },
    ),
  );
});
