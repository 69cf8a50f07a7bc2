// Which endpoint a prompt goes to: the one that probably has its longest prefix in the cache, unless
// that one is too busy compared with the others; then the least loaded. The idea of SGLang's
// cache-aware router (sgl-project/sglang pull requests 2114, 2170), with the balance test made
// for the endpoint in question, not for the fleet (29481): one slow server must not switch affinity off.
// Pure: no clock, no randomness, no I/O. What each endpoint holds is a guess from what it was sent.

import type { BlockChain } from './prefix-blocks.js';

export interface Candidate {
  /** Stable number of the endpoint. */
  id: number;
  inFlight: number;
  maxConcurrency: number;
  /** Share of the load it should get, relative to the others. */
  weight: number;
  /** Only when no other can take the request. */
  isLastResort: boolean;
}

export interface RouterOptions {
  /** Blocks remembered per endpoint; the least recently used are forgotten. */
  maxBlocks?: number;
  /** Affinity counts from this share of the prompt's blocks on. */
  minShare?: number;
  /** Affinity gives way when the endpoint has this many requests per weight more than the idlest... */
  maxExtraLoad?: number;
  /** ... and this many times as many. */
  maxLoadRatio?: number;
}

export interface Route {
  id: number;
  /** Leading blocks of the prompt that it was sent before. */
  matchedBlocks: number;
}

export class Router {
  readonly #maxBlocks: number;
  readonly #minShare: number;
  readonly #maxExtraLoad: number;
  readonly #maxLoadRatio: number;
  /** Per endpoint, in order of use: a Set keeps insertion order, the oldest first. */
  readonly #blocks = new Map<number, Set<number>>();
  readonly #lastUse = new Map<number, number>();
  #uses = 0;

  constructor({
    maxBlocks = 65_536, // 4M tokens
    minShare = 0.3,
    maxExtraLoad = 8,
    maxLoadRatio = 1.5,
  }: RouterOptions = {}) {
    this.#maxBlocks = maxBlocks;
    this.#minShare = minShare;
    this.#maxExtraLoad = maxExtraLoad;
    this.#maxLoadRatio = maxLoadRatio;
  }

  /** undefined when none has a free place. Changes nothing: see `record`. */
  choose(candidates: readonly Candidate[], chain: BlockChain): Route | undefined {
    const free = candidates.filter(({ inFlight, maxConcurrency }) => inFlight < maxConcurrency);
    const preferred = free.filter(({ isLastResort }) => !isLastResort);
    const pool = preferred.length > 0 ? preferred : free;
    if (pool.length === 0) return undefined;

    const idlest = pool.toSorted((a, b) => this.#byLoad(a, b))[0]!;
    const matched = new Map(pool.map(({ id }) => [id, this.matchedBlocks(id, chain)]));
    const best = pool.toSorted(
      (a, b) => matched.get(b.id)! - matched.get(a.id)! || this.#byLoad(a, b),
    )[0]!;
    const share = chain.length > 0 ? matched.get(best.id)! / chain.length : 0;
    const isWorthIt = share > 0 && share >= this.#minShare && !this.#isOverloaded(best, idlest);
    const { id } = isWorthIt ? best : idlest;
    return { id, matchedBlocks: matched.get(id)! };
  }

  /** The prompt goes there: its blocks will be in that endpoint's cache. */
  record(id: number, chain: BlockChain): void {
    this.#lastUse.set(id, ++this.#uses);
    const blocks = this.#blocks.get(id) ?? new Set();
    this.#blocks.set(id, blocks);
    // Last block first, so that the beginning of a prompt outlives its end.
    for (const hash of chain.slice(0, this.#maxBlocks).toReversed()) {
      blocks.delete(hash);
      blocks.add(hash);
    }
    for (const hash of blocks) {
      if (blocks.size <= this.#maxBlocks) break;
      blocks.delete(hash);
    }
  }

  /** The endpoint has lost its cache: it was down. */
  forget(id: number): void {
    this.#blocks.delete(id);
  }

  matchedBlocks(id: number, chain: BlockChain): number {
    const blocks = this.#blocks.get(id);
    if (!blocks) return 0;
    const end = chain.findIndex((hash) => !blocks.has(hash));
    return end < 0 ? chain.length : end;
  }

  /** Blocks remembered for an endpoint. */
  numBlocks(id: number): number {
    return this.#blocks.get(id)?.size ?? 0;
  }

  #isOverloaded(candidate: Candidate, idlest: Candidate): boolean {
    const [load, least] = [loadOf(candidate), loadOf(idlest)];
    return load - least > this.#maxExtraLoad && load > least * this.#maxLoadRatio;
  }

  /** Least loaded first; of equals the one unused for longest, so that new prompts spread. */
  #byLoad(a: Candidate, b: Candidate): number {
    const uses = (this.#lastUse.get(a.id) ?? 0) - (this.#lastUse.get(b.id) ?? 0);
    return loadOf(a) - loadOf(b) || uses || a.id - b.id;
  }
}

function loadOf({ inFlight, weight }: Candidate): number {
  return inFlight / weight;
}
