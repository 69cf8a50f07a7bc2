// Goes through a corpus once and has every check look at it. The corpus comes from outside: what is damaged
// is a finding, not a crash. Source: agents reference §8.3.

import { CorpusError, type CorpusStore } from '../corpus.js';
import { DataError } from '../database.js';
import { loadEnvironment } from '../load-environment.js';
import { loadProgramRunner } from '../programs/program-runner.js';
import { submitTool } from '../task-prompt.js';
import type { PrivateTask } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { Environment, Json } from '../world-types.js';
import { Problems, type AuditedTask, type CheckResult, type CorpusCheck } from './corpus-check.js';
import { DuplicateCheck, EnvironmentCheck } from './duplicates.js';
import { LeakageCheck } from './leakage.js';
import { PositionCheck } from './position-bias.js';
import { Recheck } from './recheck.js';
import { MajorityCheck, RefusalCheck, SkeletonCheck } from './shares.js';
import { SplitCheck } from './splits.js';

export interface AuditOptions {
  readonly store: CorpusStore;
  /** Tasks that are proven again, at even distances; Infinity = all. */
  readonly recheck: number;
  /** Further checks, shown everything like the others. */
  readonly more?: readonly CorpusCheck[];
  readonly onProgress?: (done: number) => void;
}

export interface AuditReport {
  readonly ok: boolean;
  readonly environments: number;
  readonly tasks: number;
  readonly checks: readonly CheckResult[];
}

/** @throws Error of node:fs */
export async function auditCorpus(options: AuditOptions): Promise<AuditReport> {
  const { store, recheck, more = [], onProgress } = options;
  await loadProgramRunner();
  const readable = new ReadableCheck();
  const proof = new Recheck();
  const checks: readonly CorpusCheck[] = [
    new EnvironmentCheck(),
    new DuplicateCheck(),
    new SplitCheck(),
    new SkeletonCheck(),
    new RefusalCheck(),
    new MajorityCheck(),
    new LeakageCheck(),
    new PositionCheck(),
    ...more,
  ];
  const corpus = new Environments(store, readable);
  for (const id of store.environmentIds) {
    const env = corpus.read(id);
    if (env) for (const check of checks) check.environment?.(env);
  }
  const wanted = Math.min(recheck, store.numTasks);
  let done = 0;
  for (const key of store.taskKeys()) {
    // At even distances: the number of tasks wanted so far grows here.
    const isWanted = quota(done + 1, wanted, store.numTasks) > quota(done, wanted, store.numTasks);
    const audited = readable.reading(key, () => taskOf(store, corpus, key));
    if (audited) {
      for (const check of checks) check.task?.(audited);
      if (isWanted) proof.task(audited);
    }
    done++;
    onProgress?.(done);
  }
  const results = [readable, ...checks, proof].map((check) => check.result());
  return {
    ok: results.every(({ ok }) => ok),
    environments: store.environmentIds.length,
    tasks: store.numTasks,
    checks: results,
  };
}

function quota(done: number, wanted: number, all: number): number {
  return Math.floor((done * wanted) / Math.max(1, all));
}

function taskOf(store: CorpusStore, corpus: Environments, key: string): AuditedTask | undefined {
  const task = store.task(key)!;
  const secret = store.privateTask(key)!;
  const loaded = corpus.load(task.envId);
  return loaded && { task, secret, loaded, answer: answerOf(loaded.env, secret) };
}

/** What the reference hands in, read from its plan. */
function answerOf(env: Environment, { solution }: PrivateTask): Json | undefined {
  const tool = submitTool(env);
  const step = solution.steps.findLast((one) => one.tool === tool?.name);
  const [value] = Object.values(step?.arguments ?? {});
  if (value && 'literal' in value) return value.literal;
  if (value && 'derived' in value) return value.derived;
  return solution.submission;
}

/** Whatever can be read at all; what cannot is named. */
class ReadableCheck implements CorpusCheck {
  readonly id = 'readable';
  readonly title = 'environments and tasks can be read and belong together';
  readonly #problems = new Problems();

  /** undefined = it cannot be read. */
  reading<T>(what: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      const isDamage =
        error instanceof CorpusError || error instanceof DataError || error instanceof TypeError;
      if (!isDamage) throw error;
      this.#problems.add(`${what}: ${error.message}`);
      return undefined;
    }
  }

  result(): CheckResult {
    return this.#problems.result(this, {});
  }
}

/** A corpus has the tasks of one environment together: the last few are enough. */
class Environments {
  static readonly #NUM_KEPT = 8;
  readonly #kept = new Map<string, LoadedEnvironment | undefined>();

  constructor(
    readonly store: CorpusStore,
    readonly readable: ReadableCheck,
  ) {}

  read(id: string): Environment | undefined {
    return this.readable.reading(id, () => {
      const env = this.store.environment(id);
      if (!env) throw new CorpusError('there is no such environment');
      return env;
    });
  }

  load(id: string): LoadedEnvironment | undefined {
    if (this.#kept.has(id)) return this.#kept.get(id);
    const env = this.read(id);
    const loaded = env && this.readable.reading(id, () => loadEnvironment(env));
    this.#kept.set(id, loaded);
    if (this.#kept.size > Environments.#NUM_KEPT) {
      const [oldest] = this.#kept.keys();
      this.#kept.delete(oldest!);
    }
    return loaded;
  }
}
