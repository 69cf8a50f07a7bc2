// What is too slow for every run: thousands of random writes in each of many environments, and the exact
// choice of distinct environments held against all pairs (agents reference §6.5, §8.1).

import assert from 'node:assert/strict';
import test from 'node:test';
import { loadProgramRunner } from '../programs/program-runner.js';
import { environmentProblems } from './check-environment.js';
import { composeEnvironment } from './compose.js';
import { similarity, toolSignatures } from './fingerprint.js';
import { DistinctSet, TOO_SIMILAR } from './select-distinct.js';

await loadProgramRunner();

test('references and kept invariants hold after 1,000 writes, and failures leave no trace', () => {
  for (let seed = 40_000; seed < 40_040; seed++) {
    const env = composeEnvironment(seed);
    const probe = { writes: 1000, rounds: 10, checkFailures: true };
    assert.deepEqual(environmentProblems(env, probe), [], env.id);
  }
});

test('400 environments are found within 440 seeds, and no two of them are alike', () => {
  const distinct = new DistinctSet();
  const taken: { readonly fingerprint: string; readonly signatures: ReadonlySet<string> }[] = [];
  for (let seed = 50_000; taken.length < 400; seed++) {
    assert.ok(seed < 50_440, `${taken.length} in 440 seeds`);
    const env = composeEnvironment(seed);
    if (!distinct.add(env)) continue;
    taken.push({ fingerprint: env.fingerprint, signatures: toolSignatures(env) });
  }
  assert.equal(new Set(taken.map(({ fingerprint }) => fingerprint)).size, taken.length);
  taken.forEach(({ signatures }, i) => {
    const others = taken.filter((_, j) => j !== i);
    const nearest = Math.max(...others.map((one) => similarity(signatures, one.signatures)));
    assert.ok(nearest < TOO_SIMILAR);
    assert.equal(distinct.nearest[i], nearest);
  });
});
