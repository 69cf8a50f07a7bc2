// How late the event loop of the HTTP process is under 32 streams: bench/event-loop.ts, run as its own
// program so that nothing of this one is in the way.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PROGRAM = fileURLToPath(new URL('../event-loop.js', import.meta.url));

/** Its report; see there for what each value means. */
export type LoopReport = Record<string, unknown>;

export async function measureEventLoop(threads: number, seconds: number): Promise<LoopReport> {
  const args = [PROGRAM, '--json', '--seconds', String(seconds), '--threads', String(threads)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as LoopReport;
}
