// The databases that every store test runs on. A place gives fresh databases; two stores opened with
// the same options share one, as two processes do.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PlatformOptions } from '../../src/store/open-platform.js';
import type { UsageRecord } from '../../src/store/types.js';
import { missingPostgres, startPostgres, type TestPostgres } from './postgres.js';

export interface StorePlace {
  name: 'memory' | 'file' | 'postgres';
  /** Why its tests are skipped. */
  missing: string | undefined;
  fresh(): Promise<Required<Pick<PlatformOptions, 'databaseUrl' | 'dataDir'>>>;
  remove(): Promise<void>;
  postgres(): TestPostgres;
}

export function storePlaces(): StorePlace[] {
  const folders: string[] = [];
  let postgres: Promise<TestPostgres> | undefined;
  let server: TestPostgres | undefined;
  const folder = () => {
    const path = mkdtempSync(join(tmpdir(), 'hadal-store-'));
    folders.push(path);
    return path;
  };
  const removeFolders = () => {
    for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
  };
  const noServer = () => {
    throw new Error('this place is no PostgreSQL');
  };
  return [
    {
      name: 'memory',
      missing: undefined,
      fresh: async () => ({ databaseUrl: ':memory:', dataDir: folder() }),
      remove: async () => removeFolders(),
      postgres: noServer,
    },
    {
      name: 'file',
      missing: undefined,
      fresh: async () => {
        const dataDir = folder();
        return { databaseUrl: pathToFileURL(join(dataDir, 'hadal.db')).href, dataDir };
      },
      remove: async () => removeFolders(),
      postgres: noServer,
    },
    {
      name: 'postgres',
      missing: missingPostgres(),
      fresh: async () => {
        server = await (postgres ??= startPostgres());
        return { databaseUrl: await server.createDatabase(), dataDir: folder() };
      },
      remove: async () => {
        removeFolders();
        await server?.remove();
      },
      postgres: () => server ?? noServer(),
    },
  ];
}

/** A finished request; everything that matters can be replaced. */
export function usageRecord(
  replace: Partial<UsageRecord> & Pick<UsageRecord, 'requestId' | 'accountId'>,
): UsageRecord {
  return {
    keyId: 'key_test',
    door: 'openai',
    model: 'deepseek-chat',
    startedAt: new Date('2026-01-02T03:04:05Z'),
    finishedAt: new Date('2026-01-02T03:04:06Z'),
    finishReason: 'stop',
    stream: false,
    promptTokens: 100,
    cacheHitTokens: 64,
    completionTokens: 10,
    reasoningTokens: 0,
    ...replace,
  };
}
