// A tiny corpus from end to end: the same whatever the workers do, resumed without repeating anything,
// and every stored task verified again from disk.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { checkCorpus } from '../corpus-writer.js';
import { openCorpus } from '../corpus.js';
import { Database } from '../database.js';
import { loadEnvironment } from '../load-environment.js';
import { replay } from '../replay.js';
import { Session } from '../tools/session.js';
import { verify } from '../verify.js';
import { buildCorpus, BuildError, type BuildOptions, type Built } from './build-corpus.js';
import { reportPage } from './report-page.js';
import { ProcessPool, WorkError } from './worker-pool.js';

const root = mkdtempSync(join(tmpdir(), 'hadal-build-'));
after(() => rmSync(root, { recursive: true }));
const SIZE = { environments: 9, tasksPerEnvironment: 4, seed: 7 };

async function build(
  name: string,
  workers: number,
  more: Partial<BuildOptions> & { readonly onPool?: (pool: ProcessPool) => void } = {},
): Promise<Built> {
  const pool = new ProcessPool(workers);
  more.onPool?.(pool);
  try {
    return await buildCorpus({ ...SIZE, folder: join(root, name), pool, ...more });
  } finally {
    pool.close();
  }
}

let plain: Built;

test('a build has what was asked for, and every task verifies again from disk', async () => {
  plain = await build('one', 1);
  const folder = join(root, 'one');
  const { manifest } = plain;
  assert.equal(manifest.environments, SIZE.environments);
  assert.equal(manifest.tasks, SIZE.environments * SIZE.tasksPerEnvironment);
  assert.deepEqual(checkCorpus(folder), manifest);
  const corpus = openCorpus(folder);
  assert.equal(corpus.numTasks, manifest.tasks);
  const evidence = manifest.files
    .filter(({ path }) => path.startsWith('gates/'))
    .flatMap(({ path }) => readFileSync(join(folder, path), 'utf8').trim().split('\n'))
    .map((line) => JSON.parse(line) as { taskId: string; hash?: string; outcome: string });
  for (const key of corpus.taskKeys()) {
    const task = corpus.task(key)!;
    const { verifier, solution } = corpus.privateTask(key)!;
    const loaded = loadEnvironment(corpus.environment(task.envId)!);
    const before = new Database(loaded.base);
    before.apply(task.patch);
    const judged = (plan: typeof solution): number => {
      const session = new Session(loaded, task.patch, task.submissionSchema);
      const { finalMessage } = replay(plan, session);
      const { db: state, submission } = session;
      return verify(verifier, { before, after: state, submission, finalMessage }).reward;
    };
    assert.equal(judged(solution), 1, key);
    assert.equal(judged({ steps: [] }), 0, key);
    const row = evidence.find(({ taskId }) => taskId === task.taskId);
    assert.equal(row?.hash, task.hash);
    assert.equal(row.outcome, 'accepted');
  }
  assert.equal(
    new Set(plain.shards.flatMap((one) => one.environments.map((e) => e.fingerprint))).size,
    SIZE.environments,
  );
});

test('the report says what is there, and lets nothing of the corpus be markup', () => {
  const corpus = openCorpus(join(root, 'one'));
  const [first] = corpus.taskKeys();
  const request = '<script>alert("1")</script>';
  const hostile = {
    ...corpus,
    taskKeys: () => [first!],
    task: () => ({ ...corpus.task(first!)!, request }),
  };
  const page = reportPage(plain, hostile as typeof corpus);
  assert.ok(page.includes(plain.manifest.corpus_hash));
  assert.ok(page.includes('&#60;script&#62;'));
  assert.ok(!page.includes('<script'));
});

test('two workers, one of them killed at work, build the same corpus', async () => {
  let pool: ProcessPool | undefined;
  let kills = 0;
  const { manifest } = await build('two', 2, {
    onPool: (made) => (pool = made),
    onProgress({ phase, tally }) {
      if (phase !== 'tasks' || Object.keys(tally).length === 0 || kills > 0) return;
      const [pid] = pool!.busyPids;
      if (pid !== undefined && process.kill(pid, 'SIGKILL')) kills++;
    },
  });
  assert.equal(kills, 1);
  assert.equal(manifest.corpus_hash, plain.manifest.corpus_hash);
  assert.deepEqual(manifest['families'], plain.manifest['families']);
});

test('a build that was cut off goes on, and adds nothing twice', async () => {
  // Stopped as soon as a shard is there.
  const folder = join(root, 'resumed');
  let pool: ProcessPool | undefined;
  const cut = build('resumed', 1, {
    onPool: (made) => (pool = made),
    onProgress({ environmentsDone, phase }) {
      if (phase === 'tasks' && environmentsDone > 0) pool!.close();
    },
  });
  await assert.rejects(cut, WorkError);
  assert.ok(existsSync(join(folder, 'shards/0000.json')));
  await assert.rejects(build('resumed', 1), BuildError);
  await assert.rejects(build('resumed', 1, { resume: true, seed: 8 }), BuildError);
  let resumed = -1;
  const { manifest } = await build('resumed', 2, {
    resume: true,
    onProgress: ({ tasksResumed }) => (resumed = tasksResumed),
  });
  assert.equal(resumed, plain.shards[0]!.tasks.length);
  assert.equal(manifest.corpus_hash, plain.manifest.corpus_hash);
  // Once more, with nothing left to do.
  const again = await build('resumed', 1, { resume: true });
  assert.deepEqual(again.manifest, manifest);
});

test('a job that fails is named by its seeds', async () => {
  const pool = new ProcessPool(1);
  const missing = { kind: 'shard', folder: '/dev/null', shard: '0000', tasksPerEnvironment: 1 };
  const job = { ...missing, kind: 'shard', seeds: [3, 4] } as const;
  await assert.rejects(pool.run(job), /^WorkError: shard of seeds 3, 4 failed: /);
  pool.close();
});
