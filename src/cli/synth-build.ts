// `hadal synth build`: a corpus of environments and verified tasks. Thin over synth/build; progress goes
// to stderr, the summary to stdout.

import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { buildCorpus } from '../synth/build/build-corpus.js';
import { duration, ProgressView } from '../synth/build/progress-view.js';
import { reportPage } from '../synth/build/report-page.js';
import { shortage } from '../synth/build/shortage.js';
import { ProcessPool } from '../synth/build/process-pool.js';
import { QueuePool } from '../synth/build/queue-pool.js';
import type { WorkPool } from '../synth/build/worker-pool.js';
import { openCorpus } from '../synth/corpus.js';
import { wholeNumber } from './options.js';
import { STOP_SIGNALS } from './signals.js';
import { queueUrlOption } from './synth-worker.js';

interface BuildCommandOptions {
  out: string;
  envs: number;
  tasksPerEnv: number;
  seed: number;
  workers: number;
  resume?: boolean;
  queueUrl?: string;
}

const REPORT = 'report.html';

/** Adds the command to `hadal synth`. */
export function addSynthBuild(synth: Command): void {
  synth
    .command('build')
    .description('build a corpus: distinct environments, and tasks that pass every gate')
    .requiredOption('--out <dir>', 'folder of the corpus')
    .option('--envs <number>', 'environments', wholeNumber(1, 100_000), 1800)
    .option('--tasks-per-env <number>', 'tasks of each, at most', wholeNumber(1, 1000), 48)
    .option('--seed <number>', 'another seed, another corpus', wholeNumber(0, 1_000_000), 1)
    .option(
      '--workers <number>',
      'processes at work, here or at the queue (default: one per core)',
      wholeNumber(1, 256),
      availableParallelism(),
    )
    .option('--resume', 'go on with the build that is in the folder')
    .addOption(queueUrlOption())
    .action(runBuild);
}

async function runBuild(options: BuildCommandOptions): Promise<void> {
  const { out: folder, envs: environments, tasksPerEnv, seed, resume = false } = options;
  const began = performance.now();
  const view = new ProgressView(process.stderr, () => performance.now());
  const pool = await openPool(options);
  const stop = (): void => void pool.close();
  for (const signal of STOP_SIGNALS) process.once(signal, stop);
  try {
    const manifest = await buildCorpus({
      folder,
      environments,
      tasksPerEnvironment: tasksPerEnv,
      seed,
      resume,
      pool,
      onProgress: (progress) => view.update(progress),
    });
    view.finish();
    const store = openCorpus(folder);
    writeFileSync(join(folder, REPORT), reportPage(manifest, store));
    const short = shortage(manifest);
    if (short !== undefined) process.stderr.write(`hadal: ${short}\n`);
    process.stdout.write(
      [
        `${manifest.environments} environments, ${manifest.tasks} tasks in ${folder}`,
        `corpus hash ${manifest.corpus_hash}`,
        `report      ${join(folder, REPORT)}`,
        `took        ${duration((performance.now() - began) / 1000)}`,
        '',
      ].join('\n'),
    );
  } finally {
    for (const signal of STOP_SIGNALS) process.removeListener(signal, stop);
    await pool.close();
  }
}

/** Processes of this machine, or whoever comes to the queue. */
async function openPool({
  out: folder,
  workers: size,
  queueUrl,
}: BuildCommandOptions): Promise<WorkPool> {
  if (!queueUrl) return new ProcessPool(folder, size);
  return QueuePool.open(folder, queueUrl, { size, onNote: writeNote });
}

/** On a terminal in the line below the block of progress, which is written over. */
function writeNote(note = ''): void {
  const { isTTY, columns } = process.stderr;
  if (isTTY) process.stderr.write(`\r\x1b[K${note.slice(0, columns - 1)}`);
  else if (note !== '') process.stderr.write(`${note}\n`);
}
