import assert from 'node:assert/strict';
import test from 'node:test';
import type { Expr } from '../world-types.js';
import { mutantsOf } from './mutants.js';
import { weakerRequests } from './weaker-requests.js';

test('mutants differ from the expression in one place', () => {
  const one: Expr = { op: 'const', value: 1 };
  const less: Expr = { op: '<=', left: { op: 'var', name: 'x' }, right: one };
  const both: Expr = { op: 'and', of: [less, { op: 'const', value: true }] };
  const mutants = mutantsOf(both);
  assert.deepEqual(mutants[0], { op: 'const', value: true });
  assert.ok(mutants.some(({ op }) => op === 'or'));
  const spelled = mutants.map((mutant) => JSON.stringify(mutant));
  assert.equal(new Set(spelled).size, spelled.length);
  assert.ok(!spelled.includes(JSON.stringify(both)));
  assert.ok(spelled.some((text) => text.includes('"value":2')));
  assert.ok(spelled.some((text) => text.includes('"op":">"')));
});

test('every condition is left out once', () => {
  const ir = {
    constraints: [{ kind: 'a' }, { kind: 'b' }],
    via: 'here',
    skip: null,
    budget: { mode: 'stop', limit: 3 },
    asked: [{ where: [{ op: '=' }] }],
  };
  assert.deepEqual(
    weakerRequests(ir).map(({ path }) => path),
    ['.constraints[0]', '.constraints[1]', '.via', '.asked[0].where[0]'],
  );
  assert.deepEqual(weakerRequests(ir)[0]!.ir['constraints'], [{ kind: 'b' }]);
  assert.deepEqual(weakerRequests(ir)[3]!.ir['asked'], [{ where: [] }]);
});
