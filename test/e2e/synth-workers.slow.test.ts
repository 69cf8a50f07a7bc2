// A corpus built by worker commands that come to a queue: the same from one process, from two and four
// workers, and when machines die at work (kill -9 of a worker and its processes).

import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildCorpus, type BuildManifest } from '../../src/synth/build/build-corpus.js';
import { ProcessPool } from '../../src/synth/build/process-pool.js';
import { QueuePool } from '../../src/synth/build/queue-pool.js';
import { missingPostgres, startPostgres, type TestPostgres } from '../helpers/postgres.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const SIZE = { environments: 9, tasksPerEnvironment: 4, seed: 7 };
const reason = missingPostgres();
const skip = reason ?? false;
const root = mkdtempSync(join(tmpdir(), 'hadal-workers-'));
let server: TestPostgres | undefined;
let url = '';
let plain: BuildManifest;

before(async () => {
  if (reason !== undefined) return;
  server = await startPostgres();
  url = await server.createDatabase();
  const folder = join(root, 'plain');
  const pool = new ProcessPool(folder, 1);
  plain = await buildCorpus({ ...SIZE, folder, pool });
  await pool.close();
});
after(async () => {
  await server?.remove();
  rmSync(root, { recursive: true });
});

/** As on a machine of its own: it and its processes are one group. */
function startWorker(folder: string): ChildProcess {
  const args = [MAIN, 'synth', 'worker', '--out', folder, '--workers', '1'];
  return spawn(process.execPath, args, {
    detached: true,
    env: { ...process.env, HADAL_QUEUE_URL: url },
    stdio: 'ignore',
  });
}

async function ended(workers: readonly ChildProcess[]): Promise<(number | null)[]> {
  return Promise.all(
    workers.map(async (worker) => {
      if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit');
      return worker.exitCode;
    }),
  );
}

test('two workers of the command, for the build command', { skip }, async () => {
  const folder = join(root, 'two');
  const workers = [startWorker(folder), startWorker(folder)];
  const sizes = ['--envs', '9', '--tasks-per-env', '4', '--seed', '7', '--workers', '2'];
  const args = [MAIN, 'synth', 'build', '--out', folder, ...sizes, '--queue-url', url];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.match(stdout, new RegExp(`corpus hash ${plain.corpus_hash}`));
  assert.deepEqual(await ended(workers), [0, 0]);
});

test('four workers die at work, and another does what they had', { skip }, async () => {
  const folder = join(root, 'four');
  const four = Array.from({ length: 4 }, () => startWorker(folder));
  let heir: ChildProcess | undefined;
  const pool = await QueuePool.open(folder, url, { size: 4, leaseSeconds: 3 });
  const manifest = await buildCorpus({
    ...SIZE,
    folder,
    pool,
    onProgress({ phase, tally }) {
      // Something of a job was heard: it is at work now.
      if (phase !== 'tasks' || Object.keys(tally).length === 0 || heir) return;
      for (const { pid } of four) process.kill(-pid!, 'SIGKILL');
      heir = startWorker(folder);
    },
  });
  await pool.close();
  assert.deepEqual(manifest, plain);
  assert.deepEqual(await ended(four), [null, null, null, null]);
  assert.deepEqual(await ended([heir!]), [0]);
});
