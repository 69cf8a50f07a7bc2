// Runs all probes against a sandbox: makes what they aim at on this machine, measures how long each takes,
// and looks afterwards whether the sandbox still works. `hadal sandbox probe` prints what comes out.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openProcessSandbox, type ProcessSandbox } from './process-sandbox.js';
import type { Probe, ProbeTargets } from './probe-types.js';
import { PROCESS_PROBES, tidy } from './process-probes.js';
import { PROBE_WALL_MS, PROGRAM_PROBES } from './program-probes.js';

export const PROBES: readonly Probe[] = [...PROGRAM_PROBES, ...PROCESS_PROBES];

/** Beyond its limit, a probe may take so long to be over. */
export const GRACE_MS = 1_000;

export interface ProbeReport {
  readonly name: string;
  /** The attempt failed for the right reason, in time, and this machine's own run came out right after it. */
  readonly held: boolean;
  readonly seen: string;
  readonly ms: number;
  readonly limitMs: number;
  /** Whether it succeeds without a sandbox; undefined = that is not tried. */
  readonly control: boolean | undefined;
}

/** A sandbox with the wall clock that probes count on. @throws Error as openProcessSandbox */
export function openForProbes(searchPath?: string): Promise<ProcessSandbox> {
  const path = searchPath === undefined ? {} : { searchPath };
  return openProcessSandbox({ parallel: 2, ready: 2, wallMs: PROBE_WALL_MS, ...path });
}

/** Each probe in turn. @throws NoSandboxError if the sandbox runs nothing */
export async function* runProbes(
  sandbox: ProcessSandbox,
  targets: ProbeTargets,
): AsyncGenerator<ProbeReport> {
  for (const probe of PROBES) yield await runProbe(probe, sandbox, targets);
}

async function runProbe(
  probe: Probe,
  sandbox: ProcessSandbox,
  targets: ProbeTargets,
): Promise<ProbeReport> {
  const { name, limitMs } = probe;
  const startedAt = performance.now();
  const { held, seen } = await probe.attempt(sandbox, targets);
  const ms = Math.round(performance.now() - startedAt);
  const isInTime = ms <= limitMs + GRACE_MS;
  const control = await probe.control?.(targets);
  await tidy(targets);
  return { name, held: held && isInTime, seen, ms, limitMs, control };
}

/** Whether a plain program still runs. */
export async function stillWorks(sandbox: ProcessSandbox): Promise<boolean> {
  const program = { files: { 'a.js': 'export default (x) => x + 1' }, entry: 'a.js' };
  const limits = { steps: 100_000, memoryBytes: 8 << 20, outputBytes: 100 };
  const result = await sandbox.run(program, '1', limits);
  return result.ok && result.output === '2';
}

export interface OpenTargets extends ProbeTargets {
  close(): Promise<void>;
}

/** Listens on loopback and puts a secret where anybody on this machine may read it. */
export async function openTargets(): Promise<OpenTargets> {
  const folder = await mkdtemp(join(tmpdir(), 'hadal-probes-'));
  const secretFile = join(folder, 'secret');
  const secret = 'for nobody inside';
  await writeFile(secretFile, secret);
  await symlink(secretFile, join(folder, 'link'));
  await chmod(folder, 0o755);
  let count = 0;
  const tcp = createServer((socket) => {
    count++;
    socket.destroy();
  });
  const udp = createSocket('udp4', (_, { port, address }) => {
    count++;
    udp.send('answer', port, address);
  });
  tcp.listen(0, '127.0.0.1');
  udp.bind(0, '127.0.0.1');
  await Promise.all([once(tcp, 'listening'), once(udp, 'listening')]);
  return {
    folder,
    secretFile,
    secret,
    tcpPort: (tcp.address() as AddressInfo).port,
    udpPort: udp.address().port,
    arrivals: () => {
      const arrived = count;
      count = 0;
      return arrived;
    },
    processesWith,
    close: async () => {
      tcp.close();
      udp.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function processesWith(word: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(word);
      } catch {
        return false; // it has just ended
      }
    });
}
