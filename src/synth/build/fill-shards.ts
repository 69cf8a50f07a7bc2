// The second part of a build: shards of a few environments are drafted by workers, several at once, and
// heard in their order: what is not new in the corpus is refused and made anew, then the shard is sealed.
// A draft is handed out with what the corpus had a fixed number of shards before, so the same is drawn
// whatever the workers do, whoever of them dies, and however often the build is cut off.
// Source: agents reference §6.5, §8.4, §9.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CorpusFile } from '../corpus-writer.js';
import { Admission } from './admission.js';
import { removeDraft, sealShard, shardName, type Refusals } from './draft-files.js';
import { DRAFTS, readStored, store } from './folder.js';
import {
  hashOfJob,
  resultPath,
  type Draft,
  type DraftJob,
  type EnvironmentSummary,
  type TaskSummary,
} from './jobs.js';
import { recounted, sumOf, type Tally } from './tally.js';
import { WorkError, type WorkPool } from './worker-pool.js';

/** Environments of one shard. */
const PER_SHARD = 8;
/** Rounds in which what was refused is made anew. */
const MAX_ROUNDS = 4;
/** Shards in the making at once: a twelfth of the corpus, within these. */
const AT_ONCE = { least: 4, most: 64, part: 12 };

/** What a finished shard holds. */
export interface ShardSummary {
  readonly shard: number;
  readonly files: readonly CorpusFile[];
  readonly environments: readonly EnvironmentSummary[];
  readonly tasks: readonly TaskSummary[];
  readonly tally: Tally;
}

export interface FillOptions {
  readonly folder: string;
  readonly seeds: readonly number[];
  readonly tasksPerEnvironment: number;
  readonly pool: WorkPool;
  /** Hears of every shard in order, and need keep nothing of it. */
  readonly onShard: (summary: ShardSummary, isResumed: boolean) => void;
  readonly onProgress: (soFar: FillProgress) => void;
}

export interface FillProgress {
  readonly environments: number;
  readonly tally: Tally;
}

/** @returns what is in the corpus. @throws WorkError if a job cannot be done */
export async function fillShards(options: FillOptions): Promise<Admission> {
  return new Filling(options).run();
}

class Filling {
  readonly #admission = new Admission();
  readonly #shards: readonly (readonly number[])[];
  readonly #atOnce: number;
  /** Of sealed shards together. */
  #tally: Tally = {};
  #environments = 0;
  /** Of shards in the making, as far as they are. */
  readonly #making = new Map<number, FillProgress>();

  constructor(readonly options: FillOptions) {
    const { seeds } = options;
    const count = Math.ceil(seeds.length / PER_SHARD);
    this.#shards = Array.from({ length: count }, (_, i) =>
      seeds.slice(i * PER_SHARD, (i + 1) * PER_SHARD),
    );
    const part = Math.ceil(count / AT_ONCE.part);
    this.#atOnce = Math.min(AT_ONCE.most, Math.max(AT_ONCE.least, part));
  }

  async run(): Promise<Admission> {
    const drafts = new Map<number, Promise<Draft>>();
    let begun = 0;
    for (let shard = 0; shard < this.#shards.length; shard++) {
      for (; begun < Math.min(this.#shards.length, shard + this.#atOnce); begun++) {
        if (existsSync(join(this.options.folder, sealedPath(begun)))) continue;
        const draft = this.#draft(this.#jobOf(begun, 0));
        // Heard when its turn comes; until then a failure is nobody's.
        draft.catch(() => {});
        drafts.set(begun, draft);
      }
      const path = sealedPath(shard);
      const found = readStored<ShardSummary>(this.options.folder, path);
      const summary = found ?? (await this.#seal(shard, await drafts.get(shard)!));
      drafts.delete(shard);
      if (found) for (const task of found.tasks) this.#admission.admit(task);
      this.#making.delete(shard);
      this.#tally = sumOf([this.#tally, summary.tally]);
      this.#environments += summary.environments.length;
      this.options.onShard(summary, found !== undefined);
      this.#tell();
    }
    return this.#admission;
  }

  /** Takes what is new, has the rest made anew, and writes the shard. */
  async #seal(shard: number, first: Draft): Promise<ShardSummary> {
    const tasks: TaskSummary[] = [];
    const rounds: Refusals[] = [];
    const tallies: Tally[] = [];
    for (let draft = first; ;) {
      const refusals = draft.tasks.map((task) => this.#admission.admit(task));
      const refused = draft.tasks.filter((_, i) => refusals[i] !== undefined);
      tasks.push(...draft.tasks.filter((_, i) => refusals[i] === undefined));
      rounds.push(refusals);
      tallies.push(recounted(draft.tally, refused));
      if (refused.length === 0 || rounds.length === MAX_ROUNDS) break;
      const wanted = first.environments.map(
        ({ id }) => refused.filter(({ envId }) => envId === id).length,
      );
      draft = await this.#draft(this.#jobOf(shard, rounds.length, wanted), true);
    }
    const { folder } = this.options;
    const summary: ShardSummary = {
      shard,
      files: [...first.files, ...sealShard(folder, shard, rounds)],
      environments: first.environments,
      tasks,
      tally: sumOf(tallies),
    };
    store(folder, sealedPath(shard), summary);
    removeDraft(folder, shard, rounds.length);
    return summary;
  }

  #jobOf(shard: number, round: number, wanted?: readonly number[]): DraftJob {
    const seeds = this.#shards[shard]!;
    const { tasksPerEnvironment } = this.options;
    return {
      kind: 'draft',
      shard,
      round,
      seeds,
      wanted: wanted ?? seeds.map(() => tasksPerEnvironment),
      allowance: this.#admission.allowance(PER_SHARD * tasksPerEnvironment, this.#atOnce),
      counts: this.#admission.families,
    };
  }

  /** The draft that is there already, if it is of this very job; else somebody makes it. */
  async #draft(job: DraftJob, isUrgent = false): Promise<Draft> {
    const { folder, pool } = this.options;
    const madeFor = hashOfJob(job);
    const path = resultPath(job);
    const found = readStored<Draft>(folder, path);
    if (found?.madeFor === madeFor) return found;
    await pool.run(job, {
      isUrgent,
      onProgress: (soFar) => {
        if (isUrgent) return;
        this.#making.set(job.shard, soFar);
        this.#tell();
      },
    });
    const made = readStored<Draft>(folder, path);
    if (made?.madeFor === madeFor) return made;
    throw new WorkError(
      `${path} is not what was asked for: do workers share the folder ${folder}?`,
    );
  }

  #tell(): void {
    const making = [...this.#making.values()];
    this.options.onProgress({
      environments: making.reduce((sum, one) => sum + one.environments, this.#environments),
      tally: sumOf([this.#tally, ...making.map(({ tally }) => tally)]),
    });
  }
}

const sealedPath = (shard: number): string => `${DRAFTS}/${shardName(shard)}.sealed.json`;
