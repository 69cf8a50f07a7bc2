// The real model as a ModelRunner: opens the device, loads the file, decides how much memory caches
// may take, maps slices to the model's batches. Runs in the engine child only.

import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname } from 'node:path';
import { loadModel } from '../model/load-model.js';
import type { Model } from '../model/types.js';
import { openDevice } from '../tensor/open-device.js';
import type { Device } from '../tensor/types.js';
import { chooseCacheBudget } from './cache-budget.js';
import type { LoadContext } from './child.js';
import { LoadedCache, maxCacheRows } from './loaded-cache.js';
import type {
  DraftSlice,
  ForwardSlice,
  ModelRunner,
  RunnerStats,
  SliceOutput,
} from './model-runner.js';
import { requireSameVocabulary } from './same-vocabulary.js';

/**
 * @throws ModelError for a file that is no model of this architecture or has other tokens, or when
 *   caches may take less memory than one of a few tokens needs, DeviceUnavailableError, the system's
 *   error for a file that cannot be opened
 */
export function loadModelRunner({
  source: { path, device: prefer, threads, cacheBytes, draft },
  tokenTable,
  onWarning,
  onNote,
  onProgress,
  onBuild,
}: LoadContext): ModelRunner {
  const numThreads = threads ?? defaultThreads(path);
  const device = openDevice({ prefer, numThreads, onWarning, ...(onBuild && { onBuild }) });
  try {
    const notes: string[] = [];
    const model = loadModel(path, {
      device,
      withDraft: draft !== 'off',
      ...(cacheBytes !== undefined && { cacheLimitBytes: cacheBytes }),
      onProgress,
      onNote: (note) => notes.push(note),
    });
    try {
      requireSameVocabulary(model.vocab, tokenTable, path);
      const budget = chooseCacheBudget({
        wantedBytes: cacheBytes,
        contextLength: model.config.contextLength,
        bytesOf: (numTokens) => cacheBytesOf(model, numTokens),
      });
      const kernels = device.hasRowTables ? [] : [`kernels ${device.kernels}`];
      onNote([device.name, ...kernels, ...notes, budget.note].join('; '));
      return new LoadedRunner(model, device, budget);
    } catch (error) {
      model.dispose();
      throw error;
    }
  } catch (error) {
    device.dispose();
    throw error;
  }
}

const SMALL_MODEL_BYTES = 64 * 1024 * 1024;
const MAX_DEFAULT_THREADS = 8;

/**
 * Threads of one computation meet at a barrier after every operation. A small model's operations
 * take microseconds: a second thread gains nothing on a quiet machine, and on a busy one each
 * barrier waits for the scheduler (measured: 2 s instead of 20 ms for a token).
 */
function defaultThreads(path: string): number {
  if (statSync(path).size < SMALL_MODEL_BYTES) return 1;
  return Math.min(availableParallelism(), MAX_DEFAULT_THREADS);
}

/** `models/hadal-mini/model.gguf` is named by its folder, other files by themselves. */
function modelId(path: string): string {
  const name = basename(path).replace(/\.gguf$/i, '');
  return name === 'model' ? basename(dirname(path)) : name;
}

/** The most that a cache of so many tokens takes, however it came to them. */
function cacheBytesOf(model: Model, numTokens: number): number {
  return model.cacheBytes(maxCacheRows(numTokens, model.config.contextLength));
}

class LoadedRunner implements ModelRunner {
  readonly card: ModelRunner['card'];
  readonly fingerprint: string;
  readonly rowBytes: number;
  readonly cacheBudgetBytes: number;
  readonly draft?: NonNullable<ModelRunner['draft']>;

  constructor(
    readonly model: Model,
    readonly device: Device,
    budget: { budgetBytes: number; contextLength: number },
  ) {
    const { vocabSize } = model.config;
    this.card = { id: modelId(model.path), contextLength: budget.contextLength, vocabSize };
    this.fingerprint = model.fingerprint;
    this.rowBytes = model.cacheRowBytes;
    this.cacheBudgetBytes = budget.budgetBytes;
    if (model.canDraft) this.draft = (slices) => this.#draft(slices);
  }

  cacheBytes(numTokens: number): number {
    return cacheBytesOf(this.model, numTokens);
  }

  createCache(maxTokens: number): LoadedCache {
    return new LoadedCache(this.model.createCache(maxTokens));
  }

  async forward(slices: readonly ForwardSlice[], signal?: AbortSignal): Promise<SliceOutput[]> {
    const caches = slices.map(({ cache }) => cache as LoadedCache); // made by createCache above
    const items = slices.map(({ tokens, wantLogits, wantHidden }, i) => {
      const { slab, length: startPos } = caches[i]!;
      return { cache: slab, tokens, startPos, wantLogits, wantHidden };
    });
    const outputs = await this.model.forwardBatch(items, signal);
    for (const [i, { tokens }] of slices.entries()) caches[i]!.length += tokens.length;
    return outputs;
  }

  async #draft(slices: readonly DraftSlice[]): Promise<Int32Array> {
    return this.model.draft(
      slices.map(({ cache, ...rows }) => ({ ...rows, cache: (cache as LoadedCache).slab })),
    );
  }

  stats(): RunnerStats {
    return this.model.stats();
  }

  dispose(): void {
    this.model.dispose();
    this.device.dispose();
  }
}
