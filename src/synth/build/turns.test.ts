// Whose turn it is, and at which level: shares that even out, families that are out, levels that rise.

import assert from 'node:assert/strict';
import test from 'node:test';
import type { TaskFamily } from '../families/family.js';
import type { Family } from '../task-types.js';
import { Levels } from './levels.js';
import { Turns, type FamilyCounts } from './turns.js';

const family = (id: Family): TaskFamily =>
  ({ id, applies: () => true, propose: () => null }) as unknown as TaskFamily;

/** Takes `wanted` turns that come off, unless the family is one of those that never do. */
function taken(
  ids: readonly Family[],
  wanted: number,
  counts: FamilyCounts,
  failing: readonly Family[] = [],
) {
  const turns = new Turns(ids.map(family), wanted, counts);
  const accepted: Partial<Record<Family, number>> = {};
  let total = 0;
  for (let turn = turns.next(); turn && total < wanted; turn = turns.next()) {
    turn.attempts++;
    const { id } = turn.family;
    const isAccepted = !failing.includes(id);
    turn.hear(isAccepted);
    if (!isAccepted) continue;
    total++;
    accepted[id] = (accepted[id] ?? 0) + 1;
  }
  return { accepted, total };
}

const SIX: readonly Family[] = ['plan', 'batch', 'repair', 'search', 'clauses', 'infeasible'];

test('families share evenly; what is to be refused has a tenth at most', () => {
  const { accepted, total } = taken(SIX, 50, {});
  assert.equal(total, 50);
  assert.equal(accepted.infeasible, 5);
  for (const id of SIX.slice(0, 5)) assert.equal(accepted[id], 9);
});

test('no family fills more than a fifth, even if the others find nothing', () => {
  const counts = { plan: 200, batch: 200, repair: 200, search: 200, clauses: 200 };
  const { accepted, total } = taken(SIX, 50, counts, ['batch', 'repair', 'search', 'clauses']);
  assert.deepEqual(accepted, { plan: 10, infeasible: 5 });
  assert.equal(total, 15);
});

test('a family that the corpus is short of comes more often, and may have more', () => {
  const counts = { plan: 5, batch: 300, repair: 300, search: 300, clauses: 300, infeasible: 90 };
  const { accepted } = taken(SIX, 50, counts);
  assert.ok(accepted.plan! > accepted.batch!, JSON.stringify(accepted));
  const few = taken(['plan', 'batch', 'infeasible'], 50, counts).accepted;
  assert.deepEqual([few.plan, few.batch], [20, 10]);
});

test('too easy goes up, too hard goes down, and between the two there is an end', () => {
  const levels = new Levels();
  assert.equal(levels.after(0, 'too easy', undefined), 1);
  assert.equal(levels.after(1, 'too easy', 0), 2);
  assert.equal(levels.after(3, 'too easy', 2), undefined);
  assert.equal(levels.after(2, 'too hard', 1), undefined);
  assert.equal(levels.after(2, 'too hard', undefined), 1);
  assert.equal(levels.after(2, 'other', undefined), undefined);
});

test('a level that only fails is no starting point any more', () => {
  const levels = new Levels();
  assert.deepEqual(
    [0, 1, 2, 3].map((turn) => levels.begin(turn)),
    [0, 1, 2, 3],
  );
  for (const _ of [1, 2]) levels.after(0, 'too easy', undefined);
  assert.deepEqual(
    [0, 1, 2, 3].map((turn) => levels.begin(turn)),
    [1, 2, 3, 1],
  );
  levels.after(1, 'accepted', undefined);
  for (const _ of [1, 2]) levels.after(1, 'too easy', undefined);
  assert.equal(levels.begin(0), 1);
});
