// The database's own thread: values and errors pass unchanged, requests go on beside it, and when it
// dies, whenever that is, every record is billed once.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { sql } from 'kysely';
import { usageRecord } from '../../test/helpers/store-places.js';
import { openLibsql } from './libsql-engine.js';
import { LibsqlThread, type ThreadRequest } from './libsql-thread.js';
import { openPlatform } from './open-platform.js';
import { PlatformUnavailableError } from './types.js';

const NUM_RECORDS = 50;
const COST = 64n * 200n + 36n * 2_000n + 10n * 3_000n;
/** Some tenths of a second of SQLite's time. */
const SLOW = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
  SELECT count(*) AS total FROM n`;

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-thread-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The next thread that this process starts. */
async function nextWorker(): Promise<Worker> {
  const alive = setInterval(() => {}, 1_000); // a database that is only open keeps nothing alive
  try {
    const [worker] = (await once(process, 'worker')) as [Worker];
    return worker;
  } finally {
    clearInterval(alive);
  }
}

async function openThread(t: TestContext) {
  const path = join(temporaryFolder(t), 'a.db');
  const thread = new LibsqlThread();
  t.after(() => thread.close());
  const starting = nextWorker();
  await thread.open(path);
  return { thread, path, worker: await starting };
}

const plain = (text: string) => ({ text, parameters: [], isInTransaction: false });

test('64-bit integers, text and null come back as they went', async (t) => {
  const { thread } = await openThread(t);
  const run = (text: string, ...parameters: unknown[]) =>
    thread.execute({ text, parameters, isInTransaction: false });
  await run('CREATE TABLE t (a BIGINT PRIMARY KEY, b TEXT)');
  const rows = [
    { a: -(2n ** 63n), b: null },
    { a: 2n ** 53n + 1n, b: 'ünï \u{1f30a}' },
    { a: 2n ** 63n - 1n, b: '' },
  ];
  for (const { a, b } of rows) await run('INSERT INTO t VALUES (?, ?)', a, b);
  assert.deepEqual((await run('SELECT a, b FROM t ORDER BY a')).rows, rows);
  assert.equal((await run('UPDATE t SET b = ? WHERE a > 0', 'x')).numChanged, 2);
});

test('errors keep their code, and what cannot be a parameter is named', async (t) => {
  const { thread } = await openThread(t);
  const insert = (...parameters: unknown[]) =>
    thread.execute({ text: 'INSERT INTO t VALUES (?)', parameters, isInTransaction: false });
  await thread.execute(plain('CREATE TABLE t (a BIGINT PRIMARY KEY)'));
  await insert(1n);
  await assert.rejects(insert(1n), { name: 'DatabaseError', code: /^SQLITE_CONSTRAINT/ });
  await assert.rejects(insert(2n ** 63n), RangeError);
  await assert.rejects(insert(NaN), RangeError);
  await assert.rejects(insert(true), /got a boolean/);
  await assert.rejects(thread.commit(), { code: 'TRANSACTION_CLOSED' });
});

test('the event loop turns while a statement runs', async (t) => {
  const { thread } = await openThread(t);
  let numTurns = 0;
  let isDone = false;
  const turn = () => {
    numTurns += 1;
    if (!isDone) setImmediate(turn);
  };
  turn();
  const { rows } = await thread.execute(plain(SLOW));
  isDone = true;
  assert.deepEqual(rows, [{ total: 1_000_000n }]);
  assert.ok(numTurns > 20, `${numTurns} turns`);
});

test('closed while busy: what was asked is answered, what comes later refused', async (t) => {
  const { thread, worker } = await openThread(t);
  let hasExited = false;
  worker.once('exit', () => (hasExited = true));
  const busy = thread.execute(plain(SLOW));
  const closing = thread.close();
  await assert.rejects(thread.execute(plain('SELECT 1')), { code: 'CLIENT_CLOSED' });
  assert.equal((await busy).rows.length, 1);
  await closing;
  assert.ok(hasExited);
  await thread.close();
});

test('a transaction that the close overtakes is rolled back', async (t) => {
  const url = pathToFileURL(join(temporaryFolder(t), 'a.db')).href;
  const engine = await openLibsql(url);
  await sql`CREATE TABLE t (a BIGINT)`.execute(engine.db);
  const transaction = engine.db.transaction().execute(async (trx) => {
    await sql`INSERT INTO t VALUES (1)`.execute(trx);
    await engine.close();
    await sql`INSERT INTO t VALUES (2)`.execute(trx);
  });
  await assert.rejects(transaction, (error) => engine.isAway(error));
  const again = await openLibsql(url);
  t.after(() => again.close());
  assert.deepEqual((await sql`SELECT a FROM t`.execute(again.db)).rows, []);
});

test('a thread that died fails who waits, and is started again, later every time', async (t) => {
  const { thread, path, worker } = await openThread(t);
  worker.postMessage = () => {}; // so that it is idle when it dies, see KILLERS
  const unanswered = thread.execute(plain('SELECT 1'));
  void worker.terminate();
  await assert.rejects(unanswered, { code: 'THREAD_GONE' });
  await assert.rejects(thread.execute(plain('SELECT 1')), { code: 'THREAD_GONE' });
  assert.equal(thread.isOpen, false);
  const second = nextWorker();
  await thread.open(path); // at once
  const dying = await second;
  const exited = once(dying, 'exit');
  void dying.terminate();
  await exited;
  await assert.rejects(thread.open(path), /died 2 times; the next is started in \d+ ms/);
  while (!thread.isOpen) {
    await thread.open(path).catch((error: Error) => assert.match(error.message, /died 2 times/));
    await new Promise(setImmediate);
  }
  assert.deepEqual((await thread.execute(plain('SELECT 1 AS one'))).rows, [{ one: 1n }]);
});

/**
 * What kills the thread, given each of its requests in place of sending it. Returns whether. Only
 * while it is idle: the native library ends the whole process when it is terminated within a call.
 */
type Killer = (request: ThreadRequest, send: () => void, worker: Worker) => boolean;

const KILLERS: Record<string, Killer> = {
  'between two statements of a transaction': (request, send, worker) => {
    const isMoment =
      request.kind === 'execute' &&
      request.statement.text.includes('INSERT INTO ledger_transactions');
    if (isMoment) void worker.terminate();
    else send();
    return isMoment;
  },
  'before its commit': (request, send, worker) => {
    const isMoment = request.kind === 'commit';
    if (isMoment) void worker.terminate();
    else send();
    return isMoment;
  },
  'after its commit, with the answer lost': (request, send, worker) => {
    const isMoment = request.kind === 'commit';
    if (isMoment) {
      worker.removeAllListeners('message');
      worker.once('message', () => void worker.terminate());
    }
    send();
    return isMoment;
  },
};

for (const [name, kill] of Object.entries(KILLERS)) {
  test(`the thread dies ${name}: every record is billed once`, async (t) => {
    const dataDir = temporaryFolder(t);
    const starting = nextWorker();
    const store = await openPlatform({ dataDir });
    t.after(() => store.close());
    const worker = await starting;
    await once(worker, 'message'); // it has started, and takes over with the next question
    await new Promise(setImmediate);
    const { id: accountId } = await store.admin.createAccount({ name: 'alice' });
    const { key } = await store.admin.createKey({ accountId });
    await store.admin.topUp({ accountId, currency: 'CNY', amount: 1_000n * COST });
    assert.ok(await store.identify(key));
    const ids = Array.from({ length: NUM_RECORDS }, (_, n) => `r${n}`);

    let isKilled = false;
    const post = worker.postMessage.bind(worker);
    worker.postMessage = (request: ThreadRequest) => {
      const send = () => post(request);
      if (isKilled) send();
      else isKilled = kill(request, send, worker);
    };
    await Promise.all(ids.map((requestId) => store.record(usageRecord({ requestId, accountId }))));
    // The drainer may have been first, and this may be the second attempt already.
    await store.balance(accountId).catch((error) => {
      assert.ok(error instanceof PlatformUnavailableError, String(error));
    });
    assert.ok(isKilled);
    assert.equal((await store.identify(key))?.accountId, accountId);

    const [usage] = await store.admin.usage({ groupBy: 'model' });
    assert.equal(usage!.requests, NUM_RECORDS);
    const { toppedUp } = (await store.balance(accountId)).infos[0]!;
    assert.equal(toppedUp, (1_000n - BigInt(NUM_RECORDS)) * COST);
    assert.deepEqual((await store.admin.auditLedger()).problems, []);
    assert.deepEqual(store.health(), { status: 'ready', journalDepth: 0 });
  });
}

test('an open database does not keep a process alive', (t) => {
  const dataDir = temporaryFolder(t);
  const module = new URL('./open-platform.js', import.meta.url).href;
  const program = `import { openPlatform } from ${JSON.stringify(module)};
    const store = await openPlatform({ dataDir: ${JSON.stringify(dataDir)} });
    console.log((await store.admin.listAccounts()).length);`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', program],
    { timeout: 20_000, encoding: 'utf8' },
  );
  assert.deepEqual([status, stdout], [0, '0\n'], stderr);
});
