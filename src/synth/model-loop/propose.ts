// `hadal synth propose` without its options: environments and tasks that a model designs, written as a corpus
// like any other as soon as an environment is done. Everything follows from the replies, so a transcript
// played again gives the same corpus.

import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFile } from '../../package-root.js';
import { splitOf } from '../build/make-tasks.js';
import { CorpusWriter, type Manifest } from '../corpus-writer.js';
import { loadEnvironment } from '../load-environment.js';
import type { Environment } from '../world-types.js';
import { GENERATOR } from '../world/compose.js';
import { DistinctSet } from '../world/select-distinct.js';
import { converse } from './converse.js';
import {
  environmentDraft,
  realiseDraft,
  vocabulary,
  withVocabulary,
  type Drafted,
} from './draft-environment.js';
import { MAX_TOOLS, toolsDraft, withTools } from './extend-tools.js';
import { assistant, environmentPrompt, toolsPrompt, user, vocabularyPrompt } from './prompts.js';
import { proposeTask, type Outcome, type ProposedTask } from './propose-task.js';
import type { Read } from './read-reply.js';
import { sampleBand, type Band, type BandOptions } from './sample-band.js';
import type { RunCode } from './solve-with-tools.js';
import { BudgetError, type ModelSource } from './transcript.js';

/** Taken in turn where none is given. */
const CATEGORIES = [
  'a small clinic and its appointments',
  'a tool library that lends and repairs',
  'a ferry line with crews and timetables',
  'a seed bank and its growers',
  'a film crew on location',
  'a housing cooperative',
  'a regional food market',
  'an observatory and its visitors',
];
/** Seeds of builds begin elsewhere. */
const SEED_BASE = 1_500_000_000;
const MAX_SEEDS = 1000;
/** Drafts of a task for each that is wanted. */
const MAX_TRIES = 3;

export interface ProposeOptions {
  readonly folder: string;
  readonly source: ModelSource;
  readonly environments: number;
  /** Of each environment; fewer where drafts are refused. */
  readonly tasks: number;
  readonly seed: number;
  readonly category?: string;
  readonly run: RunCode;
  /** undefined = no model tries the tasks. */
  readonly band?: BandOptions | { readonly samples: number };
  readonly onNote?: (note: string) => void;
}

export interface Proposed {
  readonly manifest: Manifest;
  readonly outcomes: Readonly<Partial<Record<Outcome | 'environment', number>>>;
  /** Whether the budget ended it. */
  readonly isCutShort: boolean;
}

/** The folder is not empty. */
export class ProposeError extends Error {
  override name = 'ProposeError';
}

/** Makes the folder. @throws ProposeError */
export function beginProposal(folder: string): void {
  mkdirSync(folder, { recursive: true });
  if (readdirSync(folder).length > 0) throw new ProposeError(`${folder} is not empty`);
}

/** @throws what `source` throws, besides BudgetError */
export async function propose(options: ProposeOptions): Promise<Proposed> {
  const { folder, source, environments, seed, onNote = () => {} } = options;
  const writer = new CorpusWriter(folder);
  const distinct = new DistinctSet();
  const outcomes: Partial<Record<Outcome | 'environment', number>> = {};
  const count = (outcome: Outcome | 'environment'): void => {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  };
  let isCutShort = false;
  let failure: unknown;
  try {
    for (let i = 0; i < environments; i++) {
      const drafted = await draftEnvironment(options, SEED_BASE + seed * MAX_SEEDS + i, i);
      if (!drafted.ok || !distinct.add(drafted.env)) {
        count('environment');
        onNote(`environment ${i + 1}: ${drafted.ok ? 'like one before' : drafted.problems[0]}`);
        continue;
      }
      onNote(`environment ${i + 1}: ${drafted.env.id}`);
      await fill(options, writer, drafted.env, i, count);
    }
  } catch (error) {
    // What was accepted is paid for: it is a whole corpus, whatever ended the run.
    if (!(error instanceof BudgetError)) failure = error;
    isCutShort = true;
    onNote((error as Error).message);
  }
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as {
    version: string;
  };
  const manifest = writer.finish({
    versions: { hadal: version, generator: GENERATOR.version },
    asked: { seed, environments, tasks_per_environment: options.tasks },
    outcomes,
    ledger: source.ledger,
  });
  if (failure !== undefined) throw failure;
  return { manifest, outcomes, isCutShort };
}

