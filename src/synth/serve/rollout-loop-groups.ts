// Many rollouts: every task `groupSize` times, `concurrency` at once, rows as they finish. Samples of one
// task are begun one after another, so that an endpoint's prefix cache has what it needs.

import { readFileSync } from 'node:fs';
import { packageFile } from '../../package-root.js';
import type { ChatEndpoint } from '../model-loop/chat-endpoint.js';
import type { Json, JsonObject } from '../world-types.js';
import { runRollout, type LoopLimits } from './rollout-loop.js';
import { groupIdOf, type RolloutRow } from './rollout-loop-row.js';
import type { Rollouts } from './rollouts.js';

export interface GroupsInput {
  readonly rollouts: Rollouts;
  readonly endpoint: Pick<ChatEndpoint, 'complete'>;
  readonly model: string;
  readonly sampling: JsonObject;
  readonly limits: LoopLimits;
  readonly taskKeys: readonly string[];
  readonly groupSize: number;
  readonly concurrency: number;
  /** Whether an earlier run has it; default: nothing is there. */
  readonly isDone?: (rolloutId: string) => boolean;
  /** One at a time; the next rollout of its place waits for it. */
  readonly onRow: (row: RolloutRow) => void | Promise<void>;
  readonly signal: AbortSignal;
  readonly now?: () => number;
}

/** @throws the signal's reason; ServiceError for a task that is not there; whatever `onRow` throws */
export async function runGroups(input: GroupsInput): Promise<void> {
  const { rollouts, model, sampling, limits, groupSize, isDone = () => false, onRow } = input;
  const versions = { hadal: packageVersion() };
  const stop = new AbortController();
  const signal = AbortSignal.any([input.signal, stop.signal]);
  const samples = samplesOf();
  const work = async (): Promise<void> => {
    for (const sample of samples) {
      signal.throwIfAborted();
      await onRow(await runRollout({ ...input, ...sample, versions, signal }));
    }
  };
  try {
    await Promise.all(Array.from({ length: input.concurrency }, work));
  } catch (error) {
    // One failure that is no rollout's own ends them all.
    stop.abort(error);
    throw error;
  }

  function* samplesOf() {
    for (const taskKey of input.taskKeys) {
      const settings = { model, sampling, limits: limits as Json };
      const groupId = groupIdOf(rollouts.task(taskKey), settings);
      for (let sampleIdx = 0; sampleIdx < groupSize; sampleIdx++) {
        if (!isDone(`${groupId}-${sampleIdx}`)) yield { taskKey, groupId, sampleIdx };
      }
    }
  }
}

/** `count` of the keys, evenly over the corpus: some of every environment and family. */
export function spread(keys: readonly string[], count: number): string[] {
  const wanted = Math.min(count, keys.length);
  return Array.from({ length: wanted }, (_, i) => keys[Math.floor((i * keys.length) / wanted)]!);
}

function packageVersion(): string {
  const text = readFileSync(packageFile('package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
