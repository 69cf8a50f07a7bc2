// Remembers which 64-token prompt blocks were seen, so that replies of the lab carry the cache
// accounting of the platform (api reference §7). Holds digests only, per salt, and forgets the oldest.

const BLOCK_TOKENS = 64;

export class BlockMemory {
  /** Digest of a block and all before it; insertion order = age. */
  readonly #seen = new Set<string>();

  constructor(private readonly maxBlocks = 16_384) {}

  /** Prompt tokens already known under this salt: whole blocks, never the whole prompt. */
  hits(tokens: Int32Array, salt = ''): number {
    let numHits = 0;
    for (const digest of digests(tokens, salt)) {
      if (!this.#seen.has(digest)) break;
      numHits += BLOCK_TOKENS;
    }
    return numHits === tokens.length ? Math.max(0, numHits - BLOCK_TOKENS) : numHits;
  }

  remember(tokens: Int32Array, salt = ''): void {
    for (const digest of digests(tokens, salt)) {
      this.#seen.delete(digest);
      this.#seen.add(digest);
      if (this.#seen.size > this.maxBlocks) this.#seen.delete(this.#seen.values().next().value!);
    }
  }
}

/** FNV-1a over two lanes: fast, and a collision costs a wrong number in a usage of the lab. */
function* digests(tokens: Int32Array, salt: string): Generator<string> {
  let low = 0x811c9dc5;
  let high = 0x1000193;
  const add = (value: number) => {
    low = Math.imul(low ^ value, 0x01000193);
    high = Math.imul(high ^ (value + 0x9e3779b9), 0x85ebca6b);
  };
  for (const character of salt) add(character.codePointAt(0)!);
  const numBlocks = Math.floor(tokens.length / BLOCK_TOKENS);
  for (let block = 0; block < numBlocks; block++) {
    for (let i = 0; i < BLOCK_TOKENS; i++) add(tokens[block * BLOCK_TOKENS + i]!);
    yield `${low}.${high}.${block}`;
  }
}
