// In which types the rows of caches are kept, and whether attention goes through row tables: what was
// asked for, held against what the device, the file and the model's shape allow.

import { MAX_TABLE_HEADS, MAX_TABLE_WIDTH, MAX_TOP_K } from '../tensor/table-nodes.js';
import { latentWidth, type ModelConfig } from './config.js';
import type { GgufFile } from './gguf-reader.js';
import { ModelError } from './model-error.js';
import type { CacheTypes, ModelOptions } from './types.js';

/** Row tables where the device has them, unless something asked for or the model's shape rules them out. */
export function usesRowTables(
  { device, rowTables, cacheTypes = 'auto' }: ModelOptions,
  config: ModelConfig,
): boolean {
  if (rowTables === 'off' || !device.hasRowTables || !fitsRowTables(config)) return false;
  // Keys in q8_0 can only be read by single operations.
  return cacheTypes === 'auto' || cacheTypes.indexer !== 'q8_0';
}

/** Kernels keep a query and what it chose in memory of fixed bounds. */
function fitsRowTables(config: ModelConfig): boolean {
  const { indexer, numHeads } = config;
  if (latentWidth(config) > MAX_TABLE_WIDTH || numHeads > MAX_TABLE_HEADS) return false;
  if (indexer === null) return true;
  const { headDim, numHeads: numIndexHeads, topk } = indexer;
  return headDim <= MAX_TABLE_WIDTH && numIndexHeads <= MAX_TABLE_HEADS && topk <= MAX_TOP_K;
}

/**
 * Caches as exact as the weights: f32 beside f32 weights, else half and eight bits.
 * @throws {ModelError} for keys in i8_rows where there are no row tables to read them
 */
export function resolveCacheTypes(
  { device, rowTables, cacheTypes = 'auto' }: ModelOptions,
  hasTables: boolean,
  file: GgufFile,
  { indexer }: ModelConfig,
): CacheTypes {
  if (cacheTypes !== 'auto') {
    if (cacheTypes.indexer === 'i8_rows' && !hasTables) {
      const why =
        rowTables === 'off'
          ? 'they are switched off'
          : device.hasRowTables
            ? 'the model is too wide for them'
            : device.kernels;
      throw new ModelError(
        `${file.path}: indexer keys in i8_rows need row tables (${why}); use q8_0 or auto`,
      );
    }
    return cacheTypes;
  }
  const isF32 = file.tensors.get('blk.0.attn_kv_a_mqa.weight')?.type === 'f32';
  if (isF32) return { latent: 'f32', indexer: 'f32' };
  const headDim = indexer?.headDim ?? 0;
  if (hasTables) return { latent: 'f16', indexer: headDim % 4 === 0 ? 'i8_rows' : 'f16' };
  return { latent: 'f16', indexer: headDim % 32 === 0 ? 'q8_0' : 'f16' };
}
