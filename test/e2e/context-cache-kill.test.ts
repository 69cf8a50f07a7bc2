// A process that is killed while it writes blocks: what it leaves opens, serves, and takes new blocks.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { listBlocks } from '../../src/engine/prefix-cache/cache-folder.js';
import { DiskTier } from '../../src/engine/prefix-cache/disk-tier.js';
import { writtenKey, writtenRows } from '../helpers/written-blocks.js';

const CHILD = fileURLToPath(new URL('../helpers/cache-writer-child.js', import.meta.url));
const BLOCK_BYTES = 1 << 20;

test('kill -9 in the middle of writing leaves whole blocks and no others', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-cache-kill-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const manner of ['racing', 'halfway', 'racing', 'halfway']) {
    const child = spawn(process.execPath, [CHILD, folder, String(BLOCK_BYTES), manner]);
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  const left = await readdir(folder, { recursive: true });
  assert.ok(left.filter((name) => name.endsWith('.tmp')).length >= 2, 'files were half-written');

  const warnings: string[] = [];
  const tier = new DiskTier({
    folder,
    model: 'killed',
    blockBytes: BLOCK_BYTES,
    maxBytes: 1 << 30,
    onWarning: (warning) => warnings.push(warning),
  });
  const blocks = await listBlocks(folder);
  assert.ok(blocks.length >= 14, `${blocks.length} blocks were written`);
  for (const { path } of blocks) {
    const key = basename(path).slice(0, 64);
    const rows = await tier.read(key, 0);
    assert.deepEqual(Buffer.from(rows!), Buffer.from(writtenRows(key, BLOCK_BYTES)));
  }
  const next = writtenKey(1_000_000);
  tier.use([next], (key) => writtenRows(key, BLOCK_BYTES));
  await tier.flush();
  assert.ok(await tier.read(next, 0));
  assert.deepEqual(warnings, []);
});
