// A cache of the real model as the engine uses it: knows where the sequence ends, so that rows behind
// that can be forgotten; the slab itself only ever overwrites. Knows no forward pass.

import type { SequenceCache } from '../model/types.js';
import type { RunnerCache } from './model-runner.js';

/** How slabs grow (sequence-cache.ts of the model): from so many rows, by doubling, in buckets. */
const INITIAL_ROWS = 512;
const ROW_BUCKET = 256;

export class LoadedCache implements RunnerCache {
  /** Advanced by whoever runs a forward pass. */
  length = 0;

  constructor(readonly slab: SequenceCache) {}

  exportRows(firstRow: number, numRows: number): Uint8Array {
    if (firstRow + numRows > this.length) {
      throw new RangeError(
        `rows ${firstRow} to ${firstRow + numRows} of a cache that holds ${this.length}`,
      );
    }
    return this.slab.exportRows(firstRow, numRows);
  }

  importRows(blocks: readonly Uint8Array[], rowsPerBlock: number): void {
    if (this.slab.length !== this.length) {
      throw new Error('rows cannot be put behind rows that were taken back');
    }
    this.slab.importRows(blocks, rowsPerBlock);
    this.length = this.slab.length;
  }

  truncate(length: number): void {
    if (length > this.length) {
      throw new RangeError(`truncate to ${length}: the cache holds ${this.length} tokens`);
    }
    this.length = length;
  }

  dispose(): void {
    this.slab.dispose();
  }
}

/**
 * The most rows that a slab with so many tokens can have. It grew when a token did not fit, to the
 * double of what it had or to what was needed, so at most to the double of a bucket less.
 */
export function maxCacheRows(numTokens: number, contextLength: number): number {
  const needed = Math.ceil(numTokens / ROW_BUCKET) * ROW_BUCKET;
  return Math.min(contextLength, Math.max(INITIAL_ROWS, needed, 2 * (needed - ROW_BUCKET)));
}
