// How much the processes of server and engine grow over many short requests, measured in a process of
// its own.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ResidentBytes } from './engine-memory-child.js';

const CHILD = fileURLToPath(new URL('engine-memory-child.js', import.meta.url));

export interface MemoryGrowth {
  /** Resident memory after the requests over that after the warm-up. */
  server: number;
  engine: number;
}

export async function engineMemoryGrowth(warmUp: number, requests: number): Promise<MemoryGrowth> {
  const args = ['--expose-gc', CHILD, String(warmUp), String(requests)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { before, after } = JSON.parse(stdout) as { before: ResidentBytes; after: ResidentBytes };
  return { server: after.server / before.server, engine: after.engine / before.engine };
}
