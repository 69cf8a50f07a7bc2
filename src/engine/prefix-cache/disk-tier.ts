// Blocks on disk under a byte budget: what survives a restart. Reading checks everything and answers
// with a miss when anything is wrong; writing happens later, one file at a time, under another name
// until it is whole. Contract: nothing here throws or rejects; a problem is one warning of its kind.
// Several processes may share a folder: equal names mean equal content, whoever writes it.

import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { BlockFileError, blockHeader, HEADER_BYTES, rowsOfFile } from './block-file.js';
import {
  blockPath,
  errorCode,
  listBlocks,
  makeFolder,
  NODE_FS,
  totalBytes,
  trimBlocks,
  type CacheFs,
} from './cache-folder.js';

/** Times of use are kept this exactly, so that a busy prefix is not touched at every request. */
const USE_QUANTUM_MS = 10_000;
/** Rows waiting to be written; more are not kept. */
const MAX_PENDING_BYTES = 64 << 20;
/** After a failed write nothing is written for this long: a full disk stays full for a while. */
const PAUSE_MS = 60_000;
/** Trimming goes a little below the budget, so that it is not needed again at once. */
const TRIM_TO = 0.9;
/** Share of the budget that this process writes before it looks what others have written. */
const RECOUNT_SHARE = 1 / 8;
const MAX_REMEMBERED_USES = 100_000;

export interface DiskTierOptions {
  folder: string;
  /** Folder of this model within it, see modelFolder. */
  model: string;
  /** Bytes of a block's rows. */
  blockBytes: number;
  maxBytes: number;
  onWarning: (warning: string) => void;
  fs?: CacheFs;
  /** Milliseconds since 1970. */
  now?: () => number;
}

interface Job {
  path: string;
  key: string;
  depth: number;
  usedAt: number;
  /** Written when the file is not there; absent = only its time of use is noted. */
  rows: Uint8Array | undefined;
}

export class DiskTier {
  readonly #options: DiskTierOptions;
  readonly #fs: CacheFs;
  readonly #now: () => number;
  readonly #writerId = randomUUID();
  readonly #jobs: Job[] = [];
  readonly #lastUse = new Map<string, number>();
  readonly #warned = new Set<string>();
  #pendingBytes = 0;
  #work: Promise<void> | undefined;
  #folderBytes: number | undefined;
  #writtenSinceCount = 0;
  #numEvicted = 0;
  #pausedUntil = 0;
  /** Time of use at which everything in the folder was as new; looking again would cost a listing. */
  #fullAt: number | undefined;

  constructor(options: DiskTierOptions) {
    this.#options = options;
    this.#fs = options.fs ?? NODE_FS;
    this.#now = options.now ?? Date.now;
  }

  /** Bytes in the folder, other processes' blocks too; as of the last look, undefined before the first. */
  get byteLength(): number | undefined {
    return this.#folderBytes;
  }

  /** Blocks that this process deleted to keep the budget. */
  get numEvicted(): number {
    return this.#numEvicted;
  }

