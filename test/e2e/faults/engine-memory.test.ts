// What a thousand short requests of ever other lengths leave in the memory of server and engine
// (10,000 and more precisely in engine-memory.slow.test.ts).

import assert from 'node:assert/strict';
import test from 'node:test';
import { engineMemoryGrowth } from '../../helpers/engine-memory.js';

/** The engine's heap settles over its first two thousand; 14 KB per request would be more. */
const MAX_GROWTH = 1.1;

test('a thousand short requests leave resident memory about as it was', async () => {
  const { server, engine } = await engineMemoryGrowth(2_000, 1_000);
  assert.ok(server < MAX_GROWTH, `the server grew to ${server} of what it was`);
  assert.ok(engine < MAX_GROWTH, `the engine grew to ${engine} of what it was`);
});
