// Brings a database to the newest schema, each step in a transaction of its own, and refuses one
// whose history is not ours. Two processes may start at once: the second finds the work done.

import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { type Migration, MIGRATIONS } from './migrations.js';
import type { Trx } from './schema.js';
import type { SqlEngine } from './sql-engine.js';

/** The database's history is not this program's. Never fixed by trying again. */
export class MigrationError extends Error {
  override name = 'MigrationError';
}

/**
 * @throws MigrationError when an applied step is unknown here or its text has changed since.
 */
export async function migrate(
  engine: SqlEngine,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  await inWriteTransaction(engine, async (trx) => {
    await sql`CREATE TABLE IF NOT EXISTS migrations (
      name TEXT PRIMARY KEY, hash TEXT NOT NULL, applied_at BIGINT NOT NULL
    )`.execute(trx);
  });
  for (const migration of migrations) {
    await inWriteTransaction(engine, async (trx) => {
      const applied = await appliedSteps(trx);
      checkHistory(applied, migrations);
      if (!applied.has(migration.name)) await applyStep(engine, trx, migration);
    });
  }
}

async function inWriteTransaction(
  engine: SqlEngine,
  action: (trx: Trx) => Promise<void>,
): Promise<void> {
  await engine.db.transaction().execute(async (trx) => {
    await engine.lockWriters(trx);
    await action(trx);
  });
}

async function applyStep(engine: SqlEngine, trx: Trx, migration: Migration): Promise<void> {
  for (const statement of migration.statements) {
    const [, table] = /^!append-only (\w+)$/.exec(statement) ?? [];
    const texts = table === undefined ? [statement] : engine.appendOnly(table);
    for (const text of texts) await sql.raw(text).execute(trx);
  }
  await sql`INSERT INTO migrations (name, hash, applied_at)
    VALUES (${migration.name}, ${hashOf(migration)}, ${Date.now()})`.execute(trx);
}

async function appliedSteps(trx: Trx): Promise<Map<string, string>> {
  const { rows } = await sql<{ name: string; hash: string }>`
    SELECT name, hash FROM migrations ORDER BY name`.execute(trx);
  return new Map(rows.map(({ name, hash }) => [name, hash]));
}

function checkHistory(applied: Map<string, string>, migrations: readonly Migration[]): void {
  const hashes = new Map(migrations.map((migration) => [migration.name, hashOf(migration)]));
  for (const [name, hash] of applied) {
    const expected = hashes.get(name);
    if (expected === undefined) {
      throw new MigrationError(
        `the database has had migration ${name}, which this version of hadal does not know: ` +
          'it was used by a newer one; start that version, or restore a backup',
      );
    }
    if (expected !== hash) {
      throw new MigrationError(
        `migration ${name} was applied with hash ${hash.slice(0, 12)}, but its text here hashes ` +
          `to ${expected.slice(0, 12)}: it was edited after its release; restore its text and add ` +
          'a new migration instead',
      );
    }
  }
}

/** Of the text before it is written per database, white space aside: the same on both. */
function hashOf({ name, statements }: Migration): string {
  const text = [name, ...statements.map((statement) => statement.replaceAll(/\s+/g, ' ').trim())];
  return createHash('sha256').update(text.join('\n')).digest('hex');
}
