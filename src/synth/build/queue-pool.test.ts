// A build whose jobs go over a queue in a real PostgreSQL: the same corpus as from processes of one
// machine, jobs that are given up by name, builds that are not mixed up, and what people are told.
// With several workers and machines that die: test/e2e/synth-workers.slow.test.ts.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import {
  missingPostgres,
  startPostgres,
  type TestPostgres,
} from '../../../test/helpers/postgres.js';
import { buildCorpus, type BuildManifest } from './build-corpus.js';
import { markBuild, readMark } from './build-mark.js';
import { BuildQueue } from './build-queue.js';
import { store } from './folder.js';
import type { Job } from './jobs.js';
import { ProcessPool } from './process-pool.js';
import { QueuePool } from './queue-pool.js';
import { QueueError } from './queue-url.js';
import { workForBuild } from './queue-worker.js';
import { WorkError, type WorkPool } from './worker-pool.js';

const SIZE = { environments: 9, tasksPerEnvironment: 4, seed: 7 };
const reason = missingPostgres();
const skip = reason ?? false;
const root = mkdtempSync(join(tmpdir(), 'hadal-queue-'));
let server: TestPostgres | undefined;
let url = '';
before(async () => {
  if (reason !== undefined) return;
  server = await startPostgres();
  url = await server.createDatabase();
});
after(async () => {
  await server?.remove();
  rmSync(root, { recursive: true });
});

async function build(folder: string, pool: WorkPool, resume = false): Promise<BuildManifest> {
  try {
    return await buildCorpus({ ...SIZE, folder, pool, resume });
  } finally {
    await pool.close();
  }
}

/** A worker in this process; its jobs have processes of their own. */
function worker(folder: string, processes = 1) {
  const stop = new AbortController();
  const notes: string[] = [];
  let hear: (note: string) => void = () => {};
  const first = new Promise<string>((resolve) => (hear = resolve));
  const onNote = (note: string) => {
    notes.push(note);
    hear(note);
  };
  const done = workForBuild({ folder, url, processes, signal: stop.signal, onNote });
  return { done, notes, first, stop: () => stop.abort() };
}

const composing = (...seeds: readonly number[]): Job => ({ kind: 'compose', seeds });

/** A result that cannot be written: something is in its place. */
function spoil(folder: string, first: number): void {
  mkdirSync(join(folder, `drafts/compose-${first}.json`, 'in the way'), { recursive: true });
}

test(
  'the same corpus over a queue, also when the coordinator is stopped in between',
  { skip },
  async () => {
    const plain = await build(join(root, 'plain'), new ProcessPool(join(root, 'plain'), 1));
    const folder = join(root, 'queued');
    const early = worker(folder);
    assert.match(await early.first, /^no build with a queue/);
    const first = await QueuePool.open(folder, url, { size: 1 });
    const cut = build(folder, {
      size: 1,
      close: () => first.close(),
      async run(job, options) {
        if (job.kind === 'draft') await first.close();
        return first.run(job, options);
      },
    });
    await assert.rejects(cut, WorkError);
    const mark = readMark(folder);
    assert.ok(mark);
    const notes: (string | undefined)[] = [];
    const onNote = (note: string | undefined) => void notes.push(note);
    const second = await QueuePool.open(folder, url, { size: 1, onNote });
    assert.deepEqual(await build(folder, second, true), plain);
    assert.ok((await early.done) >= 2, 'both parts of the build were this worker’s');
    assert.deepEqual(notes, []);
    // Nothing is left of it, in the folder or in the database.
    assert.equal(readMark(folder), undefined);
    const queue = await BuildQueue.open(url, () => {});
    assert.deepEqual(await queue.boss.getQueues(), []);
    await queue.close();
  },
);

test(
  'a job that fails three times is given up by its seeds, and lies in the dead letters',
  { skip },
  async () => {
    const folder = join(root, 'poison');
    spoil(folder, 3);
    const pool = await QueuePool.open(folder, url, { size: 2 });
    const poisoned = pool.run(composing(3, 4));
    const sound = pool.run(composing(5));
    const one = worker(folder, 2);
    const told =
      /^WorkError: composing of seeds 3, 4: given up after 3 tries, the last: .*EISDIR|ENOTEMPTY/;
    await Promise.all([assert.rejects(poisoned, told), sound]);
    assert.equal(one.notes.filter((note) => note.includes('seeds 3, 4 failed')).length, 3);
    assert.deepEqual(await pool.queue.deadLetters(), ['composing of seeds 3, 4']);
    // Asked for once more, as by a build that goes on, it has three tries again.
    rmSync(join(folder, 'drafts/compose-3.json'), { recursive: true });
    await pool.run(composing(3, 4));
    assert.ok(existsSync(join(folder, 'drafts/compose-3.json')));
    one.stop();
    assert.equal(await one.done, 2);
    await pool.close();
  },
);

