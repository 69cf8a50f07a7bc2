// The context cache of one engine: rows of earlier sequences, in 64-token blocks, for later ones that
// begin alike. A sequence takes what is known before its first chunk and gives back whole blocks as
// they are computed, so that parallel requests and the next turn of a conversation find them.
// Knows blocks and rows as bytes; not requests, scheduling or what a row means.
// Source: api reference §7; decision: a slab per sequence, a content-addressed store beside it.

import type { RunnerCache } from '../model-runner.js';
import { BLOCK_TOKENS, BlockChain, hitTokens } from './block-chain.js';
import type { DiskTier } from './disk-tier.js';
import { RamTier } from './ram-tier.js';

/** Files read at once. */
const READ_AHEAD = 8;

export interface PrefixCacheOptions {
  /** Names the weights and the layout of rows; blocks of another one are never found. */
  fingerprint: string;
  /** Bytes of blocks kept in memory. */
  ramBytes: number;
  /** Where blocks outlive the process; absent = in memory only. */
  disk?: DiskTier;
  /** Something a person should know; the cache goes on without what failed. */
  onWarning: (warning: string) => void;
}

export interface PrefixCacheStats {
  /** Prompt tokens of all sequences that asked. */
  promptTokens: number;
  /** Of these, served from memory. */
  ramHitTokens: number;
  /** Of these, read from disk. */
  diskHitTokens: number;
  ramBlocks: number;
  ramBytes: number;
  /** Blocks dropped to keep the budget. */
  ramEvictions: number;
  diskEvictions: number;
  /** Absent without a folder, and before it has been looked at. */
  diskBytes?: number;
}

/** What is looked up. */
export interface Prompt {
  tokens: Int32Array;
  /** Tenant separation. */
  salt: string | undefined;
  /** The sequence was put back and looks for its own rows again: not counted. */
  isResumed?: boolean;
}

interface BlockRange {
  first: number;
  end: number;
}

export class PrefixCache {
  readonly #options: PrefixCacheOptions;
  readonly #ram: RamTier;
  #promptTokens = 0;
  #ramHitTokens = 0;
  #diskHitTokens = 0;
  #hasWarned = false;

  constructor(options: PrefixCacheOptions) {
    this.#options = options;
    this.#ram = new RamTier(options.ramBytes);
  }

