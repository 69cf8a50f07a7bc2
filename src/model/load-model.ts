// From a model file to a model in memory: reads the header, puts weights on the device, and settles how
// attention will read the caches and in which types they are kept.

import type { GraphBuilder } from '../tensor/graph.js';
import type { Device, Tensor } from '../tensor/types.js';
import { measureGatherFactor } from './attention-crossover.js';
import { availableMemory } from './available-memory.js';
import { resolveCacheTypes, usesRowTables } from './cache-types.js';
import { configFromGguf } from './config-gguf.js';
import type { ModelConfig } from './config.js';
import { DraftBlock } from './draft-block.js';
import { fingerprintOf } from './fingerprint.js';
import { openGguf, type GgufFile } from './gguf-reader.js';
import { loadWeights } from './load-weights.js';
import { LoadedModel } from './loaded-model.js';
import { planMemory } from './memory-plan.js';
import { ModelError } from './model-error.js';
import type { SlabOptions } from './sequence-cache.js';
import { vocabFromGguf } from './tokenizer-metadata.js';
import type { CacheTypes, Model, ModelOptions, SequenceCache } from './types.js';
import type { ModelWeights } from './weights.js';

/**
 * Loads a GGUF file of this architecture.
 * @throws {ModelError} for a file that is malformed, of another architecture, incomplete, or stored
 *   in a type that is not supported, for cache types that the device cannot use, and when there is
 *   not enough memory; the system's error when it cannot be opened
 */
export function loadModel(path: string, options: ModelOptions): Model {
  const { device } = options;
  const file = openGguf(path);
  try {
    const config = configFromGguf(file.metadata, path);
    const vocab = vocabFromGguf(file.metadata, config, path);
    const hasTables = usesRowTables(options, config);
    const cacheTypes = resolveCacheTypes(options, hasTables, file, config);
    const weights = loadIntoMemory(file, config, cacheTypes, options);
    try {
      const { nextn } = weights;
      const numLayers = config.numLayers + (nextn === null ? 0 : 1);
      const slab = { config, cacheTypes, numLayers };
      const gatherFactor = settleAttention(options, hasTables, weights, slab);
      const graphs = { ...slab, device, usesRowTables: hasTables, gatherFactor };
      return new LoadedModel({
        path,
        config,
        vocab,
        fingerprint: fingerprintOf(file, config, cacheTypes, numLayers),
        weights,
        graphs,
        createDraft: nextn && ((runner) => new DraftBlock(runner, nextn, config)),
      });
    } catch (error) {
      weights.allocation.dispose();
      throw error;
    }
  } finally {
    file.close();
  }
}

/** Weights, in the form that the memory at hand allows. */
function loadIntoMemory(
  file: GgufFile,
  config: ModelConfig,
  cacheTypes: CacheTypes,
  options: ModelOptions,
): ModelWeights {
  const { device, onNote, onProgress, availableBytes = availableMemory() } = options;
  const { cacheLimitBytes } = options;
  const { withDraft = false, mapping = 'auto', repack = 'auto' } = options;
  const slab = { config, cacheTypes, numLayers: config.numLayers };
  const wanted = { withDraft, mapping, repack };
  const plan = planMemory(file, config, {
    ...wanted,
    device,
    slab,
    availableBytes,
    ...(cacheLimitBytes !== undefined && { cacheLimitBytes }),
  });
  if (plan.note !== undefined) onNote?.(plan.note);
  const { prefetch } = plan;
  return loadWeights(device, file, config, {
    ...wanted,
    repack: plan.repack,
    prefetch,
    onProgress,
  });
}

/** Says how attention will read the caches; measures where that is not known. Returns the factor. */
function settleAttention(
  { device, gatherFactor, onNote }: ModelOptions,
  hasTables: boolean,
  weights: ModelWeights,
  slab: SlabOptions,
): number {
  const { indexer } = slab.config;
  if (hasTables) {
    onNote?.(`attention: kernels over row tables (${device.kernels})`);
    return Number.POSITIVE_INFINITY;
  }
  if (indexer === null) {
    onNote?.('attention: composed of single operations, dense');
    return Number.POSITIVE_INFINITY;
  }
  if (gatherFactor !== undefined) return gatherFactor;
  const { factor, milliseconds } = measureGatherFactor(device, weights, slab);
  const from = Math.round(factor * indexer.topk);
  onNote?.(
    `attention: composed of single operations; chunks gather chosen rows from ${from} tokens of context ` +
      `on (${factor.toFixed(1)} times top-k, measured in ${milliseconds.toFixed(0)} ms)`,
  );
  return factor;
}

/** What is behind a model and one of its caches, for looking at what attention selects. */
export interface ModelInternals {
  device: Device;
  weights: ModelWeights;
  config: ModelConfig;
  /** The cache of one layer as values of a graph: [kv_lora + rope, rows] and [index head dim, rows]. */
  rowsOf(g: GraphBuilder, layer: number): { latent: Tensor; indexerKeys: Tensor };
}

/**
 * Opens a model for inspection. The cache takes its full size at once and stays where it is, so graphs
 * over its rows stay valid; they must be disposed before it.
 * @throws {ModelError} for a model without indexer, or one whose indexer keys are i8_rows, which only
 *   row tables read: load it with rowTables `off`
 */
export function inspectModel(model: Model, cache: SequenceCache): ModelInternals {
  if (!(model instanceof LoadedModel)) throw new Error('not a model of loadModel');
  const { device, cacheTypes } = model.runner.options;
  const slab = model.own(cache);
  slab.reserve(slab.capacity);
  if (slab.keys === null) throw new ModelError(`${model.path}: the model has no indexer`);
  if (cacheTypes.indexer === 'i8_rows') {
    throw new ModelError(
      `${model.path}: indexer keys are kept as i8_rows; load the model with rowTables 'off'`,
    );
  }
  const { latent, keys } = slab;
  const rowsOf = (g: GraphBuilder, layer: number): { latent: Tensor; indexerKeys: Tensor } => ({
    latent: g.slice(g.use(latent), 2, layer, 1),
    indexerKeys: g.slice(g.use(keys), 2, layer, 1),
  });
  return { device, weights: model.weights, config: model.config, rowsOf };
}
