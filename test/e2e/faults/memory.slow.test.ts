// What 5,000 requests and 500 aborted ones leave in memory.

import assert from 'node:assert/strict';
import test from 'node:test';
import { heapGrowth } from '../../helpers/heap-growth.js';

/** Of 2,750 requests in the measured half: a leak of 400 bytes each would be more. */
const MAX_GROWTH_BYTES = 1_000_000;

test('5,000 requests and 500 that are left leave the heap as it was', async () => {
  const growth = await heapGrowth({ finished: 5_000, aborted: 500 });
  assert.ok(growth < MAX_GROWTH_BYTES, `the heap grew by ${growth} bytes`);
});
