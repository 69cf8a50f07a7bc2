// What is too common to be worth anything, or too rare to teach anything: the answer that a family has most
// often, requests that are to be refused, and skeletons that fill a corpus. Shares are judged by a 95 %
// interval, so that a small corpus is not blamed for chance. Source: agents reference §6.5, §8.3.

import { contentHash } from '../canonical.js';
import type { SolutionPlan } from '../task-types.js';
import type { Json } from '../world-types.js';
import {
  percent,
  Problems,
  raise,
  type AuditedTask,
  type CheckResult,
  type CorpusCheck,
} from './corpus-check.js';
import { shareInterval } from './statistics.js';

/** Percent of a family's tasks that one answer may be right in. */
const MAX_MAJORITY = 2;
/** Percent of all tasks that are to be refused. */
const REFUSALS = { least: 5, most: 10 } as const;
/** Percent of the corpus that one skeleton may have, and tasks of one in an environment. */
const MAX_SKELETON = 0.5;
const MAX_SKELETON_HERE = 12;

/** An agent that always gives the answer its family has most often. */
export class MajorityCheck implements CorpusCheck {
  readonly id = 'majority';
  readonly title = 'the most common answer of a family is hardly ever right';
  /** By family, by hash of what is handed in, said, and left behind. */
  readonly #answers = new Map<string, Map<string, number>>();

  task({ task: { family }, secret: { verifier, solution }, answer }: AuditedTask): void {
    const { communicate = [], expectedStateHash, stateChecks = [], programs = [] } = verifier;
    const isByState = stateChecks.length + programs.length > 0;
    // Where several end states are right, what the reference does stands for the answer.
    const end: Json = expectedStateHash ?? (isByState ? callsOf(solution) : null);
    const counts = this.#answers.get(family) ?? new Map<string, number>();
    this.#answers.set(family, counts);
    raise(counts, contentHash([answer ?? null, communicate, end]));
  }

  result(): CheckResult {
    const problems = new Problems();
    const figures: Record<string, number> = {};
    for (const [family, counts] of [...this.#answers].toSorted()) {
      const size = [...counts.values()].reduce((sum, one) => sum + one, 0);
      const most = Math.max(...counts.values());
      figures[family] = percent(most, size);
      // An answer that occurs once is nobody's majority.
      if (most > 1 && 100 * shareInterval(most, size).low > MAX_MAJORITY) {
        problems.add(`${family}: one answer is right in ${most} of ${size} tasks`);
      }
    }
    return problems.result(this, figures);
  }
}

const callsOf = ({ steps }: SolutionPlan): Json => steps as unknown as Json;

/** Requests to be refused: none, and nobody learns to refuse; many, and refusing always pays. */
export class RefusalCheck implements CorpusCheck {
  readonly id = 'refusals';
  readonly title = `${REFUSALS.least} to ${REFUSALS.most} % of the requests are infeasible`;
  #refusals = 0;
  #tasks = 0;

  task({ task }: AuditedTask): void {
    this.#tasks++;
    if (task.family === 'infeasible') this.#refusals++;
  }

  result(): CheckResult {
    const problems = new Problems();
    const share = percent(this.#refusals, this.#tasks);
    const { low, high } = shareInterval(this.#refusals, this.#tasks);
    if (100 * high < REFUSALS.least || 100 * low > REFUSALS.most) {
      problems.add(`${this.#refusals} of ${this.#tasks} tasks are infeasible`);
    }
    return problems.result(this, { percent: share, tasks: this.#refusals });
  }
}

/** Shapes of requests: family, kinds of constraints, tables. */
export class SkeletonCheck implements CorpusCheck {
  readonly id = 'skeletons';
  readonly title = `no skeleton has more than ${MAX_SKELETON} % of the tasks`;
  readonly #counts = new Map<string, number>();
  readonly #here = new Map<string, number>();
  #tasks = 0;

  task({ task: { skeleton, envId } }: AuditedTask): void {
    this.#tasks++;
    raise(this.#counts, skeleton);
    raise(this.#here, `${envId}\n${skeleton}`);
  }

  result(): CheckResult {
    const problems = new Problems();
    let most = 0;
    for (const [skeleton, count] of this.#counts) {
      most = Math.max(most, count);
      // As many as one environment may have are no flood in a small corpus either.
      if (count > Math.max(MAX_SKELETON_HERE, (MAX_SKELETON / 100) * this.#tasks)) {
        problems.add(`${skeleton}: ${count} of ${this.#tasks} tasks`);
      }
    }
    for (const [name, count] of this.#here) {
      if (count > MAX_SKELETON_HERE) problems.add(`${name.replace('\n', ': ')}: ${count} tasks`);
    }
    return problems.result(this, {
      skeletons: this.#counts.size,
      largest_percent: percent(most, this.#tasks),
    });
  }
}
