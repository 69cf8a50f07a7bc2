// Drafting is on while it pays: break-even shares from measured costs, and the change of mind.

import assert from 'node:assert/strict';
import test from 'node:test';
import { breakEven, describeDraftCosts, type DraftCost } from './draft-cost.js';
import { Speculation } from './speculation.js';

const cost = (batchSize: number, ratio: number): DraftCost => ({
  batchSize,
  plainMs: 10,
  draftingMs: 10 * ratio,
});

function record(speculation: Speculation, count: number, isAccepted: boolean): void {
  for (let i = 0; i < count; i++) speculation.record(isAccepted);
}

test('the break-even share is what a drafting step costs more, in between in a straight line', () => {
  const costs = [cost(1, 1.4), cost(4, 1.7), cost(8, 2.1)];
  const close = (actual: number, expected: number) =>
    assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} against ${expected}`);
  close(breakEven(costs, 1), 0.4);
  close(breakEven(costs, 3), 0.6);
  close(breakEven(costs, 4), 0.7);
  close(breakEven(costs, 6), 0.9);
  close(breakEven(costs, 32), 1.1);
  assert.equal(breakEven([], 1), Infinity);
  assert.match(
    describeDraftCosts(costs),
    /1\.40x.*above 40 % for 1, above 70 % for 4, never for 8/,
  );
  assert.match(describeDraftCosts([cost(1, 2.3)]), /^no drafts: .*2\.30x/);
});

test('drafts that can never pay are not made, nor tried', () => {
  const speculation = new Speculation({ mode: 'auto', costs: [cost(1, 2)] });
  assert.equal(speculation.isOn, false);
  for (let i = 0; i < 100; i++) assert.equal(speculation.enlist(), 'none');
});

test('on means on, whatever it costs', () => {
  const speculation = new Speculation({ mode: 'on' });
  record(speculation, 1000, false);
  assert.equal(speculation.enlist(), 'follows');
  assert.ok(speculation.isWorthwhile('follows', 64));
});

test('refused drafts turn it off, accepted ones of a probe on again', () => {
  const speculation = new Speculation({ mode: 'auto', costs: [cost(1, 1.5), cost(8, 1.9)] });
  assert.equal(speculation.enlist(), 'follows');
  assert.ok(speculation.isWorthwhile('follows', 1));
  assert.equal(speculation.isWorthwhile('follows', 8), false, 'dearer in a large batch');
  record(speculation, 60, false);
  assert.equal(speculation.isOn, false);
  assert.equal(speculation.isWorthwhile('follows', 1), false);
  const roles = Array.from({ length: 64 }, () => speculation.enlist());
  assert.equal(roles.filter((role) => role === 'probes').length, 2);
  assert.ok(!roles.includes('follows'));
  assert.ok(speculation.isWorthwhile('probes', 1));
  record(speculation, 100, true);
  assert.equal(speculation.isOn, true);
  assert.ok(speculation.isWorthwhile('follows', 1));
});

test('where the break-even is above what is believed at first, the first sequence tries', () => {
  const speculation = new Speculation({ mode: 'auto', costs: [cost(1, 1.85)] });
  assert.equal(speculation.isOn, false);
  assert.equal(speculation.enlist(), 'probes');
  assert.equal(speculation.enlist(), 'none');
  record(speculation, 200, true);
  assert.equal(speculation.isOn, true);
});

test('a failure is told once and ends drafting', () => {
  const warnings: string[] = [];
  const speculation = new Speculation({ mode: 'on', onWarning: (text) => warnings.push(text) });
  speculation.fail(new Error('no rows'));
  speculation.fail(new Error('no rows'));
  assert.deepEqual(warnings, ['drafting failed and is off until the next start: no rows']);
  assert.equal(speculation.isOn, false);
  assert.equal(speculation.isWorthwhile('follows', 1), false);
});
