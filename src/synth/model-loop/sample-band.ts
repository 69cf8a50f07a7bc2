// How often a model solves a task (step 8), through the same loop as any rollout: a task that is always or
// never solved teaches nothing. Training reference §6.4: kept are those with a non-zero pass@N.

import type { TaskPair } from '../corpus-writer.js';
import type { CorpusStore } from '../corpus.js';
import type { RunElsewhere } from '../programs/elsewhere.js';
import { runGroups } from '../serve/rollout-loop-groups.js';
import type { RolloutRow } from '../serve/rollout-loop-row.js';
import { Rollouts } from '../serve/rollouts.js';
import type { Environment, JsonObject } from '../world-types.js';
import type { ChatEndpoint } from './chat-endpoint.js';
import type { Measured } from './transcript.js';

export interface BandOptions {
  readonly endpoint: Pick<ChatEndpoint, 'complete'>;
  readonly model: string;
  readonly sampling: JsonObject;
  readonly samples: number;
  readonly signal: AbortSignal;
}

export interface Band {
  readonly samples: number;
  readonly passes: number;
  /** Without a verdict. */
  readonly errors: number;
}

/** @throws the signal's reason */
export async function sampleBand(
  env: Environment,
  pair: TaskPair,
  { samples, ...options }: BandOptions,
  runProgram: RunElsewhere,
): Promise<Measured> {
  const rows: RolloutRow[] = [];
  await runGroups({
    ...options,
    rollouts: new Rollouts({ store: storeOf(env, pair), runProgram }),
    limits: {},
    taskKeys: [pair.task.key],
    groupSize: samples,
    concurrency: Math.min(samples, 8),
    onRow: (row) => void rows.push(row),
  });
  const judged = rows.filter(({ error }) => error === null);
  const band: Band = {
    samples,
    passes: judged.filter(({ reward }) => reward === 1).length,
    errors: samples - judged.length,
  };
  const sum = (of: (row: RolloutRow) => number): number =>
    rows.reduce((all, row) => all + of(row), 0);
  return {
    text: JSON.stringify(band),
    prompt_tokens: sum(({ usage }) => usage.prompt_tokens),
    completion_tokens: sum(({ usage }) => usage.completion_tokens),
  };
}

/** A corpus of one task. */
function storeOf(env: Environment, { task, private: secret }: TaskPair): CorpusStore {
  return {
    environmentIds: [env.id],
    numTasks: 1,
    taskKeys: () => [task.key],
    environment: (id) => (id === env.id ? env : undefined),
    task: (key) => (key === task.key ? task : undefined),
    privateTask: (key) => (key === task.key ? secret : undefined),
  };
}
