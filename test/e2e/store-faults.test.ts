// kill -9 and databases that go away: what was acknowledged is billed once, whatever happens.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { openPlatform } from '../../src/store/open-platform.js';
import type { PlatformStore } from '../../src/store/platform-store.js';
import { PlatformUnavailableError } from '../../src/store/types.js';
import { type StorePlace, storePlaces, usageRecord } from '../helpers/store-places.js';

const COST = 64n * 200n + 36n * 2_000n + 10n * 3_000n;
const CHILD = fileURLToPath(new URL('../helpers/store-crash-child.js', import.meta.url));

for (const place of storePlaces().filter(({ name }) => name !== 'memory')) {
  test(`faults on ${place.name}`, { skip: place.missing }, async (t) => {
    t.after(() => place.remove());
    await t.test('kill -9 loses nothing that was acknowledged', () => killTwice(place));
    await t.test('the database goes away and comes back', () => outage(place));
    await t.test('memory stands in for a limited time only', () => graceTime(place));
    await t.test('a full journal refuses, and the store says so', () => fullJournal(place));
  });
}

/** Twice, so that the second child also takes over what the first left. */
async function killTwice(place: StorePlace): Promise<void> {
  const places = await place.fresh();
  const before = await openPlatform(places);
  const account = await before.admin.createAccount({ name: 'alice' });
  await before.close();
  const acknowledged: string[] = [];
  for (const numRecords of [300, 1_500]) {
    acknowledged.push(...(await recordAndKill(places, account.id, numRecords)));
  }
  const store = await openPlatform(places);
  try {
    const [usage] = await store.admin.usage({ groupBy: 'model' });
    const { problems, numUsageRecords } = await store.admin.auditLedger();
    assert.deepEqual(problems, []);
    const balance = await store.balance(account.id);
    assert.equal(balance.infos[0]!.toppedUp, -COST * BigInt(numUsageRecords));
    assert.equal(usage!.requests, numUsageRecords);
    const rows = await store.admin.ledger({ accountId: account.id, limit: 10_000 });
    assert.equal(rows.length, 2 * numUsageRecords);
    // Recording them again adds nothing, so each of them was there.
    const repeated = acknowledged.map((requestId) =>
      store.record(usageRecord({ requestId, accountId: account.id })),
    );
    await Promise.all(repeated);
    const after = await store.admin.usage({ groupBy: 'model' });
    assert.ok(numUsageRecords >= acknowledged.length);
    assert.ok(numUsageRecords <= acknowledged.length + 2 * 32, 'unfinished requests were billed');
    assert.equal(after[0]!.requests, numUsageRecords);
  } finally {
    await store.close();
  }
  assert.deepEqual(readdirSync(join(places.dataDir, 'journal')), []);
}

function recordAndKill(
  { databaseUrl, dataDir }: { databaseUrl: string; dataDir: string },
  accountId: string,
  numRecords: number,
): Promise<string[]> {
  const child = spawn(process.execPath, [CHILD, databaseUrl, dataDir, accountId], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (output.split('\n').length > numRecords) child.kill('SIGKILL');
  });
  return new Promise((resolve) => {
    child.once('close', () => resolve(output.split('\n').slice(0, -1)));
  });
}

interface Known {
  store: PlatformStore;
  accountId: string;
  key: string;
  places: { databaseUrl: string; dataDir: string };
}

async function knownKey(place: StorePlace, options = {}): Promise<Known> {
  const places = await place.fresh();
  const store = await openPlatform({ ...places, ...options });
  const { id: accountId } = await store.admin.createAccount({ name: 'alice' });
  const { key } = await store.admin.createKey({ accountId });
  await store.admin.topUp({ accountId, currency: 'CNY', amount: 1_000n * COST });
  assert.equal((await store.identify(key))?.canSpend, true);
  return { store, accountId, key, places };
}

/** PostgreSQL is stopped; the file of libSQL is moved away with what belongs to it. */
async function takeAway(place: StorePlace, { dataDir }: { dataDir: string }) {
  if (place.name === 'postgres') {
    await place.postgres().stop();
    return () => place.postgres().start();
  }
  const move = (from: string, to: string) => {
    for (const end of ['', '-wal', '-shm']) {
      const path = join(dataDir, `${from}${end}`);
      if (existsSync(path)) renameSync(path, join(dataDir, `${to}${end}`));
    }
  };
  move('hadal.db', 'away.db');
  return async () => move('away.db', 'hadal.db');
}

async function outage(place: StorePlace): Promise<void> {
  const { store, accountId, key, places } = await knownKey(place);
  try {
    const bringBack = await takeAway(place, places);
    assert.equal((await store.identify(key))?.accountId, accountId);
    await assert.rejects(store.identify('sk-never-seen'), PlatformUnavailableError);
    await assert.rejects(store.balance(accountId), PlatformUnavailableError);
    const ids = Array.from({ length: 500 }, (_, n) => `r${n}`);
    await Promise.all(ids.map((requestId) => store.record(usageRecord({ requestId, accountId }))));
    await assert.rejects(store.admin.usage({ groupBy: 'day' }), PlatformUnavailableError);
    const { status, detail, journalDepth } = store.health();
    assert.equal(status, 'degraded', detail);
    assert.equal(journalDepth, 500);
    await bringBack();
    await until(
      () => store.health().status === 'ready' && store.health().journalDepth === 0,
      8_000,
    );
    const balance = await store.balance(accountId);
    assert.equal(balance.infos[0]!.toppedUp, 500n * COST);
    assert.equal(await store.identify('sk-never-seen'), undefined);
    assert.deepEqual((await store.admin.auditLedger()).problems, []);
  } finally {
    await store.close();
  }
}

async function graceTime(place: StorePlace): Promise<void> {
  const clock = { now: Date.now() };
  const { store, key, places } = await knownKey(place, { now: () => clock.now, graceMs: 60_000 });
  const bringBack = await takeAway(place, places);
  try {
    await assert.rejects(store.identify('sk-never-seen'), PlatformUnavailableError);
    clock.now += 59_000;
    assert.ok(await store.identify(key));
    clock.now += 2_000;
    await assert.rejects(store.identify(key), PlatformUnavailableError);
    assert.equal(store.health().status, 'down');
  } finally {
    await bringBack();
    await store.close();
  }
}

async function fullJournal(place: StorePlace): Promise<void> {
  const { store, accountId, places } = await knownKey(place, { maxJournalBytes: 2_000 });
  const bringBack = await takeAway(place, places);
  try {
    let numTaken = 0;
    await assert.rejects(async () => {
      for (; numTaken < 100; numTaken += 1) {
        await store.record(usageRecord({ requestId: `r${numTaken}`, accountId }));
      }
    }, /PlatformUnavailableError: the journal is full/);
    assert.ok(numTaken > 3);
    assert.equal(store.health().status, 'down');
    await bringBack();
    await until(() => store.health().journalDepth === 0, 8_000);
    await store.record(usageRecord({ requestId: 'again', accountId }));
    assert.equal((await store.admin.usage({ groupBy: 'day' }))[0]!.requests, numTaken + 1);
  } finally {
    await store.close();
  }
}

async function until(condition: () => boolean, limitMs: number): Promise<void> {
  const start = Date.now();
  while (!condition()) {
    assert.ok(Date.now() - start < limitMs, `not within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
