// G9 as far as one worker can tell: skeletons that are there often enough, the same instance again, a
// text that is nearly another one of the environment, and anything in common with public prompts. What
// only the whole corpus shows is admission.ts's. Source: agents reference §6.5.

import { contentHash } from '../canonical.js';
import type { Candidate } from '../task-types.js';
import type { Environment, Json } from '../world-types.js';
import { publicOverlap } from './public-overlap.js';
import { DistinctTexts, simHash } from './sim-hash.js';

/** Tasks of one skeleton in one environment. */
const MAX_PER_SKELETON = 12;

/** How many tasks of a skeleton a shard may add, as the corpus stands when its work is handed out. */
export interface Allowance {
  /** Of a skeleton that is not listed. */
  readonly each: number;
  /** Those of which fewer are allowed. */
  readonly less: Readonly<Record<string, number>>;
}

/** What is left of an allowance while a shard is made. */
export class SkeletonBudget {
  readonly #used = new Map<string, number>();

  constructor(readonly allowance: Allowance) {}

  hasRoom(skeleton: string): boolean {
    const allowed = Object.hasOwn(this.allowance.less, skeleton)
      ? this.allowance.less[skeleton]!
      : this.allowance.each;
    return (this.#used.get(skeleton) ?? 0) < allowed;
  }

  use(skeleton: string): void {
    this.#used.set(skeleton, (this.#used.get(skeleton) ?? 0) + 1);
  }
}

/** What one environment has. */
export class Novelty {
  readonly #texts = new DistinctTexts();
  readonly #instances = new Set<string>();
  readonly #skeletons = new Map<string, number>();

  constructor(readonly budget: SkeletonBudget) {}

  /** Why the candidate is nothing new, in words; undefined = it is. */
  refusal({ skeleton, request, user }: Candidate, instance: string): string | undefined {
    const often = (this.#skeletons.get(skeleton) ?? 0) >= MAX_PER_SKELETON;
    if (often || !this.budget.hasRoom(skeleton)) return 'the skeleton is there often enough';
    if (this.#instances.has(instance)) return 'the same is asked of the same rows';
    if (this.#texts.hasNear(simHash(request))) return 'the text is nearly another one';
    return publicOverlap(`${request}\n${user?.opening ?? ''}`);
  }

  add(skeleton: string, request: string, instance: string): void {
    this.#skeletons.set(skeleton, (this.#skeletons.get(skeleton) ?? 0) + 1);
    this.#instances.add(instance);
    this.#texts.add(simHash(request));
  }
}

/** What a task is but for its words: within one environment, names stand for the same rows. */
export function instanceHash(
  env: Pick<Environment, 'fingerprint'>,
  { family, ir, patch }: Pick<Candidate, 'family' | 'ir' | 'patch'>,
): string {
  return contentHash([env.fingerprint, family, ir, patch as unknown as Json]);
}
