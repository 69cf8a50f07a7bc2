// Where compiled kernels lie between runs. The library is loaded into this process, so a folder or
// file that somebody else could have written is refused rather than repaired. A file that is damaged
// (another hash than the one noted beside it) is built again, and what dead builds have left is removed.

import { createHash, randomUUID } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { KernelsUnavailableError } from './kernel-compiler.js';

const SUFFIXES: Readonly<Record<string, string>> = { darwin: '.dylib', win32: '.dll' };
const SUFFIX = SUFFIXES[process.platform] ?? '.so';

/** What a build that was cut short has left. */
const TEMPORARY_NAME = /\.[0-9a-f-]{36}\.tmp(?:\.\w+)?$/;
const ABANDONED_AFTER_MS = 24 * 3600_000;

/** HADAL_KERNEL_DIR, or hadal/kernels in the user's cache folder. */
export function kernelFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { HADAL_KERNEL_DIR, XDG_CACHE_HOME } = environment;
  return HADAL_KERNEL_DIR || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'hadal', 'kernels');
}

/** The library named `key` in `folder`, built by `build` (into the file that it is given) unless it
 *  is there. Processes may race: each builds a file of its own, and renaming is atomic.
 *  @throws KernelsUnavailableError for a folder or file that cannot be trusted or written. */
export function cachedLibrary(folder: string, key: string, build: (file: string) => void): string {
  const file = join(folder, `${key}${SUFFIX}`);
  try {
    makeFolder(folder);
    assertOwn(folder, 'directory');
    if (isIntact(file)) return file;
    removeAbandoned(folder);
    const temporary = join(folder, `${key}.${randomUUID()}.tmp${SUFFIX}`);
    try {
      build(temporary);
      chmodSync(temporary, 0o700);
      noteDigest(file, temporary);
      renameSync(temporary, file);
    } finally {
      rmSync(temporary, { force: true });
    }
    return file;
  } catch (cause) {
    if (cause instanceof KernelsUnavailableError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new KernelsUnavailableError(`cannot keep kernels in ${folder}: ${reason}`, { cause });
  }
}

/** Forgets a library that cannot be loaded, so that it is built anew. A process that uses it goes on. */
export function dropLibrary(file: string): void {
  rmSync(digestFile(file), { force: true });
  rmSync(file, { force: true });
}

/** Step by step: asked to do it recursively, node 20 tries for ever in a folder like /proc that holds
 *  none. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another process was faster
  }
}

function removeAbandoned(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!TEMPORARY_NAME.test(name)) continue;
    const file = join(folder, name);
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats && Date.now() - stats.mtimeMs > ABANDONED_AFTER_MS) rmSync(file, { force: true });
  }
}

/** There, ours, and as long and as right as when it was written. */
function isIntact(file: string): boolean {
  try {
    assertOwn(file, 'file');
    assertOwn(digestFile(file), 'file');
    return readFileSync(digestFile(file), 'utf8') === digestOf(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Links are not followed: what they point to may change hands. */
function assertOwn(path: string, kind: 'directory' | 'file'): void {
  const stats = lstatSync(path);
  const isKind = kind === 'directory' ? stats.isDirectory() : stats.isFile();
  if (!isKind) throw new KernelsUnavailableError(`${path} is not a ${kind}`);
  const user = process.getuid?.();
  if (user === undefined) return; // Windows: the cache folder lies in the user's profile
  if (stats.uid !== user) {
    throw new KernelsUnavailableError(`${path} belongs to user ${stats.uid}, not to ${user}`);
  }
  if ((stats.mode & 0o022) !== 0) {
    throw new KernelsUnavailableError(`${path} can be written by others; chmod go-w it`);
  }
}

function noteDigest(file: string, built: string): void {
  const temporary = `${digestFile(file)}.${randomUUID()}.tmp`;
  try {
    writeFileSync(temporary, digestOf(built), { mode: 0o600 });
    renameSync(temporary, digestFile(file));
  } finally {
    rmSync(temporary, { force: true });
  }
}

function digestFile(file: string): string {
  return `${file}.sha256`;
}

function digestOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
