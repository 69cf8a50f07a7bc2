// What can be set of the context cache, and what it is when nothing is set. Plain data: it travels to
// the engine child.

import { totalmem } from 'node:os';

const MiB = 1024 ** 2;
const MIN_DEFAULT_RAM_BYTES = 64 * MiB;
const MAX_DEFAULT_RAM_BYTES = 4096 * MiB;
/** Of the memory that this process may use. */
const DEFAULT_RAM_SHARE = 1 / 8;

export interface CacheOptions {
  /** Bytes of blocks kept in memory. Default: an eighth of the memory, 64 MiB to 4 GiB. */
  ramBytes?: number;
  /** Folder in which blocks survive a restart; servers may share it. Default: memory only. */
  folder?: string;
  /** Bytes of files in that folder, all models together. Default: 4 GiB. */
  diskBytes?: number;
}

/** Within a server's data folder. */
export const CACHE_FOLDER = 'cache';
export const DEFAULT_DISK_BYTES = 4096 * MiB;

export function ramBytesOf({ ramBytes }: CacheOptions, memory = usableMemory()): number {
  if (ramBytes !== undefined) return ramBytes;
  const share = Math.floor(memory * DEFAULT_RAM_SHARE);
  return Math.min(Math.max(share, MIN_DEFAULT_RAM_BYTES), MAX_DEFAULT_RAM_BYTES);
}

/** The machine's memory, or the container's limit where there is one. */
function usableMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
