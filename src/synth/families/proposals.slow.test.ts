import assert from 'node:assert/strict';
import test from 'node:test';
import { composeEnvironment } from '../world/compose.js';
import { aggregate } from './aggregate.js';
import { clauses } from './clauses.js';
import { infeasible } from './infeasible.js';
import { optimum } from './optimum.js';
import { proposals } from './proposals.js';
import { search } from './search.js';
import { selection } from './selection.js';

test('candidates of fifty composed environments hold what the gates ask', () => {
  const environments = Array.from({ length: 50 }, (_, seed) => composeEnvironment(1000 + seed));
  for (const family of [selection, optimum, infeasible, clauses, aggregate, search]) {
    const { accepted, problems } = proposals(family, environments, 8);
    assert.deepEqual(problems, [], family.id);
    assert.ok(accepted > 0, family.id);
  }
});
