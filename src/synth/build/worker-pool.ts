// The one way a build hands out work. A job leaves its result as a file (jobs.ts), so a pool only has to
// say when it is done: processes of this machine (process-pool.ts), or workers of any machine that come
// to a queue (queue-pool.ts). Source: agents reference §9.

import type { Job, JobProgress } from './jobs.js';

export interface WorkPool {
  /** How many jobs are done at once, as far as is known. */
  readonly size: number;
  /** Urgent jobs go before others. @throws WorkError if the job cannot be done */
  run(job: Job, options?: RunOptions): Promise<void>;
  /** Jobs that are not done are given up. */
  close(): Promise<void>;
}

export interface RunOptions {
  readonly isUrgent?: boolean;
  /** May be heard or not, from the beginning again if another worker begins again. */
  readonly onProgress?: (soFar: JobProgress) => void;
}

/** A job failed by itself or took three workers with it; `message` names its seeds. */
export class WorkError extends Error {
  override name = 'WorkError';
}

/** Workers that may die of a job before it is at fault itself. */
export const MAX_DEATHS = 3;

export function namedJob(job: Job): string {
  const seeds = job.seeds.join(', ');
  return job.kind === 'compose'
    ? `composing of seeds ${seeds}`
    : `shard ${job.shard} (round ${job.round}) of seeds ${seeds}`;
}
