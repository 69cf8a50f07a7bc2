// `hadal cache stat` and `clear` over a folder as a server leaves it.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { blockPath } from '../../src/engine/prefix-cache/cache-folder.js';

const COMMANDS = fileURLToPath(new URL('../helpers/store-cli.js', import.meta.url));

/** Runs the command and returns what it prints. */
async function run(...args: string[]): Promise<string> {
  return (await promisify(execFile)(process.execPath, [COMMANDS, 'cache', ...args])).stdout;
}

/** A data folder with two models' blocks: [model, depth, bytes, minute of use]. */
function dataFolder(t: TestContext, blocks: [string, number, number, number][]): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'hadal-cache-command-'));
  t.after(() => rmSync(dataDir, { recursive: true }));
  for (const [model, depth, bytes, minute] of blocks) {
    const key = `${depth}`.repeat(64);
    const path = blockPath(join(dataDir, 'cache'), model, key, depth);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, new Uint8Array(bytes));
    utimesSync(path, minute * 60, minute * 60);
  }
  return dataDir;
}

test('stat shows models, sizes and times of use; clear leaves nothing', async (t) => {
  const dataDir = dataFolder(t, [
    ['mini-0123456789ab', 0, 1024, 10],
    ['mini-0123456789ab', 1, 1024, 5],
    ['other-ba9876543210', 0, 512, 7],
  ]);
  const at = ['--data-dir', dataDir];
  const folder = join(dataDir, 'cache');
  assert.deepEqual(JSON.parse(await run('stat', ...at, '--json')), {
    folder,
    blocks: 3,
    bytes: 2560,
    models: [
      {
        model: 'mini-0123456789ab',
        blocks: 2,
        bytes: 2048,
        oldest: '1970-01-01T00:05:00.000Z',
        newest: '1970-01-01T00:10:00.000Z',
      },
      {
        model: 'other-ba9876543210',
        blocks: 1,
        bytes: 512,
        oldest: '1970-01-01T00:07:00.000Z',
        newest: '1970-01-01T00:07:00.000Z',
      },
    ],
  });
  const text = await run('stat', ...at);
  assert.match(text, /3 blocks, 2\.5 KiB/);
  assert.match(text, /mini-0123456789ab +2 +2\.0 KiB +1970-01-01T00:05 +1970-01-01T00:10/);
  assert.match(await run('clear', ...at), /deleted 3 blocks, 2\.5 KiB/);
  assert.equal(await run('stat', ...at), `${folder}: 0 blocks, 0 bytes\n`);
  assert.deepEqual(JSON.parse(await run('clear', ...at, '--json')), {
    folder,
    blocks: 0,
    bytes: 0,
  });
});

test('a folder that never was is an empty cache', async () => {
  const dataDir = join(tmpdir(), 'hadal-no-such-folder');
  assert.match(await run('stat', '--data-dir', dataDir), /: 0 blocks, 0 bytes\n$/);
});
