// The wall clock: what takes long inside one native function is ended, and the next program runs as if
// nothing had been.

import assert from 'node:assert/strict';
import test from 'node:test';
import { LIMITS } from './solve-with-tools.js';
import { TimedRunner } from './timed-runner.js';

const program = (body: string) => ({
  files: { 'a.js': `export default function (input) { ${body} }` },
  entry: 'a.js',
});

test('ends what no count of steps ends, and goes on', async (t) => {
  const runner = new TimedRunner(1500);
  t.after(() => runner.close());
  const good = program('return input + 1;');
  assert.deepEqual(await runner.run(good, '1', LIMITS), { ok: true, output: '2', printed: '' });
  const endless = program('for (;;) Array(2 ** 32 - 1).indexOf(0);');
  const [killed, after] = await Promise.all([
    runner.run(endless, '1', { ...LIMITS, steps: Number.MAX_SAFE_INTEGER }),
    runner.run(good, '2', LIMITS),
  ]);
  assert.equal(!killed.ok && killed.failure, 'killed');
  assert.deepEqual(after, { ok: true, output: '3', printed: '' });
});
