// Writes blocks to a cache folder until it is killed; says when it is busy writing.
// Arguments: folder, bytes of a block's rows, `racing` (as fast as it can) or `halfway` (stops in the
// middle of a file).

import * as promises from 'node:fs/promises';
import { DiskTier } from '../../src/engine/prefix-cache/disk-tier.js';
import type { CacheFs } from '../../src/engine/prefix-cache/cache-folder.js';
import { writtenKey, writtenRows } from './written-blocks.js';

const [folder, size, manner] = process.argv.slice(2) as [string, string, 'racing' | 'halfway'];
const blockBytes = Number(size);
let numWritten = 0;

const stoppingHalfway: CacheFs = {
  ...promises,
  async writeFile(path, data, options) {
    if (numWritten < 3) return promises.writeFile(path, data, options);
    const [header, rows] = data as Uint8Array[];
    await promises.writeFile(path, [header!, rows!.subarray(0, blockBytes / 2)], options);
    process.stdout.write('writing\n');
    // The timer keeps the process alive, the promise keeps it from going on.
    setInterval(() => {}, 60_000);
    return new Promise<never>(() => {});
  },
};

const tier = new DiskTier({
  folder,
  model: 'killed',
  blockBytes,
  maxBytes: 1 << 30,
  onWarning: (warning) => {
    throw new Error(warning);
  },
  ...(manner === 'halfway' && { fs: stoppingHalfway }),
});

const first = (await promises.readdir(folder, { recursive: true })).length;
for (; ; numWritten++) {
  tier.use([writtenKey(first + numWritten)], (key) => writtenRows(key, blockBytes));
  await tier.flush();
  if (manner === 'racing' && numWritten === 3) process.stdout.write('writing\n');
}
