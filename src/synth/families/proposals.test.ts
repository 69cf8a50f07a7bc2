import assert from 'node:assert/strict';
import test from 'node:test';
import { composeEnvironment } from '../world/compose.js';
import { proposals } from './proposals.js';
import { aggregate } from './aggregate.js';
import { clauses } from './clauses.js';
import { infeasible } from './infeasible.js';
import { optimum } from './optimum.js';
import { search } from './search.js';
import { selection } from './selection.js';
import { harbour } from './fixture.js';

const FAMILIES = [selection, optimum, infeasible, clauses, aggregate, search];

for (const family of FAMILIES) {
  test(`${family.id}: candidates of a small harbour hold what the gates ask`, () => {
    const { accepted, problems } = proposals(family, [harbour(1), harbour(2)], 10);
    assert.deepEqual(problems, []);
    assert.ok(accepted >= 2, `only ${accepted} accepted`);
  });
}

test('the same draws give the same candidate, byte for byte', () => {
  const once = proposals(selection, [harbour(1)], 4);
  const again = proposals(selection, [harbour(1)], 4);
  assert.equal(JSON.stringify(once.candidates), JSON.stringify(again.candidates));
});

test('candidates of composed environments hold what the gates ask, in every family', () => {
  const environments = Array.from({ length: 6 }, (_, seed) => composeEnvironment(seed));
  for (const family of FAMILIES) {
    assert.deepEqual(proposals(family, environments, 4).problems, [], family.id);
  }
});
