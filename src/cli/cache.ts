// `hadal cache`: what the context cache keeps on disk, and its removal. Works beside a running server:
// blocks that vanish are misses for it.

import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { CACHE_FOLDER } from '../engine/prefix-cache/cache-options.js';
import {
  clearBlocks,
  listBlocks,
  totalBytes,
  type StoredBlock,
} from '../engine/prefix-cache/cache-folder.js';
import { defaultDataDir } from '../store/data-dir.js';
import { shownBytes } from './options.js';
import { print, table } from './store-options.js';

interface CacheCommandOptions {
  dataDir?: string;
  json?: boolean;
}

export function registerCache(program: Command): void {
  const cache = program.command('cache').description('the context cache on disk');
  withFolder(cache.command('stat').description('show what it holds')).action(stat);
  withFolder(cache.command('clear').description('delete all of it')).action(clear);
}

function withFolder(command: Command): Command {
  return command
    .addOption(
      new Option('--data-dir <path>', "the server's data folder (default: ~/.hadal)").env(
        'HADAL_HOME',
      ),
    )
    .option('--json', 'print JSON');
}

async function stat(options: CacheCommandOptions): Promise<void> {
  const folder = folderOf(options);
  const models = summarise(await listBlocks(folder));
  const blocks = models.reduce((sum, model) => sum + model.blocks, 0);
  const bytes = models.reduce((sum, model) => sum + model.bytes, 0);
  print(options, { folder, blocks, bytes, models }, () => {
    const rows = models.map((one) => [
      one.model,
      String(one.blocks),
      shownBytes(one.bytes),
      one.oldest.slice(0, 16),
      one.newest.slice(0, 16),
    ]);
    const head = `${folder}: ${countOf(blocks)}, ${shownBytes(bytes)}`;
    if (rows.length === 0) return head;
    return `${head}\n\n${table(['model', 'blocks', 'size', 'oldest use', 'newest use'], rows, 1)}`;
  });
}

async function clear(options: CacheCommandOptions): Promise<void> {
  const folder = folderOf(options);
  const removed = await clearBlocks(folder);
  const bytes = totalBytes(removed);
  print(options, { folder, blocks: removed.length, bytes }, () => {
    return `deleted ${countOf(removed.length)}, ${shownBytes(bytes)}, from ${folder}`;
  });
}

interface ModelSummary {
  model: string;
  blocks: number;
  bytes: number;
  /** ISO time of the least and the most recent use, to the minute. */
  oldest: string;
  newest: string;
}

function summarise(blocks: readonly StoredBlock[]): ModelSummary[] {
  const models = new Set(blocks.map(({ model }) => model));
  return [...models].map((model) => {
    const ofModel = blocks.filter((block) => block.model === model);
    const uses = ofModel.map(({ usedAt }) => usedAt).toSorted((a, b) => a - b);
    return {
      model,
      blocks: ofModel.length,
      bytes: totalBytes(ofModel),
      oldest: new Date(uses[0]!).toISOString(),
      newest: new Date(uses.at(-1)!).toISOString(),
    };
  });
}

/** An empty variable is one that is not set, in effect. */
function folderOf({ dataDir }: CacheCommandOptions): string {
  return join(dataDir || defaultDataDir(), CACHE_FOLDER);
}

function countOf(blocks: number): string {
  return `${blocks} ${blocks === 1 ? 'block' : 'blocks'}`;
}