  /** Looks how much is there, so that it can be told before anything is written. */
  async look(): Promise<void> {
    try {
      const bytes = totalBytes(await listBlocks(this.#options.folder, this.#fs));
      this.#folderBytes ??= bytes; // writing may have looked meanwhile
    } catch (error) {
      this.#warn('unreadable', `blocks cannot be read: ${messageOf(error)}`);
    }
  }

  /** The rows of a block; undefined = a miss, for whatever reason. */
  async read(key: string, depth: number): Promise<Uint8Array | undefined> {
    const path = this.#path(key, depth);
    try {
      return rowsOfFile(await this.#readFile(path), key, this.#options.blockBytes);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      if (error instanceof BlockFileError) {
        this.#warn('damaged', `${path} is not a valid block and is deleted: ${error.message}`);
        await this.#fs.rm(path, { force: true }).catch(() => {}); // or it is refused again
      } else {
        this.#warn('unreadable', `blocks cannot be read: ${messageOf(error)}`);
      }
      return undefined;
    }
  }

  /**
   * Notes that a chain is in use, root first, and writes what is not there. Returns at once.
   * @param rowsOf the rows of a block if they are at hand
   */
  use(chain: readonly string[], rowsOf: (key: string) => Uint8Array | undefined): void {
    if (this.#now() < this.#pausedUntil) return;
    const usedAt = Math.floor(this.#now() / USE_QUANTUM_MS) * USE_QUANTUM_MS;
    if (this.#lastUse.size > MAX_REMEMBERED_USES) this.#lastUse.clear();
    for (const [depth, key] of chain.entries()) {
      if (this.#lastUse.get(key) === usedAt) continue;
      const rows = rowsOf(key);
      const size = rows?.byteLength ?? 0;
      if (this.#pendingBytes + size > MAX_PENDING_BYTES) break; // what follows would be stranded
      this.#pendingBytes += size;
      this.#lastUse.set(key, usedAt);
      this.#jobs.push({ path: this.#path(key, depth), key, depth, usedAt, rows });
    }
    this.#work ??= this.#runJobs();
  }

  /** Resolves when everything noted so far is on disk or given up. */
  async flush(): Promise<void> {
    await this.#work;
  }

  #path(key: string, depth: number): string {
    return blockPath(this.#options.folder, this.#options.model, key, depth);
  }

  async #readFile(path: string): Promise<Buffer> {
    const size = HEADER_BYTES + this.#options.blockBytes;
    const file = await this.#fs.open(path, 'r');
    try {
      // One byte more than there should be: a longer file is as wrong as a shorter one.
      const { bytesRead, buffer } = await file.read(
        Buffer.allocUnsafeSlow(size + 1),
        0,
        size + 1,
        0,
      );
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  async #runJobs(): Promise<void> {
    // The caller goes on first; jobs it adds meanwhile are done too.
    await Promise.resolve();
    for (let job = this.#jobs.shift(); job; job = this.#jobs.shift()) {
      this.#pendingBytes -= job.rows?.byteLength ?? 0;
      try {
        if (this.#now() >= this.#pausedUntil) await this.#run(job);
        else this.#lastUse.delete(job.key);
      } catch (error) {
        this.#lastUse.delete(job.key);
        if (errorCode(error) === 'ENOENT') continue; // the folder has just been cleared
        this.#pausedUntil = this.#now() + PAUSE_MS;
        this.#warn('unwritable', `blocks cannot be written: ${messageOf(error)}`);
      }
    }
    this.#work = undefined;
  }

  async #run(job: Job): Promise<void> {
    const { path, key, usedAt, rows } = job;
    const time = usedAt / 1000;
    try {
      return await this.#fs.utimes(path, time, time);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
    if (!rows || !(await this.#makeRoom(HEADER_BYTES + rows.byteLength, job))) {
      this.#lastUse.delete(key);
      return;
    }
    const temporary = `${path}.${this.#writerId}.tmp`;
    try {
      await makeFolder(dirname(path), this.#fs);
      const parts = [blockHeader(key, rows), rows];
      await this.#fs.writeFile(temporary, parts, { mode: 0o600 });
      await this.#fs.utimes(temporary, time, time);
      await this.#fs.rename(temporary, path);
    } catch (error) {
      await this.#fs.rm(temporary, { force: true }).catch(() => {}); // listing removes it later
      throw error;
    }
    this.#folderBytes! += HEADER_BYTES + rows.byteLength;
    this.#writtenSinceCount += HEADER_BYTES + rows.byteLength;
  }

  /** False when only what is worth more could make room for this block. */
  async #makeRoom(size: number, { usedAt, depth }: Job): Promise<boolean> {
    const { folder, maxBytes } = this.#options;
    if (size > maxBytes || usedAt === this.#fullAt) return false;
    if (this.#folderBytes === undefined || this.#writtenSinceCount > maxBytes * RECOUNT_SHARE) {
      this.#folderBytes = totalBytes(await listBlocks(folder, this.#fs));
      this.#writtenSinceCount = 0;
    }
    if (this.#folderBytes + size > maxBytes) {
      const goal = Math.min(maxBytes * TRIM_TO, maxBytes - size);
      const trimmed = await trimBlocks(folder, goal, { usedAt, depth }, this.#fs);
      this.#folderBytes = trimmed.bytesLeft;
      this.#numEvicted += trimmed.numDeleted;
      this.#writtenSinceCount = 0;
    }
    const fits = this.#folderBytes + size <= maxBytes;
    if (!fits) this.#fullAt = usedAt;
    return fits;
  }

  #warn(kind: string, warning: string): void {
    if (this.#warned.has(kind)) return;
    this.#warned.add(kind);
    this.#options.onWarning(`context cache on disk: ${warning}; going on without`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
