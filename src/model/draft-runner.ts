// What a loaded model asks of its drafting block (model reference §10). draft.ts does it.

import type { SlabCache } from './sequence-cache.js';
import type { DraftItem } from './types.js';

/** A DraftItem whose cache is known to be one of the model's. */
export interface OwnDraftItem extends DraftItem {
  cache: SlabCache;
}

export interface DraftRunner {
  /** As Model.draft; calls do not overlap. @throws RangeError for rows beyond the cache's length */
  draft(items: readonly OwnDraftItem[]): Promise<Int32Array>;
}
