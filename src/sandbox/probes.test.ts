// Every attempt fails for the right reason and in time, and its control shows that it would have worked.

import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { openForProbes, openTargets, PROBES, runProbes, stillWorks } from './probes.js';

const sandbox = await openForProbes();
const targets = await openTargets();
after(async () => {
  await sandbox.close();
  await targets.close();
});
const skip = sandbox.isAvailable ? false : JSON.stringify(sandbox.describe());

test('no attempt gets out, each in time', { skip, timeout: 120_000 }, async (t) => {
  let [count, controls] = [0, 0];
  for await (const { name, held, seen, ms, limitMs, control } of runProbes(sandbox, targets)) {
    count++;
    if (control) controls++;
    await t.test(name, () => {
      assert.ok(held, `${seen} (${ms} ms of ${limitMs})`);
      assert.notEqual(control, false, 'the attempt does not work without a sandbox either');
    });
  }
  assert.equal(count, PROBES.length);
  assert.ok(count >= 40 && controls >= 12, `${count} probes, ${controls} controls`);
  assert.ok(await stillWorks(sandbox));
});
