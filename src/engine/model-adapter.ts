// The real model as a ModelRunner: opens the device, loads the file, maps slices to forward calls.
// Runs in the engine child only.

import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname } from 'node:path';
import type { TokenTable } from '../backend/token-table.js';
import { loadModel } from '../model/load-model.js';
import type { Model, SequenceCache } from '../model/types.js';
import { openDevice } from '../tensor/open-device.js';
import type { Device } from '../tensor/types.js';
import type { ModelSource } from './messages.js';
import type { ForwardSlice, ModelRunner } from './model-runner.js';
import { requireSameVocabulary } from './same-vocabulary.js';

/**
 * @throws ModelError for a file that is no model of this architecture or has other tokens,
 *   DeviceUnavailableError, the system's error for a file that cannot be opened
 */
export function loadModelRunner(
  { path, device: prefer, threads }: ModelSource,
  onWarning: (warning: string) => void,
  tokenTable: TokenTable,
): ModelRunner {
  const device = openDevice({
    prefer,
    numThreads: threads ?? defaultThreads(path),
    onWarning,
  });
  try {
    const model = loadModel(path, { device });
    try {
      requireSameVocabulary(model.vocab, tokenTable, path);
      return new LoadedRunner(model, device);
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

class LoadedRunner implements ModelRunner {
  readonly card: ModelRunner['card'];
  readonly fingerprint: string;
  readonly rowBytes: number;
  /** Reused for every step: `[vocabSize]`. */
  readonly #logits: Float32Array;

  constructor(
    readonly model: Model,
    readonly device: Device,
  ) {
    const { contextLength, vocabSize } = model.config;
    this.card = { id: modelId(model.path), contextLength, vocabSize };
    this.fingerprint = model.fingerprint;
    this.rowBytes = model.cacheRowBytes;
    this.#logits = new Float32Array(vocabSize);
  }

  createCache(maxTokens: number): SequenceCache {
    return this.model.createCache(maxTokens);
  }

  async forward({
    cache,
    tokens,
    wantLogits,
    signal,
  }: ForwardSlice): Promise<Float32Array | undefined> {
    const slab = cache as SequenceCache; // made by createCache above
    const startPos = slab.length;
    if (!wantLogits) {
      await this.model.forward({ cache: slab, tokens, startPos, signal, wantLogits: 'none' });
      return undefined;
    }
    return this.model.forward({ cache: slab, tokens, startPos, signal, out: this.#logits });
  }

  dispose(): void {
    this.model.dispose();
    this.device.dispose();
  }
}
