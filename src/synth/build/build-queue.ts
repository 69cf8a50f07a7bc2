// The queue between a build and its workers: pg-boss in a schema of its own, one queue a build, a lease on
// every job that a worker has, and a second queue for jobs that are given up. Which build a folder belongs
// to is written in the folder, so workers on any machine find its queue, and only its queue.
// Knows nothing of when to enqueue (queue-pool.ts) or how a job is done (queue-worker.ts).
// Source: agents reference §9.

import { randomUUID } from 'node:crypto';
import PgBoss from 'pg-boss';
import { z } from 'zod';
import { GENERATOR } from '../world/compose.js';
import { DRAFTS, readStored, store } from './folder.js';
import { hashOfJob, type Job, type JobProgress } from './jobs.js';
import { MAX_DEATHS, namedJob } from './worker-pool.js';

const SCHEMA = 'hadal_synth';
/** In the folder of a build that is not finished. */
const MARK = `${DRAFTS}/queue.json`;
const CONNECTIONS = 3;
/** A worker that was not heard of for so long is not counted. */
const ALIVE_SECONDS = 15;

/** The database does not let itself be used as a queue; `message` names it without its password. */
export class QueueError extends Error {
  override name = 'QueueError';
}

/** Which build a folder belongs to, and what may work for it. */
export interface Mark {
  readonly id: string;
  readonly generator: string;
}

export const generatorHere = (): string => `${GENERATOR.name} ${GENERATOR.version}`;

/** undefined = nothing is to be done here: not yet, or no more. */
export const readMark = (folder: string): Mark | undefined => readStored<Mark>(folder, MARK);

/** The mark that is there, so that a build that goes on finds its queue; else a new one. */
export function markBuild(folder: string): Mark {
  const found = readMark(folder);
  if (found) return found;
  const mark = { id: randomUUID(), generator: generatorHere() };
  store(folder, MARK, mark);
  return mark;
}

export interface Claim {
  readonly id: string;
  readonly job: Job;
  readonly leaseSeconds: number;
}

export type Standing =
  | { readonly state: 'waiting' | 'done' | 'lost' }
  | { readonly state: 'active'; readonly progress?: JobProgress }
  | { readonly state: 'failed'; readonly message: string };

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
interface Payload {
  readonly name: string;
  readonly job: string;
}

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
    const payload: Payload = { name: namedJob(job), job: JSON.stringify(job) };
    await this.boss.send(this.name, payload, {
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

/** Equal jobs are the same row, however often they are asked for. */
function idOf(job: Job): string {
  const hash = hashOfJob(job).replace(/[^0-9a-f]/g, '');
  return [8, 12, 16, 20, 32].map((end, i) => hash.slice([0, 8, 12, 16, 20][i], end)).join('-');
}

function parsedJob(id: string, { job }: Payload): Job | undefined {
  try {
    const parsed = jobSchema.parse(JSON.parse(job)) as Job;
    return idOf(parsed) === id ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** What may be said of a URL, and how its password is kept out of what others say. */
function inspectUrl(url: string): { place: string; clean: (error: unknown) => string } {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new QueueError('the queue URL has to be postgres://user:password@host:port/database');
  }
  const { username, password, host, pathname, searchParams } = new URL(url);
  const secrets = [password, decodeURIComponent(password), searchParams.get('password') ?? ''];
  return {
    place: `postgres://${username && `${username}@`}${host}${pathname}`,
    clean(error) {
      const { message = '', code = '' } = error as { message?: string; code?: string };
      let text = message || code || String(error);
      for (const secret of secrets) if (secret !== '') text = text.replaceAll(secret, '***');
      return text;
    },
  };
}
