// A corpus of composed environments with tasks as families propose them, without the gates: real texts,
// plans and verifiers at a fraction of the cost of a build. Kept in memory, so that a test can put something
// else in the place of any part.

import { contentHash } from '../../src/synth/canonical.js';
import type { CorpusStore } from '../../src/synth/corpus.js';
import type { TaskPair } from '../../src/synth/corpus-writer.js';
import type { TaskFamily } from '../../src/synth/families/family.js';
import { FAMILY_LIST } from '../../src/synth/families/registry.js';
import { loadEnvironment } from '../../src/synth/load-environment.js';
import { loadProgramRunner } from '../../src/synth/programs/program-runner.js';
import { Random } from '../../src/synth/random.js';
import type { Candidate, Family } from '../../src/synth/task-types.js';
import { composeEnvironment } from '../../src/synth/world/compose.js';
import type { Environment, Json } from '../../src/synth/world-types.js';

export interface ProposedCorpus {
  readonly environments: readonly Environment[];
  readonly pairs: readonly TaskPair[];
}

export interface ProposeOptions {
  readonly numEnvironments: number;
  /** Of each environment, at most. */
  readonly tasksEach: number;
  /** Absent = all. */
  readonly families?: readonly Family[];
}

/** Draws that may come to nothing before an environment is done. */
const MAX_DRAWS = 20;

export async function proposeCorpus(options: ProposeOptions): Promise<ProposedCorpus> {
  await loadProgramRunner();
  const { numEnvironments, tasksEach, families: wanted } = options;
  const families = FAMILY_LIST.filter(({ id }) => wanted?.includes(id) ?? true);
  const environments = Array.from({ length: numEnvironments }, (_, i) => composeEnvironment(i));
  const pairs = environments.flatMap((env) => proposeIn(env, families, tasksEach));
  return { environments, pairs };
}

function proposeIn(env: Environment, all: readonly TaskFamily[], wanted: number): TaskPair[] {
  const loaded = loadEnvironment(env);
  const families = all.filter((family) => family.applies(env));
  const pairs = new Map<string, TaskPair>();
  for (let draw = 0; pairs.size < wanted && draw < wanted * MAX_DRAWS; draw++) {
    const family = families[draw % families.length];
    if (!family) break;
    const random = new Random('proposed', env.generator.seed, draw);
    const found = family.propose(loaded, random, draw % 2 === 0 ? 'en' : 'zh', 1 + (draw % 2));
    if (found && !pairs.has(found.request)) pairs.set(found.request, pairOf(env, found, draw));
  }
  return [...pairs.values()];
}

function pairOf(env: Environment, candidate: Candidate, number: number): TaskPair {
  const { ir, verifier, solution, alternatives, size, decoys: _, ...shown } = candidate;
  const taskId = `${env.id}#${candidate.family}-${number}`;
  const hash = contentHash([taskId, candidate.request, ir] as Json);
  const measured = { minCalls: solution.steps.length, tablesTouched: 1, writes: 0, solutions: 1 };
  const task = {
    taskId,
    key: taskId.slice(taskId.lastIndexOf('/') + 1).replace('#', '.'),
    hash,
    envId: env.id,
    envVersion: env.version,
    split: 'train',
    ...shown,
    difficulty: { ...measured, ...size, ladder: {}, level: 1 },
  } as const;
  return { task, private: { taskId, hash, ir, verifier, solution, alternatives } };
}

/** @param change what is to be another way: gets each part as it is read */
export function storeOf(
  { environments, pairs }: ProposedCorpus,
  change: {
    readonly environment?: (env: Environment) => Environment;
    readonly pair?: (pair: TaskPair, index: number) => TaskPair;
  } = {},
): CorpusStore {
  const { environment = (env) => env, pair = (one) => one } = change;
  const byId = new Map(environments.map((env) => [env.id, environment(env)]));
  const byKey = new Map(
    pairs.map((one, i) => {
      const changed = pair(one, i);
      return [changed.task.key, changed];
    }),
  );
  return {
    environmentIds: [...byId.keys()].toSorted(),
    numTasks: byKey.size,
    taskKeys: () => byKey.keys(),
    environment: (id) => byId.get(id),
    task: (key) => byKey.get(key)?.task,
    privateTask: (key) => byKey.get(key)?.private,
  };
}
