// How much memory this process may still take. Under a limit of its control group the system counts
// the group's file pages as taken, among them those of the model file that was just read or copied
// here; what of them is not in use can be had again.

import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

/** macOS calls free only what holds nothing at all, which it keeps small: files and what has long not
 *  been used make way. What it lets a program have is said nowhere; this is its bound for a GPU. */
const MACOS_SHARE = 3 / 4;

/** In bytes, for what cannot be taken back. */
export function availableMemory(): number {
  const limit = process.constrainedMemory();
  const available = process.availableMemory();
  if (process.platform === 'darwin') return Math.max(available, MACOS_SHARE * totalmem());
  if (limit === 0 || limit >= totalmem()) return available;
  return Math.min(limit, available + inactiveFilePages(readText));
}

/**
 * Bytes of file pages of this process's control group that are not in use; 0 where that is not said.
 * @param read a file as text; throws when there is none
 */
export function inactiveFilePages(read: (path: string) => string): number {
  for (const { path, key } of statistics(attempt(read, '/proc/self/cgroup') ?? '')) {
    const text = attempt(read, path);
    if (text === undefined) continue;
    return Number(new RegExp(`^${key} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  }
  return 0;
}

/**
 * Where the group's statistics may be: under its own path, or at the top for a container that sees no
 * more than its own group. Version 1 gives memory a tree and a line of its own, `4:memory:/path`;
 * version 2 has one for everything, `0::/path`.
 */
function statistics(groups: string): { path: string; key: string }[] {
  const own = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(groups);
  const [root, key] =
    own === null
      ? ['/sys/fs/cgroup', 'inactive_file']
      : ['/sys/fs/cgroup/memory', 'total_inactive_file'];
  const [, group = '/'] = own ?? /^0::(.*)$/m.exec(groups) ?? [];
  return [`${group}/`, '/'].map((folder) => ({
    path: `${root}${folder.replaceAll(/\/+/g, '/')}memory.stat`,
    key,
  }));
}

function attempt(read: (path: string) => string, path: string): string | undefined {
  try {
    return read(path);
  } catch {
    return undefined; // no control groups, or none of their files here
  }
}

function readText(path: string): string {
  return readFileSync(path, 'utf8');
}
