// Compiled graphs of one model, kept by what they depend on and dropped oldest first. Graphs over row
// tables serve any caches and stay; composed ones point into the slabs of certain caches and go when
// one of those does. Knows graphs and slabs, not what is computed.

import type { CompiledGraph } from '../tensor/types.js';
import type { SlabCache } from './sequence-cache.js';

/** Decoding of every batch size, chunks of the prompt, and chunks that share a step with decoding. */
const MAX_GRAPHS = 32;

/** Scratch memory of all kept graphs together; the newest is kept whatever it takes. */
const MAX_SCRATCH_BYTES = 512 << 20;

/** A compiled graph and what is known of its inputs. */
export interface CachedGraph {
  readonly graph: CompiledGraph;
  /** Whose slabs it points into; none for graphs over row tables. */
  readonly caches: readonly SlabCache[];
  /** Per cache: the position for which its mask was written last; -1 when never. */
  readonly maskedUpTo: number[];
}

export class GraphCache {
  /** Insertion order is order of use. */
  readonly #entries = new Map<string, CachedGraph>();
  #scratchBytes = 0;
  #numCompiled = 0;

  /** Graphs compiled so far. */
  get numCompiled(): number {
    return this.#numCompiled;
  }

  /** The graph of this key, compiled when it is not at hand. It stays alive until the next call. */
  get(key: string, caches: readonly SlabCache[], compile: () => CompiledGraph): CachedGraph {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known;
    }
    // Room is made first, so that old and new scratch memory do not add up.
    while (this.#entries.size >= MAX_GRAPHS) this.#dropOldest();
    const entry = { graph: compile(), caches, maskedUpTo: caches.map(() => -1) };
    this.#numCompiled++;
    this.#scratchBytes += entry.graph.scratchBytes;
    while (this.#entries.size > 0 && this.#scratchBytes > MAX_SCRATCH_BYTES) this.#dropOldest();
    this.#entries.set(key, entry);
    return entry;
  }

  /** Lets go of a slab that is about to be freed. */
  release(cache: SlabCache): void {
    for (const [key, { graph, caches }] of this.#entries) {
      if (caches.includes(cache)) {
        this.#drop(key);
      } else if (caches.length === 0) {
        graph.unbindRows(cache.latent);
        if (cache.keys !== null) graph.unbindRows(cache.keys);
      }
    }
  }

  dispose(): void {
    while (this.#entries.size > 0) this.#dropOldest();
  }

  #dropOldest(): void {
    this.#drop(this.#entries.keys().next().value!);
  }

  #drop(key: string): void {
    const { graph } = this.#entries.get(key)!;
    graph.dispose();
    this.#scratchBytes -= graph.scratchBytes;
    this.#entries.delete(key);
  }
}
