// How much of the heap thousands of requests keep, measured in a process of its own.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const CHILD = fileURLToPath(new URL('memory-child.js', import.meta.url));

/** Bytes by which the second half of the requests made the heap grow. */
export async function heapGrowth(counts: { finished: number; aborted: number }): Promise<number> {
  const args = ['--expose-gc', CHILD, String(counts.finished), String(counts.aborted)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return Number(stdout);
}