test(
  'no more jobs are in the queue than workers can hold, and people hear that none is there',
  { skip },
  async () => {
    const folder = join(root, 'alone');
    let hear: (note: string) => void = () => {};
    const heard = new Promise<string>((resolve) => (hear = resolve));
    const onNote = (note: string | undefined) => void (note && hear(note));
    const pool = await QueuePool.open(folder, url, { size: 2, onNote });
    const all = Array.from({ length: 9 }, (_, i) => pool.run(composing(i)));
    const urgent = pool.run(composing(100), { isUrgent: true });
    const given = Promise.allSettled([...all, urgent]);
    assert.match(
      await heard,
      /^no worker is alive \(jobs to do: 10\); start some with: hadal synth worker/,
    );
    assert.ok((await pool.queue.boss.getQueueSize(pool.queue.name)) <= 5);
    // A worker of another build does not take them.
    const other = worker(join(root, 'other'));
    markBuild(join(root, 'other'));
    const one = worker(folder);
    await urgent;
    await Promise.all(all);
    other.stop();
    one.stop();
    assert.deepEqual([await other.done, await one.done], [0, 10]);
    assert.ok(one.notes.findIndex((note) => note.includes('seeds 100')) <= 2, one.notes.join('\n'));
    await pool.close();
    assert.ok((await given).every(({ status }) => status === 'fulfilled'));
  },
);

test('an outage of the database is told and waited out', { skip }, async () => {
  const folder = join(root, 'outage');
  let hear: (note: string) => void = () => {};
  const heard = new Promise<string>((resolve) => (hear = resolve));
  const onNote = (note: string | undefined) => void (note?.includes('answer') && hear(note));
  const pool = await QueuePool.open(folder, url, { size: 2, onNote });
  const one = worker(folder);
  await pool.run(composing(1));
  await server!.stop();
  const later = pool.run(composing(2));
  assert.match(await heard, /^the queue does not answer \(.+\); trying again$/);
  await server!.start();
  await later;
  one.stop();
  assert.equal(await one.done, 2);
  await pool.close();
});

test('a worker that is stopped gives its job back, and it counts as no try', { skip }, async () => {
  const folder = join(root, 'given-back');
  const queue = await BuildQueue.open(url, () => {});
  queue.use(markBuild(folder));
  await queue.create();
  const id = await queue.enqueue(composing(1), 30, false);
  for (let time = 0; time < 4; time++) {
    const [claim] = await queue.claim(1);
    assert.equal(claim?.id, id);
    assert.deepEqual(await queue.standings([id]), [{ state: 'active' }]);
    await queue.release(id);
  }
  // The same job is the same row; what is no job is none.
  assert.equal(await queue.enqueue(composing(1), 30, false), id);
  await queue.boss.send(queue.name, { name: 'shard 1', job: '{"kind":"draft","shard":"../.."}' });
  assert.equal((await queue.claim(10)).length, 1);
  await queue.remove();
  await queue.close();
});

test('a worker of another generator version refuses', { skip }, async () => {
  const folder = join(root, 'version');
  store(folder, 'drafts/queue.json', { id: 'b', generator: 'another 0' });
  await assert.rejects(worker(folder).done, /^QueueError: .* is built by another 0, and this is /);
});

test('a password is told to nobody', async () => {
  const secret = 'p%40ss-w0rd';
  for (const wrong of [
    `postgres://me:${secret}@127.0.0.1:1/db`,
    `mysql://me:${secret}@host/db`,
    `postgres://me:${secret}@[`,
  ]) {
    const opened = QueuePool.open(join(root, 'none'), wrong, { size: 1 });
    await assert.rejects(opened, (error) => {
      assert.ok(error instanceof QueueError);
      assert.ok(!/p%40ss|p@ss/.test(`${error.stack}`), error.message);
      return true;
    });
  }
});
