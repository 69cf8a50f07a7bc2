// What a thousand requests leave in memory: nothing but what is bounded (5,000 and more precisely in
// memory.slow.test.ts).

import assert from 'node:assert/strict';
import test from 'node:test';
import { heapGrowth } from '../../helpers/heap-growth.js';

/** Small beside what one request that stays active holds (some 20 KB), times 50. */
const MAX_GROWTH_BYTES = 700_000;

test('requests that are finished or left leave the heap as it was', async () => {
  const growth = await heapGrowth({ finished: 1_000, aborted: 100 });
  assert.ok(growth < MAX_GROWTH_BYTES, `the heap grew by ${growth} bytes`);
});
