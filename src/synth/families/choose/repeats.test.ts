import assert from 'node:assert/strict';
import test from 'node:test';
import { loadEnvironment } from '../../load-environment.js';
import { Random } from '../../random.js';
import type { JsonObject } from '../../world-types.js';
import { composeEnvironment } from '../../world/compose.js';
import { clauses } from '../clauses.js';
import { tableOf, type Constraint } from '../constraint.js';
import { infeasible } from '../infeasible.js';
import { optimum } from '../optimum.js';
import { selection } from '../selection.js';
import type { ChoiceIr } from './meaning.js';
import { slotsFor } from './world.js';

const environments = Array.from({ length: 12 }, (_, i) =>
  loadEnvironment(composeEnvironment(700 + i)),
);

/** The request as read by someone who takes "three" to mean three different ones. */
function withDifferentThings(ir: ChoiceIr): ChoiceIr {
  const distinct = ir.picks
    .filter(({ count }) => count > 1)
    .map(({ table }): Constraint => ({ kind: 'distinct', table }));
  return { ...ir, constraints: [...ir.constraints, ...distinct] };
}

for (const family of [selection, optimum, infeasible, clauses]) {
  test(`${family.id}: right answers take nothing twice, and stay the same if that is demanded`, () => {
    let several = 0;
    for (const loaded of environments) {
      if (!family.applies(loaded.env)) continue;
      for (let i = 0; i < 8; i++) {
        const random = new Random('repeats', loaded.env.id, i);
        const task = family.propose(loaded, random, i % 2 === 0 ? 'en' : 'zh', i % 4);
        if (!task) continue;
        const ir = task.ir as unknown as ChoiceIr;
        if (ir.picks.every(({ count }) => count === 1)) continue;
        several++;
        const ends = family.solve(loaded, task.patch, task.ir);
        for (const { submission } of ends) {
          const fields = submission as JsonObject;
          const taken = slotsFor(ir.picks)
            .filter(({ id }) => id in fields)
            .map(({ id }) => `${tableOf(id)} ${String(fields[id])}`);
          assert.equal(new Set(taken).size, taken.length, `${loaded.env.id} ${i}`);
        }
        const strict = withDifferentThings(ir) as unknown as JsonObject;
        assert.deepEqual(family.solve(loaded, task.patch, strict), ends, `${loaded.env.id} ${i}`);
      }
    }
    assert.ok(several > 0);
  });
}
