// A step of many sequences as columns of one graph: checks every item before anything is computed, lays
// their tokens side by side, and says which columns go on past the last attention and which of those
// get logits. Knows caches by their length only.

import type { ModelConfig } from './config.js';
import type { StepPart } from './graph-runner.js';
import type { SlabCache } from './sequence-cache.js';
import type { ForwardItem } from './types.js';

/** An item and where its results will be. */
export interface PlannedItem extends StepPart {
  wantsHidden: boolean;
  /** Its first of the kept columns, if it keeps any. */
  firstKept: number;
  /** Its first of the columns with logits, and how many it has. */
  firstOutput: number;
  numOutputs: number;
}

export interface BatchPlan {
  items: readonly PlannedItem[];
  /** All tokens, item after item: [N]. */
  tokens: Int32Array;
  /** Columns that go on past the last attention: [K] of 0 .. N. */
  kept: Int32Array;
  /** Those of them with logits: [M] of 0 .. K. */
  outputs: Int32Array;
}

/**
 * @param own finds the slab behind a cache of the model
 * @throws RangeError for a token id outside the vocabulary, a start beyond the cache's length, an end
 *   beyond its capacity, no tokens, or a cache that comes twice
 */
export function planBatch(
  items: readonly ForwardItem[],
  own: (cache: ForwardItem['cache']) => SlabCache,
  config: ModelConfig,
): BatchPlan {
  const planned: PlannedItem[] = [];
  const kept: number[] = [];
  const outputs: number[] = [];
  const caches = new Set<SlabCache>();
  const tokens = new Int32Array(items.reduce((sum, item) => sum + item.tokens.length, 0));
  let firstToken = 0;
  for (const item of items) {
    const cache = own(item.cache);
    checkItem(item, cache, config);
    if (caches.has(cache)) throw new RangeError('a cache comes twice in one step');
    caches.add(cache);
    const { wantLogits = 'last', wantHidden: wantsHidden = false, startPos } = item;
    const numTokens = item.tokens.length;
    const numOutputs = { last: 1, all: numTokens, none: 0 }[wantLogits];
    const numKept = wantsHidden ? numTokens : numOutputs;
    const place = { firstKept: kept.length, firstOutput: outputs.length };
    planned.push({ cache, startPos, numTokens, wantsHidden, ...place, numOutputs });
    // Logits are wanted of the last tokens, or of none.
    for (let i = numTokens - numKept; i < numTokens; i++) kept.push(firstToken + i);
    for (let i = kept.length - numOutputs; i < kept.length; i++) outputs.push(i);
    tokens.set(item.tokens, firstToken);
    firstToken += numTokens;
  }
  const keptColumns = padded(kept, tokens.length);
  // Where every kept column has logits that stays so, the padding included.
  const outputColumns =
    outputs.length === kept.length
      ? Int32Array.from(keptColumns, (_, i) => i)
      : padded(outputs, keptColumns.length);
  return { items: planned, tokens, kept: keptColumns, outputs: outputColumns };
}

/**
 * Counts of columns above 8 are rounded up to eights, so that batches that come and go settle on a
 * small number of graphs. The last column is computed again in vain.
 */
function padded(columns: readonly number[], numAll: number): Int32Array {
  const count = Math.ceil(columns.length / 8) * 8;
  if (columns.length <= 8 || count >= numAll) return Int32Array.from(columns);
  return Int32Array.from({ length: count }, (_, i) => columns[i] ?? columns.at(-1)!);
}

function checkItem(
  { tokens, startPos }: ForwardItem,
  cache: SlabCache,
  { vocabSize }: ModelConfig,
): void {
  if (!Number.isInteger(startPos) || startPos < 0 || startPos > cache.length) {
    throw new RangeError(`startPos is ${startPos}; the cache holds ${cache.length} tokens`);
  }
  if (tokens.length === 0 || startPos + tokens.length > cache.capacity) {
    throw new RangeError(
      `${tokens.length} token(s) from position ${startPos}; the cache holds up to ${cache.capacity}`,
    );
  }
  for (const token of tokens) {
    if (token < 0 || token >= vocabSize) {
      throw new RangeError(`token id ${token} is outside the vocabulary of ${vocabSize}`);
    }
  }
}
