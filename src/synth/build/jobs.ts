// The two kinds of work of a build, as data, and how each is done. What comes of a job depends on the job
// alone and is left as a file in the build's folder: it may be done by any worker that has the folder,
// and done again after a worker died. Source: agents reference §9.

import { contentHash } from '../canonical.js';
import { CorpusWriter, type CorpusFile } from '../corpus-writer.js';
import { FAMILY_LIST } from '../families/registry.js';
import { judgeCandidate } from '../gates/judge-candidate.js';
import type { GateResult } from '../gates/report.js';
import { loadEnvironment } from '../load-environment.js';
import type { PublicTask } from '../task-types.js';
import { environmentProblems } from '../world/check-environment.js';
import { composeEnvironment } from '../world/compose.js';
import type { Environment, Json } from '../world-types.js';
import type { Claim } from './admission.js';
import { draftPath, readDraft, writeDraft } from './draft-files.js';
import { DRAFTS, readStored, store } from './folder.js';
import { makeTasks, splitOf, type Attempts, type Evidence, type MadeTask } from './make-tasks.js';
import { encodeSignature, signatureOf } from './min-hash.js';
import { SkeletonBudget, type Allowance } from './novelty.js';
import { sumOf, type Tally } from './tally.js';
import type { FamilyCounts } from './turns.js';

export interface ComposeJob {
  readonly kind: 'compose';
  readonly seeds: readonly number[];
}

/** A shard's environments and tasks, or in later rounds tasks in the place of those refused. */
export interface DraftJob {
  readonly kind: 'draft';
  readonly shard: number;
  /** From 0. */
  readonly round: number;
  readonly seeds: readonly number[];
  /** Tasks to make, environment by environment. */
  readonly wanted: readonly number[];
  readonly allowance: Allowance;
  readonly counts: FamilyCounts;
}

export type Job = ComposeJob | DraftJob;

/** What has been done of a job so far. */
export interface JobProgress {
  readonly tally: Tally;
  readonly environments: number;
}

/** An environment as far as the choice of distinct ones needs it. */
export interface Composed extends Pick<Environment, 'fingerprint' | 'tables' | 'tools' | 'rules'> {
  readonly seed: number;
  /** Empty = sound. */
  readonly problems: readonly string[];
}

export interface EnvironmentSummary {
  readonly id: string;
  readonly fingerprint: string;
  readonly modules: readonly string[];
  readonly theme: string;
  readonly split: PublicTask['split'];
  readonly tables: number;
  readonly rows: number;
  /** How many tools there are of each archetype. */
  readonly archetypes: Readonly<Record<string, number>>;
}

export interface TaskSummary
  extends Claim, Pick<PublicTask, 'taskId' | 'envId' | 'language' | 'difficulty' | 'split'> {
  readonly level: number;
  readonly promptLength: number;
  /** Counts behind the verdicts: `G4.wrong` ... */
  readonly evidence: Readonly<Record<string, number>>;
}

export interface Draft {
  /** Of the job: a draft for another one is of no use. */
  readonly madeFor: string;
  /** Of the environments. */
  readonly files: readonly CorpusFile[];
  readonly environments: readonly EnvironmentSummary[];
  readonly tasks: readonly TaskSummary[];
  /** By environment. */
  readonly attempts: readonly Attempts[];
  readonly tally: Tally;
}

export type ResultOf<J extends Job> = J extends ComposeJob ? readonly Composed[] : Draft;

/** Below the folder: where the result of a job is when it is done. */
export function resultPath(job: Job): string {
  return job.kind === 'compose'
    ? `${DRAFTS}/compose-${job.seeds[0] ?? 0}.json`
    : draftPath(job.shard, job.round);
}

export const hashOfJob = (job: Job): string => contentHash(job as unknown as Json);

/** Does the job and leaves its result. */
export function doJob(folder: string, job: Job, onProgress: (soFar: JobProgress) => void): void {
  const result = job.kind === 'compose' ? job.seeds.map(compose) : draft(folder, job, onProgress);
  store(folder, resultPath(job), result);
}

function compose(seed: number): Composed {
  const env = composeEnvironment(seed);
  const { fingerprint, tables, tools, rules } = env;
  return { seed, fingerprint, tables, tools, rules, problems: environmentProblems(env) };
}

function draft(folder: string, job: DraftJob, onProgress: (soFar: JobProgress) => void): Draft {
  const writer = new CorpusWriter(folder);
  const budget = new SkeletonBudget(job.allowance);
  const earlier = roundsBefore(folder, job);
  const environments: EnvironmentSummary[] = [];
  const made: MadeTask[] = [];
  const evidence: Evidence[] = [];
  const files: CorpusFile[] = [];
  const attempts: Attempts[] = [];
  let tally: Tally = {};
  for (const [index, seed] of job.seeds.entries()) {
    const env = composeEnvironment(seed);
    const before = {
      pairs: earlier.pairs.filter(({ task }) => task.envId === env.id),
      attempts: earlier.attempts[index] ?? {},
    };
    const tasks = makeTasks(loadEnvironment(env), {
      wanted: job.wanted[index] ?? 0,
      families: FAMILY_LIST,
      judge: judgeCandidate,
      budget,
      counts: job.counts,
      before,
    });
    if (job.round === 0) {
      files.push(...writer.writeEnvironment(env));
      environments.push(summaryOf(env));
    }
    made.push(...tasks.made);
    evidence.push(...tasks.evidence);
    attempts.push(tasks.attempts);
    tally = sumOf([tally, tasks.tally]);
    onProgress({ tally, environments: index + 1 });
  }
  const pairs = made.map(({ pair }) => pair);
  writeDraft(folder, [job.shard, job.round], pairs, evidence);
  return {
    madeFor: hashOfJob(job),
    files,
    environments,
    tasks: made.map(taskSummary),
    attempts,
    tally,
  };
}

/** What earlier rounds of the shard have made, for those that make more. */
function roundsBefore(folder: string, { shard, round }: DraftJob) {
  const rounds = Array.from({ length: round }, (_, earlier) => earlier);
  const drafts = rounds.map((earlier) => readStored<Draft>(folder, draftPath(shard, earlier)));
  return {
    pairs: rounds.flatMap((earlier) => readDraft(folder, shard, earlier)),
    attempts: drafts.at(-1)?.attempts ?? [],
  };
}

function summaryOf(env: Environment): EnvironmentSummary {
  const { id, fingerprint, modules, theme, tables, tools, rows } = env;
  const archetypes: Record<string, number> = {};
  for (const { impl } of tools) archetypes[impl.archetype] = (archetypes[impl.archetype] ?? 0) + 1;
  return {
    id,
    fingerprint,
    modules,
    theme,
    split: splitOf(env),
    tables: tables.length,
    rows: Object.values(rows).reduce((sum, list) => sum + list.length, 0),
    archetypes,
  };
}

function taskSummary({ pair: { task }, instance, level, gates }: MadeTask): TaskSummary {
  const { taskId, envId, family, skeleton, language, split, difficulty, request } = task;
  return {
    taskId,
    envId,
    family,
    skeleton,
    language,
    split,
    difficulty,
    level,
    promptLength: request.length,
    instance,
    signature: encodeSignature(signatureOf(request)),
    evidence: countsOf(gates),
  };
}

/** What the gates counted; the ladder is in the difficulty. */
function countsOf(gates: readonly GateResult[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { gate, runs, evidence } of gates) {
    counts[`${gate}.runs`] = runs;
    for (const [name, count] of Object.entries(evidence)) {
      if (!/^A\d$/.test(name)) counts[`${gate}.${name}`] = count;
    }
  }
  return counts;
}
