// The command as a process, as far as it goes without a database: usage, and what it says of a queue
// that is not there. At work: src/synth/build/queue-pool.test.ts, test/e2e/synth-workers.slow.test.ts.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));

function worker(args: readonly string[], queueUrl = '') {
  const { HADAL_QUEUE_URL: _, ...others } = process.env;
  const env = queueUrl === '' ? others : { ...others, HADAL_QUEUE_URL: queueUrl };
  return spawnSync(process.execPath, [MAIN, 'synth', 'worker', ...args], { encoding: 'utf8', env });
}

test('wrong usage', () => {
  const { status, stderr } = worker(['--out', 'corpus']);
  assert.equal(status, 2);
  assert.match(stderr, /--queue-url/);
  assert.equal(worker(['--queue-url', 'postgres://127.0.0.1:1/x']).status, 2);
});

test('a queue that is not there is named, without its password', () => {
  const { status, stderr } = worker(['--out', 'corpus'], 'postgres://me:secret@127.0.0.1:1/jobs');
  assert.equal(status, 1);
  assert.match(stderr, /^hadal: no queue at postgres:\/\/me@127\.0\.0\.1:1\/jobs: .*ECONNREFUSED/);
  assert.ok(!stderr.includes('secret'));
});
