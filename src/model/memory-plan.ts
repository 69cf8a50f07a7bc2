// Whether a model fits into the memory at hand, before anything is loaded: weights that need memory
// of their own, a cache for a conversation, and what a step computes in. Pages of a mapped file are
// counted apart, as the system can take them back.

import type { Device } from '../tensor/types.js';
import { latentWidth, type ModelConfig } from './config.js';
import type { GgufFile } from './gguf-reader.js';
import { planWeights, withPlace, type LoadWeightsOptions } from './load-weights.js';
import { ModelError } from './model-error.js';
import { slabBytes, type SlabOptions } from './sequence-cache.js';

/** A conversation shorter than this is no use; the engine gives caches what is left. */
const MIN_CACHE_TOKENS = 4096;
/** Tokens of a step of the engine, and values per token and width that one layer's graph holds. */
const STEP_TOKENS = 256;

export interface MemoryNeed {
  /** Weights that are copied. */
  weightBytes: number;
  /** Weights that lie in the file. */
  mappedBytes: number;
  cacheBytes: number;
  scratchBytes: number;
}

export interface MemoryPlan {
  repack: 'auto' | 'off';
  prefetch: boolean;
  /** For people; undefined = nothing to say. */
  note: string | undefined;
}

export interface PlanOptions extends LoadWeightsOptions {
  device: Device;
  slab: SlabOptions;
  availableBytes: number;
  /** The most that caches will take; less than a conversation needs makes a shorter context. */
  cacheLimitBytes?: number;
}

/**
 * How weights should be loaded: rearranged copies only where they fit, and no reading ahead of a file
 * that would push its own beginning out of memory again.
 * @throws {ModelError} when what cannot be taken back does not fit, saying how much is needed; as
 *   planWeights
 */
export function planMemory(file: GgufFile, config: ModelConfig, options: PlanOptions): MemoryPlan {
  const { availableBytes, repack = 'auto' } = options;
  const wanted = memoryNeed(file, config, { ...options, repack });
  if (totalBytes(wanted) <= availableBytes) {
    return { repack, ...planPages(wanted, availableBytes) };
  }
  const least = memoryNeed(file, config, { ...options, repack: 'off' });
  requireFits(least, availableBytes, file.path);
  const { prefetch, note } = planPages(least, availableBytes);
  const extra = gibibytes(wanted.weightBytes - least.weightBytes);
  const slower = `weights stay as they are in the file: their faster form would take ${extra} of memory`;
  return { repack: 'off', prefetch, note: note === undefined ? slower : `${slower}; ${note}` };
}

function planPages(
  need: MemoryNeed,
  availableBytes: number,
): Pick<MemoryPlan, 'prefetch' | 'note'> {
  const left = availableBytes - totalBytes(need);
  if (need.mappedBytes <= left) return { prefetch: true, note: undefined };
  const note =
    `weights of ${gibibytes(need.mappedBytes)} stay in the file, but only ${gibibytes(left)} of memory are left ` +
    'to hold them: they will be read from the disk again and again';
  return { prefetch: false, note };
}

/** @throws {ModelError} in words for the person who started the model */
export function requireFits(need: MemoryNeed, availableBytes: number, path: string): void {
  const { weightBytes, cacheBytes, scratchBytes } = need;
  if (totalBytes(need) <= availableBytes) return;
  throw new ModelError(
    `${path}: needs ${gibibytes(totalBytes(need))} of memory (weights ${gibibytes(weightBytes)}, the cache of a ` +
      `conversation ${gibibytes(cacheBytes)}, computing ${gibibytes(scratchBytes)}), but ${gibibytes(availableBytes)} ` +
      `are available; ${remedy(need)}, use a machine with more memory, or let another engine compute ` +
      '(hadal serve --upstream)',
  );
}

/** What makes the largest part smaller. */
function remedy({ weightBytes, cacheBytes, scratchBytes }: MemoryNeed): string {
  return cacheBytes > Math.max(weightBytes, scratchBytes)
    ? 'give the cache less, which shortens the context (hadal serve --kv-memory)'
    : 'use a file of a smaller type (hadal convert --type q4_K)';
}

function totalBytes({ weightBytes, cacheBytes, scratchBytes }: MemoryNeed): number {
  return weightBytes + cacheBytes + scratchBytes;
}

/** @throws {ModelError} as planWeights */
export function memoryNeed(
  file: GgufFile,
  config: ModelConfig,
  options: Omit<PlanOptions, 'availableBytes'>,
): MemoryNeed {
  const { device, slab, cacheLimitBytes = Number.POSITIVE_INFINITY } = options;
  const planned = planWeights(file, config, options);
  const mapped = options.mapping === 'off' ? null : file.map(device);
  try {
    const specs = planned.map((tensor) => withPlace(tensor, mapped));
    const { byteLength, mappedBytes } = device.footprint(specs);
    const tokens = Math.min(MIN_CACHE_TOKENS, config.contextLength);
    const cacheBytes = Math.min(slabBytes(slab, tokens), cacheLimitBytes);
    return { weightBytes: byteLength, mappedBytes, cacheBytes, scratchBytes: scratchBytes(config) };
  } finally {
    mapped?.dispose();
  }
}

/**
 * About what one step takes, in f32: the residual stream and a layer's projections, the experts'
 * products, and one row of logits. Graphs reuse memory from layer to layer.
 */
function scratchBytes(config: ModelConfig): number {
  const { hiddenSize, intermediateSize, moe, numHeads, vocabSize } = config;
  const expertWidth =
    moe === null ? 0 : moe.numExpertsPerToken * (3 * moe.intermediateSize + hiddenSize);
  const attentionWidth = 3 * numHeads * latentWidth(config);
  const width = 4 * hiddenSize + Math.max(3 * intermediateSize, expertWidth, attentionWidth);
  return 4 * (STEP_TOKENS * width + vocabSize);
}

function gibibytes(bytes: number): string {
  return bytes < 2 ** 30 / 10
    ? `${Math.ceil(bytes / 2 ** 20)} MiB`
    : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
