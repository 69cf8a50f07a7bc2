// Puts the context cache of an engine child together from its options.

import type { ModelRunner } from '../model-runner.js';
import { BLOCK_TOKENS } from './block-chain.js';
import { modelFolder } from './cache-folder.js';
import { DEFAULT_DISK_BYTES, ramBytesOf, type CacheOptions } from './cache-options.js';
import { DiskTier } from './disk-tier.js';
import { PrefixCache } from './prefix-cache.js';

export function openPrefixCache(
  options: CacheOptions,
  { card, fingerprint, rowBytes }: ModelRunner,
  onWarning: (warning: string) => void,
): PrefixCache {
  const { folder, diskBytes = DEFAULT_DISK_BYTES } = options;
  const disk =
    folder !== undefined && diskBytes > 0
      ? new DiskTier({
          folder,
          model: modelFolder(card.id, fingerprint),
          blockBytes: rowBytes * BLOCK_TOKENS,
          maxBytes: diskBytes,
          onWarning,
        })
      : undefined;
  void disk?.look();
  const ramBytes = ramBytesOf(options);
  return new PrefixCache({ fingerprint, ramBytes, ...(disk && { disk }), onWarning });
}
