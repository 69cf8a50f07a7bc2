import assert from 'node:assert/strict';
import test from 'node:test';
import { roundTrips } from './round-trips.js';

test('100,000 random requests read back as they were meant', () => {
  for (const language of ['en', 'zh'] as const) {
    assert.deepEqual(roundTrips(language, 50_000, 'slow').failed.slice(0, 3), []);
  }
});
