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
import Database from 'libsql';
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
  const [worker] = (await once(process, 'worker')) as [Worker];
  return worker;
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
  const engine = await openLibsql(pathToFileURL(join(temporaryFolder(t), 'a.db')).href);
  t.after(() => engine.close());
  const { db } = engine;
  await sql`CREATE TABLE t (a BIGINT PRIMARY KEY, b TEXT)`.execute(db);
  const rows = [
    { a: -(2n ** 63n), b: null },
    { a: 2n ** 53n + 1n, b: 'ünï \u{1f30a}' },
    { a: 2n ** 63n - 1n, b: '' },
  ];
  for (const { a, b } of rows) await sql`INSERT INTO t VALUES (${a}, ${b})`.execute(db);
  assert.deepEqual((await sql`SELECT a, b FROM t ORDER BY a`.execute(db)).rows, rows);
  const { numAffectedRows } = await sql`UPDATE t SET b = 'x' WHERE a > 0`.execute(db);
  assert.equal(numAffectedRows, 2n);
});

test('errors keep their code, and what cannot be a parameter is named', async (t) => {
  const engine = await openLibsql(pathToFileURL(join(temporaryFolder(t), 'a.db')).href);
  t.after(() => engine.close());
  const { db } = engine;
  await sql`CREATE TABLE t (a BIGINT PRIMARY KEY)`.execute(db);
  await sql`INSERT INTO t VALUES (1)`.execute(db);
  await assert.rejects(sql`INSERT INTO t VALUES (1)`.execute(db), (error: Error) => {
    assert.match(String((error as { code?: unknown }).code), /^SQLITE_CONSTRAINT/);
    return !engine.isAway(error);
  });
  await assert.rejects(sql`INSERT INTO t VALUES (${2n ** 63n})`.execute(db), RangeError);
  await assert.rejects(sql`INSERT INTO t VALUES (${NaN})`.execute(db), RangeError);
  await assert.rejects(sql`INSERT INTO t VALUES (${true})`.execute(db), /got a boolean/);
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
  const busy = thread.execute(plain(SLOW));
  void worker.terminate();
  await assert.rejects(busy, { code: 'THREAD_GONE' });
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

/** What kills the thread, given each of its requests in place of sending it. Returns whether. */
type Killer = (
  request: ThreadRequest,
  send: () => void,
  context: { worker: Worker; path: string },
) => boolean;

const KILLERS: Record<string, Killer> = {
  'between two statements of a transaction': (request, send, { worker }) => {
    send();
    if (request.kind !== 'execute') return false;
    if (!request.statement.text.includes('INSERT INTO ledger_transactions')) return false;
    void worker.terminate();
    return true;
  },
  'before its commit': (request, send, { worker }) => {
    if (request.kind !== 'commit') {
      send();
      return false;
    }
    void worker.terminate();
    return true;
  },
  'after its commit, with the answer lost': (request, send, { worker, path }) => {
    send();
    if (request.kind !== 'commit') return false;
    // Without a turn of the event loop: the answer waits there, and is thrown away.
    while (numPosted(path) < NUM_RECORDS);
    worker.removeAllListeners('message');
    void worker.terminate();
    return true;
  },
};

function numPosted(path: string): number {
  const database = new Database(path);
  const [row] = database.prepare('SELECT count(*) AS total FROM usage_records').all() as [
    { total: number },
  ];
  database.close();
  return row.total;
}

for (const [name, kill] of Object.entries(KILLERS)) {
  test(`the thread dies ${name}: every record is billed once`, async (t) => {
    const dataDir = temporaryFolder(t);
    const starting = nextWorker();
    const store = await openPlatform({ dataDir });
    t.after(() => store.close());
    const worker = await starting;
    const { id: accountId } = await store.admin.createAccount({ name: 'alice' });
    const { key } = await store.admin.createKey({ accountId });
    await store.admin.topUp({ accountId, currency: 'CNY', amount: 1_000n * COST });
    assert.ok(await store.identify(key));
    const ids = Array.from({ length: NUM_RECORDS }, (_, n) => `r${n}`);

    let isKilled = false;
    const post = worker.postMessage.bind(worker);
    const path = join(dataDir, 'hadal.db');
    worker.postMessage = (request: ThreadRequest) => {
      const send = () => post(request);
      if (isKilled) send();
      else isKilled = kill(request, send, { worker, path });
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
