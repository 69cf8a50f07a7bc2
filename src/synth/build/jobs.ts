// The two kinds of work of a build, as data, and how each is done. A job's result depends on the job
// alone: it may be done by any worker, and done again after a worker died.
// Source: agents reference §9.

import { CorpusWriter } from '../corpus-writer.js';
import { environmentFolder } from '../corpus.js';
import { FAMILY_LIST } from '../families/registry.js';
import { judgeCandidate } from '../gates/judge-candidate.js';
import { loadEnvironment } from '../load-environment.js';
import type { PublicTask } from '../task-types.js';
import { environmentProblems } from '../world/check-environment.js';
import { composeEnvironment } from '../world/compose.js';
import type { Environment } from '../world-types.js';
import { makeTasks, splitOf } from './make-tasks.js';
import { sumOf, type Tally } from './tally.js';

export type Job =
  | { readonly kind: 'compose'; readonly seeds: readonly number[] }
  | {
      readonly kind: 'shard';
      readonly folder: string;
      readonly shard: string;
      readonly seeds: readonly number[];
      readonly tasksPerEnvironment: number;
    };

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
  readonly tools: number;
  readonly tasks: number;
}

export type TaskSummary = Pick<PublicTask, 'family' | 'skeleton' | 'language' | 'difficulty'>;

/** What a shard holds; kept beside it, last of its files: a shard without it is not finished. */
export interface ShardSummary {
  readonly shard: string;
  readonly seeds: readonly number[];
  /** Below the corpus. */
  readonly files: readonly string[];
  readonly environments: readonly EnvironmentSummary[];
  readonly tasks: readonly TaskSummary[];
  readonly tally: Tally;
}

export type ResultOf<J extends Job> = J extends { kind: 'compose' }
  ? readonly Composed[]
  : ShardSummary;
export type JobResult = readonly Composed[] | ShardSummary;

export const summaryPath = (shard: string): string => `shards/${shard}.json`;

/** @param onProgress gets what the job has counted so far */
export function doJob(job: Job, onProgress: (soFar: Tally) => void): JobResult {
  return job.kind === 'compose' ? job.seeds.map(compose) : buildShard(job, onProgress);
}

function compose(seed: number): Composed {
  const env = composeEnvironment(seed);
  const { fingerprint, tables, tools, rules } = env;
  return { seed, fingerprint, tables, tools, rules, problems: environmentProblems(env) };
}

function buildShard(
  { folder, shard, seeds, tasksPerEnvironment }: Extract<Job, { kind: 'shard' }>,
  onProgress: (soFar: Tally) => void,
): ShardSummary {
  const writer = new CorpusWriter(folder);
  const made = [];
  const environments: EnvironmentSummary[] = [];
  let tally: Tally = {};
  for (const seed of seeds) {
    const env = composeEnvironment(seed);
    writer.writeEnvironment(env);
    const tasks = makeTasks(loadEnvironment(env), tasksPerEnvironment, FAMILY_LIST, judgeCandidate);
    made.push(tasks);
    environments.push(summaryOf(env, tasks.pairs.length));
    tally = sumOf([tally, tasks.tally]);
    onProgress(tally);
  }
  const pairs = made.flatMap((one) => one.pairs);
  writer.writeTasks(shard, pairs);
  const evidence = `gates/${shard}.jsonl`;
  writer.writeLines(
    evidence,
    made.flatMap((one) => one.evidence),
  );
  const summary: ShardSummary = {
    shard,
    seeds,
    files: [
      ...environments.flatMap(({ id }) =>
        ['rows.json', 'env.json'].map((name) => `${posix(environmentFolder(id))}/${name}`),
      ),
      `tasks/${shard}.private.jsonl`,
      `tasks/${shard}.jsonl`,
      evidence,
    ],
    environments,
    tasks: pairs.map(({ task: { family, skeleton, language, difficulty } }) => ({
      family,
      skeleton,
      language,
      difficulty,
    })),
    tally,
  };
  writer.write(summaryPath(shard), `${JSON.stringify(summary)}\n`);
  return summary;
}

const posix = (path: string): string => path.replaceAll('\\', '/');

function summaryOf(env: Environment, tasks: number): EnvironmentSummary {
  const { id, fingerprint, modules, theme, tables, tools, rows } = env;
  return {
    id,
    fingerprint,
    modules,
    theme,
    split: splitOf(env),
    tables: tables.length,
    rows: Object.values(rows).reduce((sum, list) => sum + list.length, 0),
    tools: tools.length,
    tasks,
  };
}
