// The first part of a build: environments are composed in the order of their seeds, by as many workers
// as there are, and the first that are sound and distinct from all before are chosen. Which ones does not
// depend on the workers. Source: agents reference §6.5.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DistinctSet } from '../world/select-distinct.js';
import { DRAFTS, readStored, store } from './folder.js';
import { resultPath, type Composed, type Job } from './jobs.js';
import type { WorkPool } from './worker-pool.js';

/** Seeds of one composing job. */
const PER_JOB = 8;
const SELECTION = `${DRAFTS}/selection.json`;

export interface Selection {
  readonly seeds: readonly number[];
  readonly unsound: number;
  readonly alike: number;
}

export interface SelectOptions {
  readonly folder: string;
  readonly wanted: number;
  readonly firstSeed: number;
  readonly pool: WorkPool;
  readonly onProgress: (soFar: Selection) => void;
}

/** @throws WorkError if a job cannot be done */
export async function selectEnvironments(options: SelectOptions): Promise<Selection> {
  const { folder, wanted, pool, onProgress } = options;
  const found = readStored<Selection>(folder, SELECTION);
  if (found) return found;
  const distinct = new DistinctSet();
  const seeds: number[] = [];
  let [unsound, alike, next] = [0, 0, options.firstSeed];
  const compose = async (): Promise<readonly Composed[]> => {
    const range = Array.from({ length: PER_JOB }, (_, i) => next + i);
    next += PER_JOB;
    const job: Job = { kind: 'compose', seeds: range };
    await pool.run(job);
    const path = resultPath(job);
    const composed = readStored<readonly Composed[]>(folder, path) ?? [];
    rmSync(join(folder, path), { force: true });
    return composed;
  };
  const begin = (): Promise<readonly Composed[]> => {
    const result = compose();
    // Heard below, when its turn comes; until then a failure is nobody's.
    result.catch(() => {});
    return result;
  };
  // As many as there are workers, and always heard in the order of seeds.
  const running = Array.from({ length: pool.size }, begin);
  while (seeds.length < wanted) {
    for (const env of await running.shift()!) {
      if (seeds.length === wanted) break;
      if (env.problems.length > 0) unsound++;
      else if (distinct.add(env)) seeds.push(env.seed);
      else alike++;
    }
    onProgress({ seeds, unsound, alike });
    if (seeds.length + running.length * PER_JOB < wanted) running.push(begin());
  }
  await Promise.all(running);
  const selection = { seeds, unsound, alike };
  store(folder, SELECTION, selection);
  return selection;
}
