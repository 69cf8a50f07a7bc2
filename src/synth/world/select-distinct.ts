// Picks environments that differ: a fingerprint that is new, and less than 0.9 of the tool signatures
// shared with every other one. Exact: of each signature it is known who has it, so what a candidate shares
// with each of the others is counted, not estimated. Source: agents reference §6.5.

import type { Environment } from '../world-types.js';
import { composeEnvironment } from './compose.js';
import { toolSignatures } from './fingerprint.js';

/** At this similarity and above two environments count as one. */
export const TOO_SIMILAR = 0.9;

/** What the choice looks at. */
export type Outline = Pick<Environment, 'fingerprint' | 'tables' | 'tools' | 'rules'>;

/** Environments seen so far, by what makes them distinct. */
export class DistinctSet {
  readonly #fingerprints = new Set<string>();
  /** Numbers of signatures, by place in the set. */
  readonly #sizes: number[] = [];
  readonly #nearest: number[] = [];
  /** Which of the set have a signature. */
  readonly #having = new Map<string, number[]>();

  get size(): number {
    return this.#sizes.length;
  }

  /** Of each, in the order in which they were taken, its similarity to the most similar other one. */
  get nearest(): readonly number[] {
    return this.#nearest;
  }

  /** Takes the environment if it is distinct from all before; says whether it was. */
  add(env: Outline): boolean {
    if (this.#fingerprints.has(env.fingerprint)) return false;
    const signatures = toolSignatures(env);
    const shared = this.#sharedWith(signatures);
    const similarity = (other: number): number =>
      shared[other]! / (signatures.size + this.#sizes[other]! - shared[other]!);
    let nearest = 0;
    for (let other = 0; other < shared.length; other++) {
      nearest = Math.max(nearest, similarity(other));
    }
    if (nearest >= TOO_SIMILAR) return false;
    this.#fingerprints.add(env.fingerprint);
    for (const signature of signatures) {
      const list = this.#having.get(signature);
      if (list) list.push(this.size);
      else this.#having.set(signature, [this.size]);
    }
    this.#sizes.push(signatures.size);
    for (let other = 0; other < shared.length; other++) {
      this.#nearest[other] = Math.max(this.#nearest[other]!, similarity(other));
    }
    this.#nearest.push(nearest);
    return true;
  }

  /** How many of the signatures each of the set has. */
  #sharedWith(signatures: ReadonlySet<string>): Uint16Array {
    const shared = new Uint16Array(this.size);
    for (const signature of signatures) {
      for (const other of this.#having.get(signature) ?? []) shared[other]!++;
    }
    return shared;
  }
}

/** The environments of the first seeds that are distinct from all of earlier seeds, as they are found. */
export function* selectDistinct(seeds: Iterable<number>, count = Infinity): Generator<Environment> {
  const seen = new DistinctSet();
  for (const seed of seeds) {
    if (seen.size >= count) return;
    const env = composeEnvironment(seed);
    if (seen.add(env)) yield env;
  }
}
