// A name for the weights themselves: equal for copies of a file, different for anything that computes
// other cache rows. Read from the content, not from path or date, because a cache on disk outlives
// both. Large tensors are sampled: training changes all of them, and hashing hundreds of gigabytes at
// every start would cost more than the cache saves.

import { createHash } from 'node:crypto';

import type { ModelConfig } from './config.js';
import type { GgufFile, GgufTensor } from './gguf-reader.js';
import type { CacheTypes } from './types.js';

/** To be raised when rows of the same weights come to mean something else. */
const ROW_VERSION = 1;

/** Hashed of each tensor: all of it up to SAMPLES pieces, else that many pieces spread over it. */
const SAMPLE_BYTES = 32 << 10;
const SAMPLES = 4;

/**
 * @param numLayers layers that have rows
 * @returns 32 hexadecimal digits
 * @throws {ModelError} when the file has shrunk since it was opened
 */
export function fingerprintOf(
  file: GgufFile,
  config: ModelConfig,
  cacheTypes: CacheTypes,
  numLayers: number,
): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([ROW_VERSION, file.fileSize, config, cacheTypes, numLayers]));
  for (const tensor of file.tensors.values()) {
    hash.update(JSON.stringify([tensor.name, tensor.type, tensor.shape]));
    for (const start of sampleStarts(tensor)) {
      const length = Math.min(SAMPLE_BYTES, tensor.byteLength - start);
      hash.update(file.readTensor(tensor, start, length));
    }
  }
  return hash.digest('hex').slice(0, 32);
}

function sampleStarts({ byteLength }: GgufTensor): number[] {
  const count = Math.min(SAMPLES, Math.ceil(byteLength / SAMPLE_BYTES));
  if (count <= 1) return [0];
  const last = byteLength - SAMPLE_BYTES;
  return Array.from({ length: count }, (_, i) => Math.floor((last * i) / (count - 1)));
}
