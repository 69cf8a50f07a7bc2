// All families of changes over sixty environments, in both languages and at rising levels.

import assert from 'node:assert/strict';
import test from 'node:test';
import { loadEnvironment } from '../../load-environment.js';
import { composeEnvironment } from '../../world/compose.js';
import { batch } from '../batch.js';
import { conditional } from '../conditional.js';
import { diagnosis } from '../diagnosis.js';
import { plan } from '../plan.js';
import { policyEdit } from '../policy-edit.js';
import { repair } from '../repair.js';
import { schedule } from '../schedule.js';
import { survey } from './survey.js';

const environments = Array.from({ length: 60 }, (_, i) =>
  loadEnvironment(composeEnvironment(100 + i)),
);

for (const family of [policyEdit, batch, conditional, repair, schedule, plan, diagnosis]) {
  test(`${family.id} over sixty environments`, (context) => {
    const { applies, fruitful, proposed, accepted, skeletons, problems } = survey(
      family,
      environments,
      6,
    );
    context.diagnostic(
      `${accepted} of ${proposed} in ${fruitful} of ${applies} environments, ${skeletons.size} skeletons`,
    );
    assert.deepEqual(problems, []);
    assert.ok(accepted * 10 >= proposed, `${accepted} of ${proposed} came off`);
  });
}
