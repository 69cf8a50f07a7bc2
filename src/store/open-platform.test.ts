// Opening: what is made, what is refused, and with which words.

import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { defaultDatabaseUrl, defaultDataDir } from './data-dir.js';
import { openPlatform } from './open-platform.js';
import { PlatformUnavailableError } from './types.js';

test('a URL that is not understood is named without its password', async () => {
  const databaseUrl = 'mysql://root:hunter2@host/x';
  await assert.rejects(openPlatform({ databaseUrl, dataDir: tmpdir() }), (error: Error) => {
    assert.match(error.message, /"mysql:\/\/root:\*\*\*@host\/x" is not understood/);
    return true;
  });
});

test('a server that is not there, and a folder that is not there', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'hadal-open-'));
  try {
    await assert.rejects(
      openPlatform({ databaseUrl: 'postgres://x@127.0.0.1:1/x', dataDir }),
      PlatformUnavailableError,
    );
    await assert.rejects(
      openPlatform({ databaseUrl: `file:${dataDir}/no/hadal.db`, dataDir }),
      /the folder of the database file .*\/no\/hadal\.db does not exist/,
    );
    assert.deepEqual(readdirSync(dataDir), []);
  } finally {
    rmSync(dataDir, { recursive: true });
  }
});

test('the secret is made once, for its owner only; a short one is refused', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'hadal-open-'));
  const path = join(dataDir, 'secret.key');
  const warnings: string[] = [];
  const log = (level: string, message: string) => void (level === 'warn' && warnings.push(message));
  try {
    const both = [openPlatform({ dataDir }), openPlatform({ dataDir })];
    for (const store of await Promise.all(both)) await store.close();
    const secret = readFileSync(path, 'utf8');
    assert.match(secret, /^[0-9a-f]{64}\n$/);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    chmodSync(path, 0o644);
    await (await openPlatform({ dataDir, log })).close();
    assert.equal(readFileSync(path, 'utf8'), secret);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(warnings, [
      'the secret was readable by others; its permissions are corrected',
    ]);
    await assert.rejects(openPlatform({ dataDir, secret: 'short' }), /has 5 characters; give at/);
    const names = readdirSync(dataDir).filter((name) => !/-(wal|shm)$/.test(name));
    assert.deepEqual(names.toSorted(), ['hadal.db', 'journal', 'secret.key']);
    assert.deepEqual(readdirSync(join(dataDir, 'journal')), []);
  } finally {
    rmSync(dataDir, { recursive: true });
  }
});

test('the places by default, and from the environment', () => {
  assert.equal(defaultDataDir({ HADAL_HOME: '/srv/hadal' }), '/srv/hadal');
  assert.match(defaultDataDir({ HADAL_HOME: '' }), /\.hadal$/);
  assert.equal(defaultDatabaseUrl('/srv/a b', {}), 'file:///srv/a%20b/hadal.db');
  assert.equal(
    defaultDatabaseUrl('/x', { HADAL_DATABASE_URL: 'postgres://h/d' }),
    'postgres://h/d',
  );
});
