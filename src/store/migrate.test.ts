// Migrations run once, in order, and a changed or unknown one stops the start.

import assert from 'node:assert/strict';
import test from 'node:test';
import { sql } from 'kysely';
import { storePlaces } from '../../test/helpers/store-places.js';
import { openLibsql } from './libsql-engine.js';
import { migrate } from './migrate.js';
import type { Migration } from './migrations.js';
import { openPostgres } from './postgres-engine.js';

const FIRST: Migration = {
  name: '0001-first',
  statements: ['CREATE TABLE things (id TEXT PRIMARY KEY)', '!append-only things'],
};
const SECOND: Migration = { name: '0002-second', statements: ["INSERT INTO things VALUES ('a')"] };

for (const place of storePlaces()) {
  test(`migrations on ${place.name}`, { skip: place.missing }, async (t) => {
    const { databaseUrl } = await place.fresh();
    const open = place.name === 'postgres' ? openPostgres : openLibsql;
    const engine = await open(databaseUrl);
    t.after(async () => {
      await engine.close();
      await place.remove();
    });
    const numThings = async () => (await sql`SELECT id FROM things`.execute(engine.db)).rows.length;

    await t.test('each step runs once', async () => {
      await migrate(engine, [FIRST]);
      await Promise.all([migrate(engine, [FIRST, SECOND]), migrate(engine, [FIRST, SECOND])]);
      assert.equal(await numThings(), 1);
    });
    await t.test('the same text with other white space is the same step', async () => {
      const spaced = { ...SECOND, statements: ["INSERT  INTO things\n VALUES ('a')"] };
      await migrate(engine, [FIRST, spaced]);
      assert.equal(await numThings(), 1);
    });
    await t.test('an edited step is named', async () => {
      const edited = { ...SECOND, statements: ["INSERT INTO things VALUES ('b')"] };
      await assert.rejects(
        migrate(engine, [FIRST, edited]),
        /migration 0002-second was applied with hash .* edited after its release/,
      );
    });
    await t.test("a newer version's step is named", async () => {
      await assert.rejects(migrate(engine, [FIRST]), /0002-second, which this version .* not know/);
    });
    await t.test('a step that fails leaves nothing behind', async () => {
      const broken = { name: '0003', statements: ['CREATE TABLE half (id TEXT)', 'NONSENSE'] };
      await assert.rejects(migrate(engine, [FIRST, SECOND, broken]));
      await assert.rejects(sql`SELECT id FROM half`.execute(engine.db));
    });
  });
}
