// Picks environments that differ: a fingerprint that is new, and less than 0.9 of the tool signatures
// shared with every one picked before. Neighbours are found through an inverted index of signatures, so
// a candidate is compared only with those that could be too similar. Source: agents reference §6.5.

import type { Environment } from '../world-types.js';
import { composeEnvironment } from './compose.js';
import { similarity, toolSignatures } from './fingerprint.js';

/** At this similarity and above two environments count as one. */
export const TOO_SIMILAR = 0.9;

/** Environments seen so far, by what makes them distinct. */
export class DistinctSet {
  readonly #fingerprints = new Set<string>();
  readonly #sets: ReadonlySet<string>[] = [];
  /** Which of the sets have a signature. */
  readonly #having = new Map<string, number[]>();

  get size(): number {
    return this.#sets.length;
  }

  /** Takes the environment if it is distinct from all before; says whether it was. */
  add(env: Pick<Environment, 'fingerprint' | 'tables' | 'tools' | 'rules'>): boolean {
    if (this.#fingerprints.has(env.fingerprint)) return false;
    const signatures = toolSignatures(env);
    if (this.#nearest(signatures) >= TOO_SIMILAR) return false;
    const index = this.#sets.push(signatures) - 1;
    this.#fingerprints.add(env.fingerprint);
    for (const one of signatures) {
      const list = this.#having.get(one);
      if (list) list.push(index);
      else this.#having.set(one, [index]);
    }
    return true;
  }

  /** Highest similarity to any of the set; below the limit it may be given as 0. */
  #nearest(signatures: ReadonlySet<string>): number {
    // Of a set that shares 0.9, at most a tenth of these signatures is missing: whichever tenth that
    // is, one of the rarest tenth plus one is shared (prefix filtering).
    const rare = [...signatures].toSorted((a, b) => this.#frequency(a) - this.#frequency(b));
    const shared = Math.ceil((rare.length * 9) / 10);
    const prefix = rare.slice(0, rare.length - shared + 1);
    const candidates = new Set(prefix.flatMap((one) => this.#having.get(one) ?? []));
    let nearest = 0;
    for (const index of candidates) {
      nearest = Math.max(nearest, similarity(signatures, this.#sets[index]!));
    }
    return nearest;
  }

  #frequency(signature: string): number {
    return this.#having.get(signature)?.length ?? 0;
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
