// How blocks lie in a folder, and what can be done to the folder as a whole: list, trim, clear. Safe
// beside running servers: files appear by renaming and are deleted by name, so a reader sees a whole
// block or none. A file's modification time is the time of its last use.
//
//   <folder>/<model>/<two digits of the key>/<key>-<depth>.kv
//
// Depth is the block's place in its chain: among blocks of equal age the ends of chains go first.

import type { Dirent, Stats } from 'node:fs';
import * as promises from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The part of node:fs/promises that the cache uses; tests put faults in. */
export type CacheFs = Pick<
  typeof promises,
  'mkdir' | 'open' | 'readdir' | 'rename' | 'rm' | 'rmdir' | 'stat' | 'utimes' | 'writeFile'
>;

export const NODE_FS: CacheFs = promises;

export interface StoredBlock {
  path: string;
  model: string;
  depth: number;
  bytes: number;
  /** Milliseconds since 1970, to ten seconds. */
  usedAt: number;
}

const BLOCK_NAME = /^[0-9a-f]{64}-(\d{1,9})\.kv$/;
const TEMPORARY_NAME = /^[0-9a-f]{64}-\d{1,9}\.kv\.[0-9a-f-]+\.tmp$/;
/** A writer that has not renamed its file by then has died. */
const ABANDONED_AFTER_MS = 10 * 60_000;

export function blockPath(folder: string, model: string, key: string, depth: number): string {
  return join(folder, model, key.slice(0, 2), `${key}-${depth}.kv`);
}

/** A folder name: readable, and different for different weights. */
export function modelFolder(id: string, fingerprint: string): string {
  return `${id.replace(/[^\w.-]/g, '_').slice(0, 80)}-${fingerprint.slice(0, 12)}`;
}

/**
 * Makes a folder and those above it that are missing. By hand: asked to do it recursively, node tells
 * of a read-only file system as ENOENT, which here means that somebody has cleared the folder.
 * @throws the system's error
 */
export async function makeFolder(path: string, fs = NODE_FS): Promise<void> {
  try {
    await fs.mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return;
    const above = dirname(path);
    if (errorCode(error) !== 'ENOENT' || above === path) throw error;
    await makeFolder(above, fs);
    await fs.mkdir(path, { mode: 0o700 }).catch((again: unknown) => {
      if (errorCode(again) !== 'EEXIST') throw again; // another writer was faster
    });
  }
}

/**
 * Every block in the folder; none when there is no folder. Removes what writers left that died.
 * @throws the system's error for a folder that cannot be read
 */
export async function listBlocks(
  folder: string,
  fs = NODE_FS,
  now = Date.now(),
): Promise<StoredBlock[]> {
  const blocks: StoredBlock[] = [];
  for (const model of await subfolders(folder, fs)) {
    for (const shard of await subfolders(join(folder, model), fs)) {
      const place = join(folder, model, shard);
      const names = (await entries(place, fs)).map(({ name }) => name);
      await Promise.all(names.map((name) => removeAbandoned(join(place, name), fs, now)));
      const found = names.map((name) => inspect(join(place, name), model, fs));
      for (const block of await Promise.all(found)) if (block) blocks.push(block);
    }
  }
  return blocks;
}

/**
 * Deletes the blocks used least recently until at most `maxBytes` are left, but none that is worth as
 * much as `incoming`, so that no block drives out its own beginning.
 */
export async function trimBlocks(
  folder: string,
  maxBytes: number,
  incoming: Age,
  fs = NODE_FS,
): Promise<{ bytesLeft: number; numDeleted: number }> {
  const blocks = await listBlocks(folder, fs);
  let bytesLeft = totalBytes(blocks);
  let numDeleted = 0;
  for (const block of blocks.toSorted(byAge)) {
    if (bytesLeft <= maxBytes || byAge(block, incoming) >= 0) break;
    await fs.rm(block.path, { force: true });
    bytesLeft -= block.bytes;
    numDeleted++;
  }
  return { bytesLeft, numDeleted };
}

type Age = Pick<StoredBlock, 'usedAt' | 'depth'>;

/** What goes first comes first. */
function byAge(a: Age, b: Age): number {
  return a.usedAt - b.usedAt || b.depth - a.depth;
}

/** Deletes every block, and the folders that are empty then; other files stay. */
export async function clearBlocks(folder: string, fs = NODE_FS): Promise<StoredBlock[]> {
  const blocks = await listBlocks(folder, fs);
  for (const { path } of blocks) await fs.rm(path, { force: true });
  for (const model of await subfolders(folder, fs)) {
    for (const shard of await subfolders(join(folder, model), fs)) {
      await removeIfEmpty(join(folder, model, shard), fs);
    }
    await removeIfEmpty(join(folder, model), fs);
  }
  return blocks;
}

export function totalBytes(blocks: readonly StoredBlock[]): number {
  return blocks.reduce((sum, { bytes }) => sum + bytes, 0);
}

async function inspect(path: string, model: string, fs: CacheFs): Promise<StoredBlock | undefined> {
  const depth = BLOCK_NAME.exec(basename(path))?.[1];
  if (depth === undefined) return undefined; // not ours
  const stats = await unlessMissing<Stats | undefined>(fs.stat(path), undefined);
  if (!stats?.isFile()) return undefined;
  return { path, model, depth: Number(depth), bytes: stats.size, usedAt: stats.mtimeMs };
}

async function removeAbandoned(path: string, fs: CacheFs, now: number): Promise<void> {
  if (!TEMPORARY_NAME.test(basename(path))) return;
  const stats = await unlessMissing<Stats | undefined>(fs.stat(path), undefined);
  // ctime, for mtime is set to the time of use.
  if (stats && now - stats.ctimeMs > ABANDONED_AFTER_MS) await fs.rm(path, { force: true });
}

async function subfolders(path: string, fs: CacheFs): Promise<string[]> {
  return (await entries(path, fs)).filter((e) => e.isDirectory()).map(({ name }) => name);
}

function entries(path: string, fs: CacheFs): Promise<Dirent[]> {
  return unlessMissing(fs.readdir(path, { withFileTypes: true }), []);
}

/** Others delete too: what is gone is not an error. */
async function unlessMissing<T>(result: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await result;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return otherwise;
    throw error;
  }
}

async function removeIfEmpty(path: string, fs: CacheFs): Promise<void> {
  try {
    await fs.rmdir(path);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(errorCode(error) ?? '')) throw error;
  }
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
