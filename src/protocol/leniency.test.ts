// What the profiles grant, and that a leniency counts as applied only where it acted.

import assert from 'node:assert/strict';
import test from 'node:test';
import { LENIENCIES, LeniencyLog, PROFILES } from './leniency.js';

test('the default profile forgives nothing, the agents profile everything that has a name', () => {
  assert.deepEqual(PROFILES['2025-12-01'], []);
  assert.deepEqual(PROFILES.agents, LENIENCIES);
});

test('what is not granted does not apply and leaves no trace', () => {
  const log = new LeniencyLog(PROFILES['2025-12-01']);
  for (const name of LENIENCIES) {
    assert.equal(log.allows(name), false);
    assert.equal(log.apply(name), false);
  }
  assert.deepEqual(log.applied, []);
});

test('asking whether it is granted is not applying it', () => {
  const log = new LeniencyLog(['json_word']);
  assert.equal(log.allows('json_word'), true);
  assert.deepEqual(log.applied, []);
});

test('applied leniencies are listed once, in the order in which they first acted', () => {
  const log = new LeniencyLog(PROFILES.agents);
  assert.ok(log.apply('text_parts'));
  assert.ok(log.apply('developer_role'));
  assert.ok(log.apply('text_parts'));
  assert.deepEqual(log.applied, ['text_parts', 'developer_role']);
});
