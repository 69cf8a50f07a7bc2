// `hadal sandbox`: what locks untrusted code up on this machine; `hadal sandbox probe`: fifty attempts to
// get out of it. Exits with 1 where nothing does, or where an attempt is not stopped.

import type { Command } from 'commander';
import { openProcessSandbox } from '../sandbox/process-sandbox.js';
import {
  openForProbes,
  openTargets,
  runProbes,
  stillWorks,
  type ProbeReport,
} from '../sandbox/probes.js';
import { print, table } from './store-options.js';

interface SandboxOptions {
  json?: boolean;
}

export function registerSandbox(program: Command): void {
  const sandbox = program
    .command('sandbox')
    .description('what locks untrusted code up on this machine')
    .option('--json', 'print JSON')
    .action(show);
  sandbox
    .command('probe')
    .description('try to get out of it, and tell how each attempt ended')
    .option('--json', 'print JSON')
    .action((_, command: Command) => probe(command.optsWithGlobals<SandboxOptions>()));
}

async function show(options: SandboxOptions): Promise<void> {
  const sandbox = await openProcessSandbox({ ready: 0 });
  const layers = sandbox.describe();
  await sandbox.close();
  const { isAvailable } = sandbox;
  if (!isAvailable) process.exitCode = 1;
  print(options, { available: isAvailable, layers }, () => {
    const rows = layers.map(({ name, isUsed, detail }) => [name, isUsed ? 'yes' : 'no', detail]);
    const verdict = isAvailable
      ? 'Untrusted code runs in processes of its own.'
      : 'Untrusted code is NOT run here: nothing keeps it from the network. Install bubblewrap, or allow user namespaces.';
    return `${table(['layer', 'used', 'detail'], rows)}\n\n${verdict}`;
  });
}

async function probe(options: SandboxOptions): Promise<void> {
  const sandbox = await openForProbes();
  const targets = await openTargets();
  const reports: ProbeReport[] = [];
  let works = false;
  try {
    for await (const report of runProbes(sandbox, targets)) {
      reports.push(report);
      if (process.stderr.isTTY) process.stderr.write(`\r${reports.length} attempts`);
    }
    works = await stillWorks(sandbox);
  } finally {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    await sandbox.close();
    await targets.close();
  }
  const numHeld = reports.filter(({ held }) => held).length;
  const isSound = works && numHeld === reports.length;
  if (!isSound) process.exitCode = 1;
  print(options, { sound: isSound, works, probes: reports }, () => {
    const rows = reports.map(({ name, held, seen, ms, control }) => [
      name,
      held ? 'stopped' : 'NOT STOPPED',
      `${ms} ms`,
      control === undefined ? '-' : control ? 'works' : 'does not work',
      seen.replaceAll(/[^\x20-\x7e]+/g, ' ').slice(0, 60),
    ]);
    const head = ['attempt', 'in the sandbox', 'time', 'without one', 'seen'];
    return [
      table(head, rows),
      '',
      `${numHeld} of ${reports.length} attempts stopped; a plain program ${works ? 'still runs' : 'does NOT run'}.`,
    ].join('\n');
  });
}
