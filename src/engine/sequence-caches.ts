// The caches of running sequences: given on admission, filled from the prefix cache before the first
// chunk, offered to it as they grow, released in the end. Counts them. Knows nothing of scheduling.
// Contract: called between forward passes only.

import type { ModelRunner, RunnerCache } from './model-runner.js';
import type { PrefixCache } from './prefix-cache/prefix-cache.js';
import type { Sequence } from './sequence.js';

export interface SequenceCachesOptions {
  runner: ModelRunner;
  prefixCache: PrefixCache | undefined;
  /** A prefix that was waited for has been read. */
  onFetched: () => void;
}

export class SequenceCaches {
  readonly #options: SequenceCachesOptions;
  readonly #live = new Set<RunnerCache>();

  constructor(options: SequenceCachesOptions) {
    this.#options = options;
  }

  /** Given and not released. */
  get count(): number {
    return this.#live.size;
  }

  get byteLength(): number {
    let bytes = 0;
    for (const { length } of this.#live) bytes += this.#options.runner.cacheBytes(length);
    return bytes;
  }

  /** @throws when the memory cannot be had */
  give(sequence: Sequence): void {
    sequence.cache = this.#options.runner.createCache(sequence.maxLength);
    this.#live.add(sequence.cache);
    this.#openPrefix(sequence);
  }

  /**
   * What is known of a new cache's rows. Before the first chunk, not on admission: what others compute
   * meanwhile counts too. When the sequence was put back, rows it has left in the prefix cache are
   * taken again; they are no hits.
   * @throws when the cache cannot grow
   */
  restore(sequence: Sequence): void {
    const { cache, prefix } = sequence;
    if (!cache || cache.length > 0) return;
    const numRows = prefix?.restore(cache) ?? 0;
    if (!sequence.hasBegun) sequence.cacheHitTokens = numRows;
    sequence.hasBegun = true;
  }

  /** Offers what has been computed since the last time. Not for sequences whose rows are in doubt. */
  save(sequence: Sequence): void {
    const { cache, prefix, finishReason } = sequence;
    if (!cache || finishReason === 'insufficient_system_resource') return;
    prefix?.save(cache, (position) => sequence.tokensBetween(position, sequence.length));
  }

  /** Idempotent. */
  release(sequence: Sequence): void {
    const { cache } = sequence;
    if (!cache) return;
    this.save(sequence);
    sequence.releaseCache();
    this.#live.delete(cache);
  }

  /** Of sequences that begin alike one computes and the others hit; none waits for a lower priority. */
  holdFollowers(running: readonly Sequence[]): void {
    const hasRows = ({ cache }: Sequence) => cache !== undefined && cache.length > 0;
    const leaders = running.filter((one) => one.needsPrefill && hasRows(one));
    for (const sequence of running) {
      const { prefix } = sequence;
      if (!prefix || hasRows(sequence) || sequence.isFetching) continue;
      const numKnown = prefix.countKnown();
      sequence.isFollowing = leaders.some((leader) => {
        if (!leader.prefix || leader.priority < sequence.priority) return false;
        return prefix.isAwaiting(leader.prefix, leader.cache?.length ?? 0, numKnown);
      });
      if (!sequence.isFollowing) leaders.push(sequence);
    }
  }

  #openPrefix(sequence: Sequence): void {
    const prefix = this.#options.prefixCache?.open({
      tokens: sequence.tokensBetween(0, sequence.length),
      salt: sequence.request.cacheSalt,
      isResumed: sequence.hasBegun,
    });
    sequence.prefix = prefix;
    const fetching = prefix?.fetch();
    if (!fetching) return;
    sequence.isFetching = true;
    void fetching.then(() => {
      if (sequence.prefix !== prefix) return; // put back meanwhile
      sequence.isFetching = false;
      this.#options.onFetched();
    });
  }
}
