// What a step adds to which counter.

import assert from 'node:assert/strict';
import test from 'node:test';
import { EngineCounters } from './engine-counters.js';

test('the time of a step counts once: as prefill when it had prompt tokens, else as decode', () => {
  const counters = new EngineCounters();
  counters.recordStep({ ms: 300, prefillTokens: 64, decodeTokens: 3 }, 4);
  counters.recordStep({ ms: 20, prefillTokens: 0, decodeTokens: 3 }, 3);
  const { prefillSeconds, decodeSeconds, steps, batchedSequences, batchSize } = counters;
  assert.deepEqual([prefillSeconds, decodeSeconds], [0.3, 0.02]);
  assert.deepEqual([steps, batchedSequences, batchSize], [2, 7, 3]);
  // A prompt leaves the other sum as it is, to the last bit: nothing seems to start anew.
  counters.recordStep({ ms: 17.3 / 3, prefillTokens: 1, decodeTokens: 0 }, 1);
  assert.equal(counters.decodeSeconds, 0.02);
});
