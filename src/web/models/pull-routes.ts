// GET and POST /pulls, DELETE /pulls/:id: models fetched into the models folder, for operators. A pull
// goes on when the page leaves.

import { Hono } from 'hono';
import { z } from 'zod';
import { PullError } from '../../pull/pull-error.js';
import type { PullJob, PullJobs } from '../../pull/pull-jobs.js';
import type { PullInfo } from '../models-wire.js';
import { readJson } from '../read-json.js';
import { requireOperator } from '../web-api.js';
import { WebError } from '../web-error.js';
import type { WebEnv } from '../web-host.js';

const newPull = z.strictObject({ source: z.string().trim().min(1).max(2000) });

/** @param jobs undefined: nothing is kept on disk here */
export function pullRoutes(jobs: PullJobs | undefined): Hono<WebEnv> {
  const routes = new Hono<WebEnv>();
  routes.use(async (c, next) => {
    requireOperator(c.get('caller'));
    return next();
  });

  routes.get('/', (c) => c.json((jobs?.list() ?? []).map(pullInfo)));

  routes.post('/', async (c) => {
    const { source } = newPull.parse(await readJson(c.env.incoming, 8192));
    if (!jobs) {
      throw new WebError(
        409,
        'this server keeps nothing on disk; start it with --data-dir to pull',
      );
    }
    try {
      return c.json(pullInfo(jobs.start(source)), 202);
    } catch (error) {
      if (!(error instanceof PullError)) throw error;
      const status = error.problem === 'busy' ? 409 : 400;
      throw new WebError(status, error.message, { cause: error });
    }
  });

  routes.delete('/:id', (c) => {
    if (!jobs?.remove(c.req.param('id'))) throw new WebError(404, 'there is no such pull');
    return c.body(null, 204);
  });
  return routes;
}

function pullInfo(job: PullJob): PullInfo {
  return {
    id: job.id,
    source: job.source,
    state: job.state,
    file: job.file ?? null,
    received_bytes: job.receivedBytes,
    total_bytes: job.totalBytes ?? null,
    bytes_per_second: job.bytesPerSecond ?? null,
    message: job.message ?? null,
    next: job.next ?? null,
    started_at: new Date(job.startedAt).toISOString(),
    ended_at: job.endedAt === undefined ? null : new Date(job.endedAt).toISOString(),
  };
}
