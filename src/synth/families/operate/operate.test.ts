import assert from 'node:assert/strict';
import test from 'node:test';
import { canonicalJson } from '../../canonical.js';
import { loadEnvironment } from '../../load-environment.js';
import { Random } from '../../random.js';
import type { Json } from '../../world-types.js';
import { composeEnvironment } from '../../world/compose.js';
import { batch } from '../batch.js';
import { conditional } from '../conditional.js';
import { diagnosis } from '../diagnosis.js';
import type { TaskFamily } from '../family.js';
import { plan } from '../plan.js';
import { policyEdit } from '../policy-edit.js';
import { repair } from '../repair.js';
import { schedule } from '../schedule.js';
import { survey } from './survey.js';

const FAMILIES: readonly TaskFamily[] = [
  policyEdit,
  batch,
  conditional,
  repair,
  schedule,
  plan,
  diagnosis,
];

// Two of each family at least: the slow test takes sixty environments.
const environments = Array.from({ length: 16 }, (_, i) =>
  loadEnvironment(composeEnvironment(i + 1)),
);

for (const family of FAMILIES) {
  test(`${family.id}: plans, decoys, solver and text agree`, () => {
    const { accepted, problems } = survey(family, environments, 2);
    assert.deepEqual(problems, []);
    assert.ok(accepted >= 2, `only ${accepted} tasks came off`);
  });
}

test('the same seeds give the same task, another seed another', () => {
  const loaded = environments.find(({ env }) => repair.applies(env))!;
  const spelled = (seed: number): string =>
    canonicalJson(repair.propose(loaded, new Random('again', seed), 'en', 1) as unknown as Json);
  assert.equal(spelled(1), spelled(1));
  assert.notEqual(spelled(1), spelled(2));
});

test('a text of another family is no request', () => {
  const loaded = environments.find(({ env }) => repair.applies(env) && policyEdit.applies(env))!;
  const task = repair.propose(loaded, new Random('other', 1), 'en', 1)!;
  assert.equal(policyEdit.parse(task.request, loaded.env, 'en'), null);
  assert.equal(repair.parse(`${task.request} And one more thing.`, loaded.env, 'en'), null);
});
