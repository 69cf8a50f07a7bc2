// `hadal synth reverify`: stored rollouts judged again. Such files come from anywhere, and programs in them
// are the work of whoever wrote them: they run in locked processes, or the rollout is not judged. The
// sandbox is opened at the first program, for most rollouts have none.

import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { openProcessSandbox, type ProcessSandbox } from '../sandbox/process-sandbox.js';
import { openCorpus } from '../synth/corpus.js';
import { programsIn } from '../synth/serve/code-tools.js';
import type { StoredRollout } from '../synth/serve/judge.js';
import { Rollouts } from '../synth/serve/rollouts.js';

/** Rollouts begun before the first of them is judged: those without programs do not wait for the others. */
const AHEAD = 64;

/** Adds the command to `hadal synth`. */
export function addSynthReverify(synth: Command): void {
  synth
    .command('reverify')
    .description('judge stored rollouts again: JSON lines in, JSON lines out')
    .argument('<dir>', 'folder of the corpus')
    .argument('[file]', 'rollouts (default: standard input)')
    .action(runReverify);
}

/** Every line gets an answer in its place, so that the two files can be laid side by side. */
async function runReverify(dir: string, file: string | undefined): Promise<void> {
  let opening: Promise<ProcessSandbox> | undefined;
  const rollouts = new Rollouts({
    store: openCorpus(dir),
    runProgram: async (...program) =>
      programsIn(await (opening ??= openProcessSandbox()))(...program),
  });
  const lines = readFileSync(file ?? 0, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  let numFailed = 0;
  const judged = async (line: string): Promise<object> => {
    try {
      return await rollouts.reverify(JSON.parse(line) as StoredRollout);
    } catch (error) {
      numFailed++;
      return { error: (error as Error).message };
    }
  };
  const write = (answer: object): void => void process.stdout.write(`${JSON.stringify(answer)}\n`);
  try {
    const begun: Promise<object>[] = [];
    for (const line of lines) {
      begun.push(judged(line));
      if (begun.length === AHEAD) write(await begun.shift()!);
    }
    for (const answer of begun) write(await answer);
  } finally {
    await (await opening)?.close();
  }
  if (numFailed === 0) return;
  process.stderr.write(`hadal: ${numFailed} of ${lines.length} rollouts were not judged\n`);
  process.exitCode = 1;
}
