// A record that the database refuses does not hold up the others, and is not lost.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { sql } from 'kysely';
import { storePlaces, usageRecord } from '../../test/helpers/store-places.js';
import { Drainer } from './drainer.js';
import { openLibsql } from './libsql-engine.js';
import { MemoryJournal } from './memory-journal.js';
import { openPlatform } from './open-platform.js';
import { openPostgres } from './postgres-engine.js';
import { encodeUsage } from './usage-record.js';

const POISON: Record<string, string> = {
  file: `CREATE TRIGGER no_poison BEFORE INSERT ON usage_records WHEN new.model = 'poison'
    BEGIN SELECT RAISE(ABORT, 'no_poison'); END`,
  postgres: `ALTER TABLE usage_records ADD CONSTRAINT no_poison CHECK (model <> 'poison')`,
};

for (const place of storePlaces().filter(({ name }) => name !== 'memory')) {
  test(`a refused record is set aside on ${place.name}`, { skip: place.missing }, async (t) => {
    t.after(() => place.remove());
    const places = await place.fresh();
    const logged: string[] = [];
    const log = (level: string, message: string) => void logged.push(`${level} ${message}`);
    const store = await openPlatform({ ...places, log });
    const engine = await (place.name === 'postgres' ? openPostgres : openLibsql)(
      places.databaseUrl,
    );
    await sql.raw(POISON[place.name]!).execute(engine.db);
    await engine.close();
    const { id: accountId } = await store.admin.createAccount({ name: 'alice' });
    const records = Array.from({ length: 30 }, (_, n) =>
      usageRecord({ requestId: `r${n}`, accountId, ...(n % 10 === 7 && { model: 'poison' }) }),
    );
    await Promise.all(records.map((record) => store.record(record)));
    const [usage] = await store.admin.usage({ groupBy: 'model' });
    assert.equal(usage!.requests, 27);
    assert.deepEqual((await store.admin.auditLedger()).problems, []);
    const path = join(places.dataDir, 'journal', 'quarantine.jsonl');
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    const aside = lines.map((line) => JSON.parse(line) as { reason: string; usage: unknown });
    assert.deepEqual(
      aside.map((one) => one.usage),
      records.filter(({ model }) => model === 'poison').map((one) => JSON.parse(encodeUsage(one))),
    );
    assert.match(aside[0]!.reason, /no_poison/);
    assert.deepEqual(
      logged.filter((line) => line.startsWith('error')),
      Array(3).fill('error a usage record cannot be posted and is set aside'),
    );
    const { status, detail, journalDepth } = store.health();
    assert.deepEqual([status, journalDepth], ['degraded', 0]);
    assert.match(detail!, /set aside: 3, see .*quarantine\.jsonl/);
    await store.close();
    const next = await openPlatform(places);
    assert.equal(next.health().status, 'degraded'); // until a person has looked
    await next.close();
  });
}

test('a database that refuses everything keeps the records in the journal', async () => {
  const journal = new MemoryJournal(1e6);
  await journal.append(usageRecord({ requestId: 'r1', accountId: 'a' }));
  const aside: string[] = [];
  const drainer = new Drainer({
    journal,
    log: () => {},
    isBlocking: false,
    isAway: () => false,
    post: () => Promise.reject(new Error('no such table: store_state')),
    setAside: async ({ requestId }) => void aside.push(requestId),
  });
  await assert.rejects(drainer.drain(), /no such table/);
  await drainer.stop();
  assert.deepEqual([journal.depth, aside], [1, []]);
});
