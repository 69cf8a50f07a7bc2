// `hadal synth audit`: checks of a whole corpus. Thin over synth/audit; the table, or JSON, goes to stdout.

import type { Command } from 'commander';
import { auditCorpus } from '../synth/audit/audit-corpus.js';
import { auditTable } from '../synth/audit/audit-table.js';
import { EvidenceCheck } from '../synth/audit/evidence.js';
import { openCorpus } from '../synth/corpus.js';
import { wholeNumber } from './options.js';

interface AuditCommandOptions {
  sample: number;
  all?: boolean;
  json?: boolean;
}

const PROGRESS_MS = 1000;

/** Adds the command to `hadal synth`. */
export function addSynthAudit(synth: Command): void {
  synth
    .command('audit')
    .description(
      'check a corpus as a whole, and prove tasks again; exit code 1 if anything is wrong',
    )
    .argument('<dir>', 'folder of the corpus')
    .option(
      '--sample <number>',
      'tasks to prove again in environments made anew from their seeds',
      wholeNumber(0, 10_000_000),
      200,
    )
    .option('--all', 'prove every task again')
    .option('--json', 'print the report as JSON')
    .action(runAudit);
}

async function runAudit(dir: string, { sample, all, json }: AuditCommandOptions): Promise<void> {
  const store = openCorpus(dir);
  const report = await auditCorpus({
    store,
    recheck: all ? Infinity : sample,
    more: [await EvidenceCheck.read(dir)],
    ...(process.stderr.isTTY && { onProgress: progressLine(store.numTasks) }),
  });
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : auditTable(report));
  if (!report.ok) process.exitCode = 1;
}

/** One line that is written over itself. */
function progressLine(all: number): (done: number) => void {
  let said = performance.now();
  return (done) => {
    const now = performance.now();
    if (now - said < PROGRESS_MS && done < all) return;
    said = now;
    process.stderr.write(`\r${done} of ${all} tasks${done === all ? '\n' : ''}`);
  };
}
