// Blocks in memory under a byte budget. Order of use is kept so that a block is never older than one
// that continues it: whoever uses a chain moves it as a whole, root last. The oldest block is then
// always the end of a chain, and dropping it strands nothing.

/** What a block costs beside its bytes: key, map entry, buffer object. */
const OVERHEAD_BYTES = 512;

export class RamTier {
  readonly maxBytes: number;
  /** Oldest first. */
  readonly #blocks = new Map<string, Uint8Array>();
  #byteLength = 0;
  #numEvicted = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  get size(): number {
    return this.#blocks.size;
  }

  /** Never above `maxBytes`. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Blocks dropped to keep the budget, since the beginning. */
  get numEvicted(): number {
    return this.#numEvicted;
  }

  get(key: string): Uint8Array | undefined {
    return this.#blocks.get(key);
  }

  /**
   * Marks a chain, root first, as just used, and adds the blocks given for keys that are not held.
   * When it does not fit as a whole, its beginning stays.
   */
  use(chain: readonly string[], blocks: ReadonlyMap<string, Uint8Array> = NO_BLOCKS): void {
    for (const key of chain.toReversed()) {
      const held = this.#blocks.get(key);
      const block = held ?? blocks.get(key);
      if (!block) continue;
      if (held) this.#blocks.delete(key);
      else this.#byteLength += costOf(block);
      this.#blocks.set(key, block);
    }
    this.#evict();
  }

  #evict(): void {
    for (const [key, block] of this.#blocks) {
      if (this.#byteLength <= this.maxBytes) return;
      this.#blocks.delete(key);
      this.#byteLength -= costOf(block);
      this.#numEvicted++;
    }
  }
}

const NO_BLOCKS: ReadonlyMap<string, Uint8Array> = new Map();

function costOf(block: Uint8Array): number {
  return block.byteLength + OVERHEAD_BYTES;
}
