import assert from 'node:assert/strict';
import test from 'node:test';
import { dayGroupOf, groupKey } from './day-groups.js';

test('groups get coarser with age, by the days of the calendar', () => {
  const now = new Date(2026, 2, 15, 0, 30);
  const groupOf = (...parts: [number, number, number, number?]) =>
    groupKey(dayGroupOf(new Date(parts[0], parts[1], parts[2], parts[3] ?? 12), now));
  assert.equal(groupOf(2026, 2, 15, 0), 'today');
  assert.equal(groupOf(2026, 2, 14, 23), 'yesterday');
  assert.equal(groupOf(2026, 2, 13), 'week');
  assert.equal(groupOf(2026, 2, 9), 'week');
  assert.equal(groupOf(2026, 2, 8), 'month');
  assert.equal(groupOf(2026, 1, 14), 'month');
  assert.equal(groupOf(2026, 1, 12), '2026-1');
  assert.equal(groupOf(2025, 11, 31), '2025-11');
  assert.equal(groupOf(2026, 2, 16), 'today', 'a clock that is ahead');
});