  /** The view of one new sequence. */
  open({ tokens, salt, isResumed = false }: Prompt): CachedPrefix {
    const chain = new BlockChain({ fingerprint: this.#options.fingerprint, salt });
    chain.extend(tokens);
    if (!isResumed) this.#promptTokens += tokens.length;
    return new CachedPrefix(this, chain, { numTokens: tokens.length, isResumed });
  }

  stats(): PrefixCacheStats {
    const { disk } = this.#options;
    const diskBytes = disk?.byteLength;
    return {
      promptTokens: this.#promptTokens,
      ramHitTokens: this.#ramHitTokens,
      diskHitTokens: this.#diskHitTokens,
      ramBlocks: this.#ram.size,
      ramBytes: this.#ram.byteLength,
      ramEvictions: this.#ram.numEvicted,
      diskEvictions: disk?.numEvicted ?? 0,
      ...(diskBytes !== undefined && { diskBytes }),
    };
  }

  /** Resolves when what is kept will survive this process. */
  async flush(): Promise<void> {
    await this.#options.disk?.flush();
  }

  /** For CachedPrefix: reads what only the disk has; undefined when there is nothing to wait for. */
  fetch(keys: readonly string[]): Promise<Map<string, Uint8Array>> | undefined {
    const { disk } = this.#options;
    const isMissing = keys.some((key) => !this.#ram.get(key));
    return disk && isMissing ? this.#read(keys, disk) : undefined;
  }

  async #read(keys: readonly string[], disk: DiskTier): Promise<Map<string, Uint8Array>> {
    const found = new Map<string, Uint8Array>();
    for (let start = 0; start < keys.length; start += READ_AHEAD) {
      const some = keys.slice(start, start + READ_AHEAD);
      const blocks = await Promise.all(
        some.map((key, i) => this.#ram.get(key) ?? disk.read(key, start + i)),
      );
      for (const [i, block] of blocks.entries()) {
        if (!block) return found;
        if (!this.#ram.get(some[i]!)) found.set(some[i]!, block);
      }
    }
    return found;
  }

  /** For CachedPrefix: how many blocks from the beginning are in memory or were fetched. */
  countKnown(keys: readonly string[], fetched: ReadonlyMap<string, Uint8Array>): number {
    const firstUnknown = keys.findIndex((key) => !this.#ram.get(key) && !fetched.has(key));
    return firstUnknown < 0 ? keys.length : firstUnknown;
  }

  /** For CachedPrefix: the longest run of blocks that are in memory or were fetched. */
  take(
    keys: readonly string[],
    fetched: ReadonlyMap<string, Uint8Array>,
    { isCounted }: { isCounted: boolean },
  ): Uint8Array[] {
    const blocks: Uint8Array[] = [];
    const hits = { ram: 0, disk: 0 };
    for (const key of keys) {
      const inMemory = this.#ram.get(key);
      const block = inMemory ?? fetched.get(key);
      if (!block) break;
      blocks.push(block);
      hits[inMemory ? 'ram' : 'disk'] += BLOCK_TOKENS;
    }
    if (isCounted) {
      this.#ramHitTokens += hits.ram;
      this.#diskHitTokens += hits.disk;
    }
    this.#use(keys.slice(0, blocks.length), fetched);
    return blocks;
  }

  #use(chain: readonly string[], blocks: ReadonlyMap<string, Uint8Array>): void {
    const { disk } = this.#options;
    disk?.use(chain, (key) => blocks.get(key) ?? this.#ram.get(key));
    this.#ram.use(chain, blocks);
  }

  /** For CachedPrefix: keeps the blocks `first .. end` of a chain, whose rows `cache` holds. */
  keep(keys: readonly string[], { first, end }: BlockRange, cache: RunnerCache): void {
    const blocks = new Map<string, Uint8Array>();
    try {
      for (let i = first; i < end; i++) {
        if (this.#ram.get(keys[i]!)) continue;
        blocks.set(keys[i]!, cache.exportRows(i * BLOCK_TOKENS, BLOCK_TOKENS));
      }
    } catch (error) {
      this.#warnOnce(error); // for want of memory; what came before is kept
    }
    this.#use(keys.slice(0, end), blocks);
  }

  #warnOnce(error: unknown): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.#options.onWarning(`the context cache could not keep rows: ${reason}`);
  }
}

/** One sequence's share in the cache. */
export class CachedPrefix {
  readonly #owner: PrefixCache;
  /** Of the prompt first, then of the generated tokens too. */
  readonly #chain: BlockChain;
  /** Keys that a hit may cover. */
  readonly #wanted: readonly string[];
  /** Read from disk and not yet restored. */
  #fetched: ReadonlyMap<string, Uint8Array> = new Map();
  /** Blocks that need not be offered any more. */
  #numKept = 0;
  readonly #isResumed: boolean;

  constructor(
    owner: PrefixCache,
    chain: BlockChain,
    { numTokens, isResumed }: { numTokens: number; isResumed: boolean },
  ) {
    this.#owner = owner;
    this.#chain = chain;
    this.#isResumed = isResumed;
    this.#wanted = chain.keys.slice(0, hitTokens(numTokens) / BLOCK_TOKENS);
  }

  /** Fetches what is on disk only, before `restore`; undefined when there is nothing to wait for.
   *  Never rejects. */
  fetch(): Promise<void> | undefined {
    return this.#owner.fetch(this.#wanted)?.then((blocks) => {
      this.#fetched = blocks;
    });
  }

  /** Of the blocks that a hit may cover, how many from the beginning could be restored now. */
  countKnown(): number {
    return this.#owner.countKnown(this.#wanted, this.#fetched);
  }

  /**
   * Whether the first block that is missing here is one that another sequence, which has
   * `computedTokens` of its prompt, is about to compute: then waiting saves computing it twice.
   * @param numKnown as `countKnown` says
   */
  isAwaiting(other: CachedPrefix, computedTokens: number, numKnown: number): boolean {
    const key = this.#wanted[numKnown];
    return (
      key !== undefined &&
      key === other.#chain.keys[numKnown] &&
      computedTokens < (numKnown + 1) * BLOCK_TOKENS
    );
  }

  /**
   * Puts the known beginning of the prompt into an empty cache. Returns its length in tokens.
   * @throws when the cache cannot grow; it is then as it was
   */
  restore(cache: RunnerCache): number {
    const isCounted = !this.#isResumed;
    const blocks = this.#owner.take(this.#wanted, this.#fetched, { isCounted });
    this.#fetched = new Map();
    if (blocks.length > 0) cache.importRows(blocks, BLOCK_TOKENS);
    this.#numKept = blocks.length;
    return blocks.length * BLOCK_TOKENS;
  }

  /**
   * Offers the whole blocks computed since the last call.
   * @param tokensFrom the tokens of the sequence from a position on, at least up to `cache.length`
   */
  save(cache: RunnerCache, tokensFrom: (position: number) => Int32Array): void {
    const numBlocks = Math.floor(cache.length / BLOCK_TOKENS);
    if (numBlocks <= this.#numKept) return;
    const chain = this.#chain;
    if (numBlocks > chain.keys.length) {
      chain.extend(tokensFrom(chain.numTokens).subarray(0, cache.length - chain.numTokens));
    }
    this.#owner.keep(chain.keys, { first: this.#numKept, end: numBlocks }, cache);
    this.#numKept = numBlocks;
  }
}
