// A tiny corpus from end to end: the same whatever the workers do, resumed without repeating anything,
// and every stored task verified again from disk.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { checkCorpus } from '../corpus-writer.js';
import { openCorpus, type CorpusStore } from '../corpus.js';
import { Database } from '../database.js';
import { loadEnvironment } from '../load-environment.js';
import { loadProgramRunner } from '../programs/program-runner.js';
import { replay } from '../replay.js';
import { Session } from '../tools/session.js';
import { verify } from '../verify.js';
import { buildCorpus, BuildError, type BuildManifest, type BuildOptions } from './build-corpus.js';
import type { Job } from './jobs.js';
import { ProcessPool } from './process-pool.js';
import { reportPage } from './report-page.js';
import { WorkError } from './worker-pool.js';

const root = mkdtempSync(join(tmpdir(), 'hadal-build-'));
before(loadProgramRunner);
after(() => rmSync(root, { recursive: true }));
const SIZE = { environments: 9, tasksPerEnvironment: 4, seed: 7 };

async function build(
  name: string,
  workers: number,
  more: Partial<BuildOptions> & { readonly onPool?: (pool: ProcessPool) => void } = {},
): Promise<BuildManifest> {
  const folder = join(root, name);
  const pool = new ProcessPool(folder, workers);
  more.onPool?.(pool);
  try {
    return await buildCorpus({ ...SIZE, folder, pool, ...more });
  } finally {
    await pool.close();
  }
}

let plain: BuildManifest;

test('a build has what was asked for, and every task verifies again from disk', async () => {
  plain = await build('one', 1);
  const folder = join(root, 'one');
  const manifest = plain;
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
    const rows = evidence.filter((row) => row.taskId === task.taskId && row.outcome === 'accepted');
    assert.deepEqual(
      rows.map(({ hash }) => hash),
      [task.hash],
    );
  }
  const fingerprints = corpus.environmentIds.map((id) => corpus.environment(id)!.fingerprint);
  assert.equal(new Set(fingerprints).size, SIZE.environments);
});

test('the report says what is there, and lets nothing of the corpus be markup', () => {
  const corpus = openCorpus(join(root, 'one'));
  const [first] = corpus.taskKeys();
  const request = '<script>alert("1")</script>';
  const hostile: CorpusStore = {
    environmentIds: corpus.environmentIds,
    numTasks: 1,
    taskKeys: () => [first!],
    environment: (id) => corpus.environment(id),
    task: () => ({ ...corpus.task(first!)!, request }),
    privateTask: (key) => corpus.privateTask(key),
  };
  const page = reportPage(plain, hostile);
  assert.ok(page.includes(plain.corpus_hash));
  assert.ok(page.includes('&#60;script&#62;'));
  assert.ok(!page.includes('<script'));
});

test('what the manifest says of the corpus is true of its files', () => {
  const { asked, reached, soundness, statistics, gates, skeletons } = plain;
  assert.equal(asked.tasks, SIZE.environments * SIZE.tasksPerEnvironment);
  assert.equal(reached.tasks, plain.tasks);
  assert.equal(gates.accepted, plain.tasks);
  assert.deepEqual([soundness.false_accepts, soundness.false_rejects], [0, 0]);
  assert.ok(soundness.wrong_attempts >= 20 * plain.tasks, `${soundness.wrong_attempts}`);
  assert.ok(soundness.mutants_killed <= soundness.mutants);
  const store = openCorpus(join(root, 'one'));
  const families = new Map<string, number>();
  for (const key of store.taskKeys()) {
    const { family } = store.task(key)!;
    families.set(family, (families.get(family) ?? 0) + 1);
  }
  const said = Object.entries(statistics.families).map(([name, { tasks }]) => [name, tasks]);
  assert.deepEqual(Object.fromEntries(said), Object.fromEntries(families));
  assert.ok(skeletons.largest.tasks <= 5);
  assert.equal(statistics.ladder['A7']?.mean, 100);
});

test('two workers, and four that are killed at work at random, build the same corpus', async () => {
  const two = await build('two', 2);
  assert.equal(two.corpus_hash, plain.corpus_hash);
  assert.deepEqual(two, plain);
  let pool: ProcessPool | undefined;
  const killed = new Set<number>();
  const four = await build('four', 4, {
    onPool: (made) => (pool = made),
    onProgress({ phase, tally }) {
      if (phase !== 'tasks' || Object.keys(tally).length === 0 || killed.size === 2) return;
      const pid = pool!.busyPids.find((one) => !killed.has(one));
      if (pid !== undefined && process.kill(pid, 'SIGKILL')) killed.add(pid);
    },
  });
  assert.equal(killed.size, 2);
  assert.deepEqual(four, plain);
});

test('a build that was cut off goes on, and adds nothing twice', async () => {
  // Stopped as soon as a shard is there.
  const folder = join(root, 'resumed');
  let pool: ProcessPool | undefined;
  const cut = build('resumed', 1, {
    onPool: (made) => (pool = made),
    onProgress({ phase }) {
      if (phase === 'tasks' && existsSync(join(folder, 'tasks/0000.jsonl'))) void pool!.close();
    },
  });
  await assert.rejects(cut, WorkError);
  assert.ok(existsSync(join(folder, 'drafts/0000.sealed.json')));
  await assert.rejects(build('resumed', 1), BuildError);
  await assert.rejects(build('resumed', 1, { resume: true, seed: 8 }), BuildError);
  let resumed = -1;
  const manifest = await build('resumed', 2, {
    resume: true,
    onProgress: ({ tasksResumed }) => (resumed = tasksResumed),
  });
  assert.ok(resumed > 0 && resumed < manifest.tasks, `${resumed}`);
  assert.deepEqual(manifest, plain);
  assert.ok(!existsSync(join(folder, 'drafts')));
  // Once more, with nothing left to do.
  assert.deepEqual(await build('resumed', 1, { resume: true }), manifest);
});

test('a job that fails is named by its seeds', async () => {
  const pool = new ProcessPool('/dev/null', 1);
  const job: Job = {
    kind: 'draft',
    shard: 0,
    round: 0,
    seeds: [3, 4],
    wanted: [1, 1],
    allowance: { each: 5, less: {} },
    counts: {},
  };
  await assert.rejects(pool.run(job), /^WorkError: shard 0 \(round 0\) of seeds 3, 4 failed: /);
  await pool.close();
});
