// G9 over the whole corpus: which of the tasks that shards hand in are new. Shards are heard in their
// order, so what is admitted depends on no worker. At any time no skeleton has more than its share of
// what has been admitted so far; the allowance that new work is handed out with keeps it from making
// what would be refused. Source: agents reference §6.5.

import type { Family } from '../task-types.js';
import { decodeSignature } from './min-hash.js';
import { NearTexts } from './near-texts.js';
import type { Allowance } from './novelty.js';
import type { FamilyCounts } from './turns.js';

/** Of the corpus, in thousandths, that one skeleton may be. */
const SKELETON_SHARE = 5;
/** So many of a skeleton are never too many. */
const MIN_PER_SKELETON = 5;
/** At this share of common 5-grams and above a text is another one again. */
const TOO_NEAR = 0.8;

/** What has to be known of a task to admit it. */
export interface Claim {
  readonly family: Family;
  readonly skeleton: string;
  readonly instance: string;
  /** @see min-hash.ts */
  readonly signature: string;
}

export class Admission {
  readonly texts = new NearTexts();
  readonly #instances = new Set<string>();
  readonly #skeletons = new Map<string, number>();
  readonly #families: Partial<Record<Family, number>> = {};
  #admitted = 0;

  get families(): FamilyCounts {
    return { ...this.#families };
  }

  /** Tasks by skeleton. */
  get skeletons(): ReadonlyMap<string, number> {
    return this.#skeletons;
  }

  /** Admits the task, or says in words why it is nothing new. */
  admit({ family, skeleton, instance, signature }: Claim): string | undefined {
    const has = this.#skeletons.get(skeleton) ?? 0;
    if (has >= limitAt(this.#admitted + 1)) return 'the corpus has the skeleton often enough';
    if (this.#instances.has(instance)) return 'the corpus asks the same of the same rows';
    const decoded = decodeSignature(signature);
    if (this.texts.nearest(decoded) >= TOO_NEAR) return 'the corpus has nearly the same text';
    this.texts.add(decoded);
    this.#instances.add(instance);
    this.#skeletons.set(skeleton, has + 1);
    this.#families[family] = (this.#families[family] ?? 0) + 1;
    this.#admitted++;
    return undefined;
  }

  /**
   * What a shard may add of each skeleton, so that all that are at work at once stay within the limit.
   * @param perShard tasks
   */
  allowance(perShard: number, atOnce: number): Allowance {
    const growth = (perShard * SKELETON_SHARE) / 1000;
    const room = (has: number): number => {
      const left = Math.max(0, limitAt(this.#admitted) - has);
      return Math.floor(growth + left / atOnce);
    };
    // At the very beginning everything is rare; later a share of nothing would forbid what is new.
    const each = Math.max(1, room(0));
    const less: Record<string, number> = {};
    for (const [skeleton, has] of this.#skeletons) {
      const allowed = room(has);
      if (allowed < each) less[skeleton] = allowed;
    }
    return { each, less };
  }
}

/** Of one skeleton, in a corpus of so many tasks. */
const limitAt = (tasks: number): number =>
  Math.max(MIN_PER_SKELETON, Math.floor((tasks * SKELETON_SHARE) / 1000));
