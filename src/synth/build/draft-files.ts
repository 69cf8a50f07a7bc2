// A shard in the making: its tasks and evidence lie below drafts/ as in a corpus, one set of files a round,
// until the corpus has admitted what is new; then they are sealed into the shard's own files. Lines are
// moved as they are: nothing is parsed and written anew.

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CorpusWriter, type CorpusFile, type TaskPair } from '../corpus-writer.js';
import { PRIVATE_SUFFIX } from '../corpus.js';
import type { PrivateTask, PublicTask } from '../task-types.js';
import { DRAFTS } from './folder.js';
import type { Evidence } from './make-tasks.js';

/** Line by line of a round's tasks: why the corpus refused it; undefined = it is in. */
export type Refusals = readonly (string | undefined)[];

export const shardName = (shard: number): string => String(shard).padStart(4, '0');

const roundName = (shard: number, round: number): string => `${shardName(shard)}.${round}`;

/** Below the folder. */
export const draftPath = (shard: number, round: number): string =>
  `${DRAFTS}/${roundName(shard, round)}.json`;

export function writeDraft(
  folder: string,
  [shard, round]: readonly [number, number],
  pairs: readonly TaskPair[],
  evidence: readonly Evidence[],
): void {
  const writer = new CorpusWriter(join(folder, DRAFTS));
  const name = roundName(shard, round);
  writer.writeLines(`gates/${name}.jsonl`, evidence);
  writer.writeTasks(name, pairs);
}

export function readDraft(folder: string, shard: number, round: number): TaskPair[] {
  const name = roundName(shard, round);
  const secrets = linesOf(folder, `tasks/${name}${PRIVATE_SUFFIX}`);
  return linesOf(folder, `tasks/${name}.jsonl`).map((line, i) => ({
    task: JSON.parse(line) as PublicTask,
    private: JSON.parse(secrets[i]!) as PrivateTask,
  }));
}

/** Writes the shard: of every round what was admitted, and the evidence with what became of the rest. */
export function sealShard(
  folder: string,
  shard: number,
  rounds: readonly Refusals[],
): readonly CorpusFile[] {
  const writer = new CorpusWriter(folder);
  const admitted = (suffix: string): string[] =>
    rounds.flatMap((refusals, round) =>
      linesOf(folder, `tasks/${roundName(shard, round)}${suffix}`).filter(
        (_, line) => refusals[line] === undefined,
      ),
    );
  const evidence = rounds.flatMap((refusals, round) => evidenceOf(folder, shard, round, refusals));
  const name = shardName(shard);
  return [
    writer.write(`gates/${name}.jsonl`, textOf(evidence)),
    // The private parts first: a shard counts from its public file on.
    writer.write(`tasks/${name}${PRIVATE_SUFFIX}`, textOf(admitted(PRIVATE_SUFFIX))),
    writer.write(`tasks/${name}.jsonl`, textOf(admitted('.jsonl'))),
  ];
}

/** Drafts of a shard that is sealed. */
export function removeDraft(folder: string, shard: number, rounds: number): void {
  for (let round = 0; round < rounds; round++) {
    const name = roundName(shard, round);
    for (const path of [
      `gates/${name}.jsonl`,
      `tasks/${name}${PRIVATE_SUFFIX}`,
      `tasks/${name}.jsonl`,
    ])
      rmSync(join(folder, DRAFTS, path), { force: true });
    rmSync(join(folder, draftPath(shard, round)), { force: true });
  }
}

/** In the order of drawing; lines of what the gates accepted and the corpus refused say so. */
function evidenceOf(folder: string, shard: number, round: number, refusals: Refusals): string[] {
  const lines = linesOf(folder, `gates/${roundName(shard, round)}.jsonl`);
  if (refusals.every((reason) => reason === undefined)) return lines;
  let accepted = 0;
  return lines.map((line) => {
    const { taskId, level, outcome } = JSON.parse(line) as Evidence;
    const reason = outcome === 'accepted' ? refusals[accepted++] : undefined;
    if (reason === undefined) return line;
    const gates = [{ gate: 'G9', ok: false, detail: reason }] as const;
    return JSON.stringify({ taskId, level, outcome: 'G9', gates } satisfies Evidence);
  });
}

function linesOf(folder: string, path: string): string[] {
  const text = readFileSync(join(folder, DRAFTS, path), 'utf8');
  return text === '' ? [] : text.trimEnd().split('\n');
}

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
