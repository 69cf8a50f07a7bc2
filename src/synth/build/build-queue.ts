// The queue between a build and its workers: pg-boss in a schema of its own, one queue a build, a lease on
// every job that a worker has, and a second queue for jobs that are given up.
// Knows nothing of when to enqueue (queue-pool.ts) or how a job is done (queue-worker.ts).
// Source: agents reference §9.

import PgBoss from 'pg-boss';
import type { Mark } from './build-mark.js';
import type { Job, JobProgress } from './jobs.js';
import { idOf, parsedJob, payloadOf, type Payload } from './queue-message.js';
import { inspectUrl, QueueError } from './queue-url.js';
import { MAX_DEATHS } from './worker-pool.js';

const SCHEMA = 'hadal_synth';
const CONNECTIONS = 3;
/** A worker that was not heard of for so long is not counted. */
const ALIVE_SECONDS = 15;

export interface Claim {
  readonly id: string;
  readonly job: Job;
  readonly leaseSeconds: number;
}

export type Standing =
  | { readonly state: 'waiting' | 'done' | 'lost' }
  | { readonly state: 'active'; readonly progress?: JobProgress }
  | { readonly state: 'failed'; readonly message: string };

interface StateRow {
  readonly id: string;
  readonly state: string;
  readonly progress: JobProgress | null;
  readonly message: string | null;
}

export class BuildQueue {
  #id = '';

  private constructor(
    readonly boss: PgBoss,
    /** Without password. */
    readonly place: string,
    /** What an error says, without password. */
    readonly messageOf: (error: unknown) => string,
  ) {}

