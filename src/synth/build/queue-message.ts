// A job as a row of the queue: named by its content, and checked by whoever takes it out, since others may
// write to the database too.

import { z } from 'zod';
import { hashOfJob, type Job } from './jobs.js';
import { namedJob } from './worker-pool.js';

const seeds = z.array(z.int().nonnegative()).min(1).max(1000);
const counts = z.record(z.string(), z.int().nonnegative());
const jobSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('compose'), seeds }),
  z.object({
    kind: z.literal('draft'),
    shard: z.int().nonnegative(),
    round: z.int().nonnegative(),
    seeds,
    wanted: z.array(z.int().nonnegative()),
    allowance: z.object({ each: z.int().nonnegative(), less: counts }),
    counts,
  }),
]);

/** As text: a column of type jsonb would sort the keys. The name is for people who look at the table. */
export interface Payload {
  readonly name: string;
  readonly job: string;
}

/** Equal jobs are the same row, however often they are asked for. */
export function idOf(job: Job): string {
  const hash = hashOfJob(job).replace(/[^0-9a-f]/g, '');
  return [8, 12, 16, 20, 32].map((end, i) => hash.slice([0, 8, 12, 16, 20][i], end)).join('-');
}

export const payloadOf = (job: Job): Payload => ({ name: namedJob(job), job: JSON.stringify(job) });

/** undefined = it is no job, or not the one it is named for. */
export function parsedJob(id: string, { job }: Payload): Job | undefined {
  try {
    const parsed = jobSchema.parse(JSON.parse(job)) as Job;
    return idOf(parsed) === id ? parsed : undefined;
  } catch {
    return undefined;
  }
}
