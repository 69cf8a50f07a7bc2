// Builds a corpus: chooses distinct environments in the order of their seeds, hands out shards of a few
// environments each, and writes the manifest over what came back. Which environments and which tasks
// depends on seed and sizes alone, not on workers, their deaths, or how often the build was cut off.
// Source: agents reference §6.5, §8.4, §9.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { CorpusWriter, type Manifest } from '../corpus-writer.js';
import { packageFile } from '../../package-root.js';
import { GENERATOR } from '../world/compose.js';
import { DistinctSet } from '../world/select-distinct.js';
import { type ShardSummary, summaryPath } from './jobs.js';
import { overall, sumOf, type Tally } from './tally.js';
import type { WorkPool } from './worker-pool.js';

/** Environments of one shard. */
const PER_SHARD = 8;
/** Seeds of one composing job. */
const PER_COMPOSING = 8;
/** Seeds of different builds lie this far apart. */
const SEED_SPAN = 1_000_000;
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

export interface BuildProgress {
  readonly phase: 'environments' | 'tasks';
  readonly environmentsWanted: number;
  /** Chosen, in the first phase; with their tasks, in the second. */
  readonly environmentsDone: number;
  /** Of the environments not chosen: unsound, or too like one before. */
  readonly unsound: number;
  readonly alike: number;
  readonly tasksWanted: number;
  /** Tasks that an earlier run has left: of no use to reckon a rate by. */
  readonly tasksResumed: number;
  readonly tally: Tally;
}

export interface Built {
  readonly manifest: Manifest;
  readonly shards: readonly ShardSummary[];
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

interface Selection {
  readonly seeds: readonly number[];
  readonly unsound: number;
  readonly alike: number;
}

/** @throws BuildError; WorkError if a job cannot be done */
export async function buildCorpus(options: BuildOptions): Promise<Built> {
  const { folder, environments, tasksPerEnvironment, seed } = options;
  mkdirSync(folder, { recursive: true });
  const generator = `${GENERATOR.name} ${GENERATOR.version}`;
  begin(folder, { generator, seed, environments, tasksPerEnvironment }, options.resume === true);
  const selection = stored<Selection>(folder, 'selection.json') ?? (await select(options));
  const shards = await fill(options, selection);
  removeUnfinished(folder);
  const writer = new CorpusWriter(folder);
  for (const path of ['selection.json', ...shards.flatMap(filesOf)]) {
    if (!writer.adopt(path)) throw new BuildError(`${join(folder, path)} is gone`);
  }
  const manifest = writer.finish(accountOf(options, selection, shards));
  return { manifest, shards };
}

/** Notes what this folder is for. */
function begin(folder: string, plan: Plan, resume: boolean): void {
  const found = stored<Plan>(folder, PLAN);
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

/** The first seeds whose environments are sound and distinct from all before. */
async function select(options: BuildOptions): Promise<Selection> {
  const { folder, environments, seed, pool } = options;
  const distinct = new DistinctSet();
  const seeds: number[] = [];
  let unsound = 0;
  let alike = 0;
  let next = seed * SEED_SPAN;
  const compose = () => {
    const range = Array.from({ length: PER_COMPOSING }, (_, i) => next + i);
    next += PER_COMPOSING;
    const result = pool.run({ kind: 'compose', seeds: range });
    // Heard below, when its turn comes; until then a failure is nobody's.
    result.catch(() => {});
    return result;
  };
  // As many as there are workers, and always heard in the order of seeds.
  const running = Array.from({ length: pool.size }, compose);
  while (seeds.length < environments) {
    const composed = await running.shift()!;
    for (const env of composed) {
      if (seeds.length === environments) break;
      if (env.problems.length > 0) unsound++;
      else if (distinct.add(env)) seeds.push(env.seed);
      else alike++;
    }
    report(options, { seeds, unsound, alike }, 'environments', seeds.length, {}, 0);
    if (seeds.length + running.length * PER_COMPOSING < environments) running.push(compose());
  }
  await Promise.all(running);
  const selection = { seeds, unsound, alike };
  store(folder, 'selection.json', selection);
  return selection;
}

/** All shards in order, those that are there already and those that are made now. */
async function fill(options: BuildOptions, selection: Selection): Promise<readonly ShardSummary[]> {
  const { folder, tasksPerEnvironment, pool } = options;
  const ranges = rangesOf(selection.seeds);
  const done = ranges.map((_, i) => stored<ShardSummary>(folder, summaryPath(nameOf(i))));
  const resumed = done.reduce((sum, one) => sum + (one?.tasks.length ?? 0), 0);
  // What a worker has counted so far replaces what it counted before, so a dead one counts nothing.
  const tallies = done.map((one): Tally => one?.tally ?? {});
  const tell = (): void => {
    const environments = done.reduce((sum, one) => sum + (one?.environments.length ?? 0), 0);
    report(options, selection, 'tasks', environments, sumOf(tallies), resumed);
  };
  tell();
  await Promise.all(
    ranges.map(async (seeds, i) => {
      if (done[i]) return;
      const shard = nameOf(i);
      const job = { kind: 'shard', folder, shard, seeds, tasksPerEnvironment } as const;
      const summary = await pool.run(job, (soFar) => {
        tallies[i] = soFar;
        tell();
      });
      done[i] = summary;
      tallies[i] = summary.tally;
      tell();
    }),
  );
  return done.map((one) => one!);
}

function report(
  { environments, tasksPerEnvironment, onProgress }: BuildOptions,
  { unsound, alike }: Selection,
  phase: BuildProgress['phase'],
  environmentsDone: number,
  tally: Tally,
  tasksResumed: number,
): void {
  onProgress?.({
    phase,
    environmentsWanted: environments,
    environmentsDone,
    unsound,
    alike,
    tasksWanted: environments * tasksPerEnvironment,
    tasksResumed,
    tally,
  });
}

function rangesOf(seeds: readonly number[]): (readonly number[])[] {
  const count = Math.ceil(seeds.length / PER_SHARD);
  return Array.from({ length: count }, (_, i) => seeds.slice(i * PER_SHARD, (i + 1) * PER_SHARD));
}

const nameOf = (shard: number): string => String(shard).padStart(4, '0');

const filesOf = ({ shard, files }: ShardSummary): string[] => [...files, summaryPath(shard)];

/** What the manifest says besides its files. */
function accountOf(
  { seed, environments, tasksPerEnvironment }: BuildOptions,
  { unsound, alike }: Selection,
  shards: readonly ShardSummary[],
): Record<string, unknown> {
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as {
    version: string;
  };
  const families = sumOf(shards.map((one) => one.tally));
  const { accepted, dropped, rejected } = overall(families);
  return {
    versions: { hadal: version, generator: GENERATOR.version },
    asked: { seed, environments, tasks_per_environment: tasksPerEnvironment },
    environments_refused: { unsound, alike },
    gates: { accepted, dropped, rejected },
    families,
  };
}

/** What killed workers have left half written. */
function removeUnfinished(folder: string): void {
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (/\.\d+\.tmp$/.test(path)) rmSync(join(folder, path));
  }
}

function stored<T>(folder: string, path: string): T | undefined {
  const file = join(folder, path);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T) : undefined;
}

function store(folder: string, path: string, value: object): void {
  const file = join(folder, path);
  const unfinished = `${file}.${process.pid}.tmp`;
  writeFileSync(unfinished, `${JSON.stringify(value)}\n`);
  renameSync(unfinished, file);
}
