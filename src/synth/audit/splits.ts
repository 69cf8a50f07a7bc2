// What training must not have seen: environments of validation and test have structures of their own. The
// share of test tasks whose skeleton training has not seen either is told, as those are the harder half of
// the question what was learned. Source: agents reference §8.3.

import type { PublicTask } from '../task-types.js';
import type { Environment } from '../world-types.js';
import {
  percent,
  Problems,
  raise,
  type AuditedTask,
  type CheckResult,
  type CorpusCheck,
} from './corpus-check.js';

type Split = PublicTask['split'];

export class SplitCheck implements CorpusCheck {
  readonly id = 'splits';
  readonly title = 'validation and test have structures that training has not';
  readonly #problems = new Problems();
  readonly #splitOf = new Map<string, Split>();
  readonly #fingerprints = new Map<string, string>();
  readonly #tasks = new Map<Split, number>();
  /** Tasks by split and skeleton. */
  readonly #skeletons = new Map<Split, Map<string, number>>();

  environment({ id, fingerprint }: Environment): void {
    this.#fingerprints.set(id, fingerprint);
  }

  task({ task: { key, envId, split, skeleton } }: AuditedTask): void {
    raise(this.#tasks, split);
    const skeletons = this.#skeletons.get(split) ?? new Map<string, number>();
    this.#skeletons.set(split, skeletons);
    raise(skeletons, skeleton);
    const fingerprint = this.#fingerprints.get(envId) ?? envId;
    const other = this.#splitOf.get(fingerprint);
    if (other === undefined) this.#splitOf.set(fingerprint, split);
    else if (other !== split) {
      this.#problems.add(`${key} is of ${split}; the same structure is in ${other}`);
    }
  }

  result(): CheckResult {
    const count = (split: Split): number => this.#tasks.get(split) ?? 0;
    return this.#problems.result(this, {
      train: count('train'),
      val: count('val'),
      test: count('test'),
      test_skeletons_new_percent: this.#newInTest(),
    });
  }

  /** Test tasks whose skeleton no training task has. */
  #newInTest(): number {
    const trained = this.#skeletons.get('train');
    let fresh = 0;
    for (const [skeleton, count] of this.#skeletons.get('test') ?? []) {
      if (!trained?.has(skeleton)) fresh += count;
    }
    return percent(fresh, this.#tasks.get('test') ?? 0);
  }
}
