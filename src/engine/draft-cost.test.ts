// Measuring what drafting costs, with the fake model and a clock that its calls move.

import assert from 'node:assert/strict';
import test from 'node:test';
import { measureDraftCosts } from './draft-cost.js';
import { createFakeRunner } from './fake-runner.js';

/** A machine on which a step takes `fixed` and so much per token, and drafts so much per sequence. */
async function measured(fixed: number, perToken: number, perDraft: number, cacheBudgetBytes = 1e9) {
  let ms = 0;
  let numForwards = 0;
  const runner = createFakeRunner({
    contextLength: 300,
    cacheBudgetBytes,
    onStep: (parts) => {
      numForwards++;
      ms += fixed;
      for (const { slice } of parts) ms += perToken * slice.tokens.length;
    },
    onDraft: () => {
      ms += perDraft;
      return 1;
    },
  });
  const costs = await measureDraftCosts(runner, () => ms);
  assert.deepEqual(runner.misuse, []);
  assert.equal(runner.liveCaches, 0);
  return { costs, numForwards };
}

test('a plain step is set against one with two tokens and a draft, for growing batches', async () => {
  const { costs } = await measured(10, 1, 2);
  assert.deepEqual(costs, [
    { batchSize: 1, plainMs: 11, draftingMs: 14 },
    { batchSize: 4, plainMs: 14, draftingMs: 26 },
    { batchSize: 8, plainMs: 18, draftingMs: 42 },
  ]);
  const { costs: dear } = await measured(10, 2, 6);
  assert.deepEqual(dear, [
    { batchSize: 1, plainMs: 12, draftingMs: 20 },
    { batchSize: 4, plainMs: 18, draftingMs: 50 },
  ]);
});

test('larger batches are not measured where one sequence never pays, or for want of memory', async () => {
  const { costs, numForwards } = await measured(0, 1000, 1);
  assert.deepEqual(
    costs.map(({ batchSize }) => batchSize),
    [1],
  );
  assert.ok(numForwards <= 8, 'a slow machine is not kept for long');
  const small = await measured(10, 1, 2, 1200);
  assert.deepEqual(
    small.costs.map(({ batchSize }) => batchSize),
    [1],
  );
});

test('a model that cannot draft is not measured', async () => {
  await assert.rejects(measureDraftCosts(createFakeRunner()), /cannot draft/);
});
