// What a check of a whole corpus is: it is shown every environment and every task once, in the corpus's
// order, and says at the end what it found. A check keeps counts, never tasks, so that a corpus of any size
// is looked through in little memory. Source: agents reference §8.3.

import type { PrivateTask, PublicTask } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { Environment, Json } from '../world-types.js';

export interface AuditedTask {
  readonly task: PublicTask;
  readonly secret: PrivateTask;
  readonly loaded: LoadedEnvironment;
  /** What the reference hands in; undefined = nothing. */
  readonly answer: Json | undefined;
}

export interface CheckResult {
  readonly id: string;
  readonly title: string;
  readonly ok: boolean;
  readonly figures: Readonly<Record<string, number | string>>;
  /** How many there are; `problems` has the first of them, in words. */
  readonly numProblems: number;
  readonly problems: readonly string[];
}

export interface CorpusCheck {
  readonly id: string;
  readonly title: string;
  environment?(env: Environment): void;
  task?(audited: AuditedTask): void;
  result(): CheckResult;
}

/** More of the same say nothing new. */
const MAX_SHOWN = 8;

/** Problems as they are found: all are counted, the first are kept. */
export class Problems {
  readonly #shown: string[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(problem: string): void {
    this.#count++;
    if (this.#shown.length < MAX_SHOWN) this.#shown.push(problem);
  }

  result(
    { id, title }: Pick<CorpusCheck, 'id' | 'title'>,
    figures: CheckResult['figures'],
  ): CheckResult {
    const { count } = this;
    return {
      id,
      title,
      ok: count === 0,
      figures,
      numProblems: count,
      problems: [...this.#shown],
    };
  }
}

/** Adds one to a count. */
export function raise<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Of a whole, in percent, with two digits behind the point. */
export function percent(part: number, whole: number): number {
  return Math.round((10_000 * part) / Math.max(1, whole)) / 100;
}