async function draftEnvironment(
  { source, category }: ProposeOptions,
  seed: number,
  index: number,
): Promise<Drafted> {
  const begin = environmentPrompt(category ?? CATEGORIES[index % CATEGORIES.length]!);
  const use = (drafted: Drafted): Read<Environment> =>
    drafted.ok ? { ok: true, value: drafted.env } : drafted;
  const chosen = await converse({
    source,
    purpose: 'environment',
    begin,
    schema: environmentDraft,
    use: (draft) => use(realiseDraft(draft, seed)),
  });
  if (!chosen.ok) return chosen;
  const bare = chosen.result;
  const named = await converse({
    source,
    purpose: 'vocabulary',
    begin: [...begin, assistant(JSON.stringify(chosen.value)), user(vocabularyPrompt(bare))],
    schema: vocabulary,
    use: (words) => use(withVocabulary(bare, words)),
  });
  if (!named.ok) return named;
  const env = named.result;
  const extended = await converse({
    source,
    purpose: 'tools',
    begin: toolsPrompt(loadEnvironment(env), MAX_TOOLS),
    schema: toolsDraft(env),
    use: (tools) => use(withTools(env, tools)),
  });
  // The environment is whole without them.
  return { ok: true, env: extended.ok ? extended.result : env };
}

/** Tasks of one environment, written when they are done; an environment without any is not written. */
async function fill(
  options: ProposeOptions,
  writer: CorpusWriter,
  env: Environment,
  number: number,
  count: (outcome: Outcome) => void,
): Promise<void> {
  const { source, tasks, run, onNote = () => {} } = options;
  const loaded = loadEnvironment(env);
  const tried: { readonly taskId: string; readonly task: ProposedTask; readonly band?: Band }[] =
    [];
  const pairs = (): NonNullable<ProposedTask['pair']>[] =>
    tried.flatMap(({ task }) => (task.outcome === 'accepted' ? [task.pair!] : []));
  try {
    for (let index = 0; index < tasks * MAX_TRIES && pairs().length < tasks; index++) {
      const neighbours = pairs().map((pair) => pair.private.solution);
      const language = index % 2 === 0 ? 'en' : 'zh';
      const split = splitOf(env);
      const task = await proposeTask({ source, loaded, language, index, split, neighbours, run });
      const band = task.pair && (await bandOf(options, env, task.pair));
      const isOutside = band !== undefined && (band.passes === 0 || band.passes === band.samples);
      const outcome = isOutside ? 'band' : task.outcome;
      const taskId = `${env.id}#proposed-${index}`;
      tried.push({ taskId, task: { ...task, outcome }, ...(band && { band }) });
      count(outcome);
      onNote(`  task ${index + 1}: ${outcome}${task.problems[0] ? `: ${task.problems[0]}` : ''}`);
    }
  } finally {
    // Also where the budget ends in the middle: what was accepted is paid for.
    if (pairs().length > 0) {
      const shard = String(number).padStart(4, '0');
      writer.writeEnvironment(env);
      writer.writeTasks(shard, pairs());
      writer.writeLines(
        `gates/${shard}.jsonl`,
        tried.map(({ taskId, task: { pair, ...evidence }, band }) => ({
          taskId,
          ...(pair && { hash: pair.task.hash }),
          ...evidence,
          ...(band && { band }),
        })),
      );
    }
  }
}

async function bandOf(
  { source, band, run }: ProposeOptions,
  env: Environment,
  pair: NonNullable<ProposedTask['pair']>,
): Promise<Band | undefined> {
  if (!band || band.samples === 0) return undefined;
  const name = ['band', pair.task.hash, band.samples];
  const text = await source.measured('samples', name, () => {
    if (!('endpoint' in band)) throw new ProposeError('nobody is there to try the task');
    return sampleBand(env, pair, band, async (...program) => run(...program));
  });
  return JSON.parse(text) as Band;
}

/** For people: where the corpus is when nothing came of it, too. */
export function outcomeText({ manifest, outcomes, isCutShort }: Proposed, folder: string): string {
  const list = Object.entries(outcomes).map(([outcome, times]) => `${outcome} ${times}`);
  return [
    `${manifest.environments} environments, ${manifest.tasks} tasks in ${join(folder)}${isCutShort ? ' (the budget is spent)' : ''}`,
    `corpus hash ${manifest.corpus_hash}`,
    `ended at    ${list.join(', ') || 'nothing'}`,
    '',
  ].join('\n');
}
