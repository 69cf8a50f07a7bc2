// Builds a corpus: chooses distinct environments, has their tasks made and admitted shard by shard, and
// writes the manifest over what came of it. Which environments and which tasks depends on seed and sizes
// alone, not on workers, their deaths, or how often the build was cut off.
// Source: agents reference §6.5, §8.4, §9.

import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { CorpusWriter, type Manifest } from '../corpus-writer.js';
import { MANIFEST } from '../corpus.js';
import { packageFile } from '../../package-root.js';
import { GENERATOR } from '../world/compose.js';
import type { Admission } from './admission.js';
import { fillShards } from './fill-shards.js';
import { readStored, removeUnfinished, store } from './folder.js';
import { entropyOf } from './histogram.js';
import type { BuildProgress } from './progress.js';
import { selectEnvironments, type Selection } from './select-environments.js';
import { rounded, StatisticsSums, type Statistics } from './statistics.js';
import { overall, sumOf, type Tally } from './tally.js';
import type { WorkPool } from './worker-pool.js';

/** Seeds of different builds lie this far apart. */
const SEED_SPAN = 1_000_000;
/** Tasks whose nearest neighbour is looked for. */
const NUM_NEIGHBOURS = 200;
const PLAN = 'build.json';

export interface BuildOptions {
  readonly folder: string;
  readonly environments: number;
  readonly tasksPerEnvironment: number;
  readonly seed: number;
  /** Goes on with what is in the folder. */
  readonly resume?: boolean;
  readonly pool: WorkPool;
  readonly onProgress?: (progress: BuildProgress) => void;
}

/** What a build says of its corpus, beside what every manifest says. */
export interface BuildManifest extends Manifest {
  readonly versions: { readonly hadal: string; readonly generator: string };
  readonly asked: {
    readonly seed: number;
    readonly environments: number;
    readonly tasks_per_environment: number;
    readonly tasks: number;
  };
  readonly reached: {
    readonly environments: number;
    readonly tasks: number;
    /** Environments whose families found fewer tasks than asked. */
    readonly environments_short: number;
  };
  readonly environments_refused: { readonly unsound: number; readonly alike: number };
  /** Of all candidates together, and by family. */
  readonly gates: Tally[string];
  readonly families: Tally;
  readonly skeletons: {
    readonly different: number;
    readonly entropy_bits: number;
    readonly largest: { readonly skeleton: string; readonly tasks: number };
  };
  readonly nearest_neighbour: {
    readonly of_tasks: number;
    readonly median: number;
    readonly highest: number;
  };
  /** Over all tasks of the corpus. */
  readonly soundness: Soundness;
  readonly statistics: Statistics;
}

export interface Soundness {
  readonly wrong_attempts: number;
  readonly false_accepts: number;
  readonly right_attempts: number;
  readonly false_rejects: number;
  readonly mutants: number;
  readonly mutants_killed: number;
}

/** The folder has another build in it, or one that was not asked to go on. */
export class BuildError extends Error {
  override name = 'BuildError';
}

/** What was decided before any task was made. Equal plans give equal corpora. */
interface Plan {
  readonly generator: string;
  readonly seed: number;
  readonly environments: number;
  readonly tasksPerEnvironment: number;
}

