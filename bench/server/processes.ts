// Child processes of the server bench: started, waited for until they say where they listen, their
// memory read, ended.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

export interface Running {
  /** First line of its standard output. */
  line: string;
  /** Resident memory, MiB. */
  memory(): number;
  stop(): Promise<void>;
}

export async function start(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Running> {
  const child = spawn(process.execPath, [file, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await firstLine(child, file);
  return { line, memory: () => memoryOf(child), stop: () => stop(child) };
}

async function firstLine(child: ChildProcess, file: string): Promise<string> {
  const lines = createInterface({ input: child.stdout! });
  for await (const line of lines) {
    child.stdout!.resume();
    return line;
  }
  throw new Error(`${file} ended without saying where it listens`);
}

function memoryOf({ pid }: ChildProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
