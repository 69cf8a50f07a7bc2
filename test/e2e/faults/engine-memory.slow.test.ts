// What 10,000 short requests of ever other lengths leave in the memory of server and engine.

import assert from 'node:assert/strict';
import test from 'node:test';
import { engineMemoryGrowth } from '../../helpers/engine-memory.js';

const MAX_GROWTH = 1.05;

test('10,000 short requests leave resident memory flat within 5 %', async () => {
  const { server, engine } = await engineMemoryGrowth(3_000, 10_000);
  assert.ok(server < MAX_GROWTH, `the server grew to ${server} of what it was`);
  assert.ok(engine < MAX_GROWTH, `the engine grew to ${engine} of what it was`);
});