/** @throws BuildError; WorkError if a job cannot be done; CorpusError if a file of the corpus is gone */
export async function buildCorpus(options: BuildOptions): Promise<BuildManifest> {
  const { folder, environments, tasksPerEnvironment, seed, pool, onProgress } = options;
  mkdirSync(folder, { recursive: true });
  const generator = `${GENERATOR.name} ${GENERATOR.version}`;
  begin(folder, { generator, seed, environments, tasksPerEnvironment }, options.resume === true);
  const finished = readStored<BuildManifest>(folder, MANIFEST);
  if (finished) return finished;
  const asked = {
    environmentsWanted: environments,
    tasksWanted: environments * tasksPerEnvironment,
  };
  const selection = await selectEnvironments({
    folder,
    wanted: environments,
    firstSeed: seed * SEED_SPAN,
    pool,
    onProgress: ({ seeds, unsound, alike }) =>
      onProgress?.({
        ...asked,
        phase: 'environments',
        environmentsDone: seeds.length,
        unsound,
        alike,
        tasksResumed: 0,
        tally: {},
      }),
  });
  const { unsound, alike } = selection;
  const writer = new CorpusWriter(folder);
  const sums = new StatisticsSums();
  let tally: Tally = {};
  let tasksResumed = 0;
  const admission = await fillShards({
    folder,
    seeds: selection.seeds,
    tasksPerEnvironment,
    pool,
    onShard(shard, isResumed) {
      for (const file of shard.files) writer.adopt(file);
      sums.add(shard);
      tally = sumOf([tally, shard.tally]);
      if (isResumed) tasksResumed += shard.tasks.length;
    },
    onProgress: (soFar) =>
      onProgress?.({
        ...asked,
        phase: 'tasks',
        environmentsDone: soFar.environments,
        unsound,
        alike,
        tasksResumed,
        tally: soFar.tally,
      }),
  });
  removeUnfinished(folder);
  const account = accountOf(options, selection, tally, sums.value(), admission);
  return writer.finish({ ...account }) as BuildManifest;
}

/** Notes what this folder is for. */
function begin(folder: string, plan: Plan, resume: boolean): void {
  const found = readStored<Plan>(folder, PLAN);
  if (found && !resume) {
    throw new BuildError(
      `${folder} has a build in it: go on with --resume, or choose another folder`,
    );
  }
  if (found && JSON.stringify(found) !== JSON.stringify(plan)) {
    const [was, is] = [JSON.stringify(found), JSON.stringify(plan)];
    throw new BuildError(`${folder} was begun as ${was}; this is ${is}`);
  }
  if (!found && readdirSync(folder).length > 0) {
    throw new BuildError(`${folder} is not empty and no build: choose another folder`);
  }
  if (!found) store(folder, PLAN, plan);
}

/** What the manifest says besides its files. */
function accountOf(
  { seed, environments, tasksPerEnvironment }: BuildOptions,
  { seeds, unsound, alike }: Selection,
  families: Tally,
  statistics: Statistics,
  { skeletons, texts }: Admission,
): Omit<BuildManifest, keyof Manifest> & Record<string, unknown> {
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as {
    version: string;
  };
  const neighbours = texts.sampleNearest(NUM_NEIGHBOURS).toSorted((a, b) => a - b);
  const gates = overall(families);
  const full = statistics.tasks_per_environment[tasksPerEnvironment] ?? 0;
  let largest = { skeleton: '', tasks: 0 };
  for (const [skeleton, tasks] of skeletons)
    if (tasks > largest.tasks) largest = { skeleton, tasks };
  return {
    versions: { hadal: version, generator: GENERATOR.version },
    asked: {
      seed,
      environments,
      tasks_per_environment: tasksPerEnvironment,
      tasks: environments * tasksPerEnvironment,
    },
    reached: {
      environments: seeds.length,
      tasks: gates.accepted,
      environments_short: seeds.length - full,
    },
    environments_refused: { unsound, alike },
    gates,
    families,
    skeletons: {
      different: skeletons.size,
      entropy_bits: rounded(entropyOf(skeletons.values())),
      largest,
    },
    nearest_neighbour: {
      of_tasks: neighbours.length,
      median: rounded(neighbours[neighbours.length >> 1] ?? 0),
      highest: rounded(neighbours.at(-1) ?? 0),
    },
    soundness: soundnessOf(statistics),
    statistics,
  };
}

/** From what G4 counted; a task with a false verdict is not accepted, so these are zero or a mistake. */
function soundnessOf({ evidence }: Statistics): Soundness {
  const of = (...names: readonly string[]): number =>
    names.reduce((sum, name) => sum + (evidence[`G4.${name}`] ?? 0), 0);
  return {
    wrong_attempts: of('wrong'),
    false_accepts: of('falseAccepts'),
    right_attempts: of('right'),
    false_rejects: of('falseRejects'),
    mutants: of('mutants'),
    mutants_killed: of('killed', 'noticed'),
  };
}
