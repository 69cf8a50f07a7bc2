// `hadal synth worker`: works for builds that hand out their jobs over a queue. Thin over
// synth/build/queue-worker; what happens goes to stderr.

import { availableParallelism } from 'node:os';
import { Option, type Command } from 'commander';
import { workForBuild } from '../synth/build/queue-worker.js';
import { wholeNumber } from './options.js';
import { STOP_SIGNALS } from './signals.js';

interface WorkerCommandOptions {
  out: string;
  queueUrl: string;
  workers: number;
}

/** `--queue-url`, of builds and workers. */
export const queueUrlOption = (): Option =>
  new Option(
    '--queue-url <url>',
    'postgres://... of the queue between a build and its workers',
  ).env('HADAL_QUEUE_URL');

/** Adds the command to `hadal synth`. */
export function addSynthWorker(synth: Command): void {
  synth
    .command('worker')
    .description('do jobs of a build on this machine, until it is finished')
    .requiredOption('--out <dir>', 'folder of the build, shared with it')
    .addOption(queueUrlOption().makeOptionMandatory())
    .option(
      '--workers <number>',
      'processes at work (default: one per core)',
      wholeNumber(1, 256),
      availableParallelism(),
    )
    .action(runWorker);
}

async function runWorker({ out, queueUrl, workers }: WorkerCommandOptions): Promise<void> {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  for (const signal of STOP_SIGNALS) process.once(signal, end);
  try {
    const done = await workForBuild({
      folder: out,
      url: queueUrl,
      processes: workers,
      signal: stop.signal,
      onNote: (note) => process.stderr.write(`${note}\n`),
    });
    process.stdout.write(`jobs done: ${done}\n`);
  } finally {
    for (const signal of STOP_SIGNALS) process.removeListener(signal, end);
  }
}