  /** @throws QueueError */
  static async open(url: string, onTrouble: (message: string) => void): Promise<BuildQueue> {
    const { place, clean } = inspectUrl(url);
    const boss = new PgBoss({
      connectionString: url,
      schema: SCHEMA,
      application_name: 'hadal-synth',
      max: CONNECTIONS,
      supervise: false,
      schedule: false,
    });
    boss.on('error', (error) => onTrouble(clean(error)));
    try {
      await boss.start();
      const queue = new BuildQueue(boss, place, clean);
      // Under a lock: two that create a table at once would disturb each other.
      await queue.#sql(`BEGIN; SELECT pg_advisory_xact_lock(hashtext('${SCHEMA}.worker'));
        CREATE TABLE IF NOT EXISTS ${SCHEMA}.worker (
          queue text NOT NULL, id uuid NOT NULL, processes int NOT NULL,
          seen_on timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (queue, id));
        COMMIT;`);
      return queue;
    } catch (error) {
      await boss.stop({ graceful: false }).catch(() => {});
      throw new QueueError(`no queue at ${place}: ${clean(error)}`);
    }
  }

  get name(): string {
    return `build-${this.#id}`;
  }

  get #deadLetter(): string {
    return `${this.name}-failed`;
  }

  /** From here on this is the queue of one build. */
  use(mark: Mark): void {
    this.#id = mark.id;
  }

  /** Does nothing if it is there. */
  async create(): Promise<void> {
    const { name } = this;
    await this.boss.createQueue(this.#deadLetter, { name: this.#deadLetter });
    await this.boss.createQueue(name, { name, deadLetter: this.#deadLetter });
  }

  /** With all that is in it. */
  async remove(): Promise<void> {
    const names = [this.name, this.#deadLetter];
    await this.#sql(`DELETE FROM ${SCHEMA}.job WHERE name = ANY($1)`, [names]);
    await this.#sql(`DELETE FROM ${SCHEMA}.worker WHERE queue = $1`, [this.name]);
    for (const name of names) await this.boss.deleteQueue(name);
  }

  /** Jobs that nobody has begun are taken out. */
  async clear(): Promise<void> {
    await this.boss.purgeQueue(this.name);
  }

  /** A job that is there already, of an earlier run of the build, stays as it is unless it has ended.
   *  @returns its id, by its content */
  async enqueue(job: Job, leaseSeconds: number, isUrgent: boolean): Promise<string> {
    const id = idOf(job);
    const ended = ['completed', 'failed', 'cancelled'];
    await this.#sql(
      `DELETE FROM ${SCHEMA}.job WHERE name = $1 AND id = $2 AND state::text = ANY($3)`,
      [this.name, id, ended],
    );
    await this.boss.send(this.name, payloadOf(job), {
      id,
      priority: isUrgent ? 1 : 0,
      retryLimit: MAX_DEATHS - 1,
      expireInSeconds: leaseSeconds,
    });
    return id;
  }

  /** In the order of `ids`. */
  async standings(ids: readonly string[]): Promise<Standing[]> {
    const rows = await this.#sql<StateRow>(
      `SELECT id, state, output->'progress' AS progress,
        COALESCE(output->>'message', output->'value'->>'message') AS message
      FROM ${SCHEMA}.job WHERE name = $1 AND id = ANY($2::uuid[])`,
      [this.name, ids],
    );
    const found = new Map(rows.map((row) => [row.id, standingOf(row)]));
    return ids.map((id) => found.get(id) ?? { state: 'lost' });
  }

  /** Takes jobs back whose lease has run out: to be tried again, or given up. */
  async expire(): Promise<void> {
    await this.boss.expire();
  }

  /** Processes of workers that were heard of lately. */
  async numWorkers(): Promise<number> {
    const [row] = await this.#sql<{ processes: string }>(
      `SELECT COALESCE(sum(processes), 0) AS processes FROM ${SCHEMA}.worker
      WHERE queue = $1 AND seen_on > now() - interval '${ALIVE_SECONDS} s'`,
      [this.name],
    );
    return Number(row?.processes ?? 0);
  }

  /** Says that a worker is alive. */
  async beat(worker: string, processes: number): Promise<void> {
    await this.#sql(
      `INSERT INTO ${SCHEMA}.worker (queue, id, processes) VALUES ($1, $2, $3)
      ON CONFLICT (queue, id) DO UPDATE SET seen_on = now()`,
      [this.name, worker, processes],
    );
  }

  async leave(worker: string): Promise<void> {
    await this.#sql(`DELETE FROM ${SCHEMA}.worker WHERE queue = $1 AND id = $2`, [
      this.name,
      worker,
    ]);
  }

  /** Jobs for this worker alone, until the lease runs out. What is no job at all is failed here. */
  async claim(most: number): Promise<Claim[]> {
    const rows = await this.boss.fetch<Payload>(this.name, { batchSize: most });
    const claims: Claim[] = [];
    for (const { id, data, expireInSeconds } of rows) {
      const job = parsedJob(id, data);
      // A numeric comes as text.
      if (job) claims.push({ id, job, leaseSeconds: Number(expireInSeconds) });
      else await this.fail(id, 'what the queue holds is not a job, or not the one it is named for');
    }
    return claims;
  }

  /** The lease begins anew. pg-boss reckons it from the start, so the start is what moves. */
  async renew(id: string, progress: JobProgress | undefined): Promise<void> {
    const output = progress ? JSON.stringify({ progress }) : null;
    await this.#sql(
      `UPDATE ${SCHEMA}.job SET started_on = now(), output = $3::jsonb
      WHERE name = $1 AND id = $2 AND state = 'active'`,
      [this.name, id, output],
    );
  }

  async complete(id: string): Promise<void> {
    await this.boss.complete(this.name, id);
  }

  /** One try less. */
  async fail(id: string, message: string): Promise<void> {
    await this.boss.fail(this.name, id, { message });
  }

  /** Given back by a worker that has to go: without a start, pg-boss counts no try. */
  async release(id: string): Promise<void> {
    await this.#sql(
      `UPDATE ${SCHEMA}.job SET state = 'retry', started_on = NULL, output = NULL
      WHERE name = $1 AND id = $2 AND state = 'active'`,
      [this.name, id],
    );
  }

  /** Names of jobs that were given up. */
  async deadLetters(): Promise<string[]> {
    const rows = await this.#sql<{ data: Payload }>(
      `SELECT data FROM ${SCHEMA}.job WHERE name = $1 ORDER BY created_on`,
      [this.#deadLetter],
    );
    return rows.map(({ data }) => data.name);
  }

  async close(): Promise<void> {
    await this.boss.stop({ graceful: false }).catch(() => {});
  }

  async #sql<Row>(text: string, values?: unknown[]): Promise<Row[]> {
    // pg-boss gives nothing at all when it is closed, and without values pg takes several statements.
    const db = this.boss.getDb() as {
      executeSql(text: string, values?: unknown[]): Promise<unknown>;
    };
    const result = (await db.executeSql(text, values)) as { rows?: Row[] } | undefined;
    return result?.rows ?? [];
  }
}

function standingOf({ state, progress, message }: StateRow): Standing {
  if (state === 'completed') return { state: 'done' };
  if (state === 'failed') return { state: 'failed', message: message ?? 'no reason was given' };
  if (state === 'active') return { state: 'active', ...(progress && { progress }) };
  return { state: state === 'cancelled' ? 'lost' : 'waiting' };
}
