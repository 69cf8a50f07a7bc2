// What `hadal model info` shows: a summary of one model file, read from its header alone.

import { configFromGguf } from './config-gguf.js';
import type { ModelConfig } from './config.js';
import { openGguf } from './gguf-reader.js';

export interface ModelInfo {
  path: string;
  fileBytes: number;
  config: ModelConfig;
  /** Values in all tensors. */
  numParameters: number;
  /** Values used per token: all but the experts that are not chosen and the MTP blocks. */
  numActiveParameters: number;
  tensors: { name: string; type: string; shape: number[]; bytes: number }[];
  /** Per storage type: number of tensors and bytes. */
  storage: Record<string, { tensors: number; bytes: number }>;
}

/** @throws {ModelError} for a file that is not a model of this architecture */
export function readModelInfo(path: string): ModelInfo {
  const file = openGguf(path);
  try {
    const config = configFromGguf(file.metadata, path);
    const tensors = [...file.tensors.values()];
    const storage: ModelInfo['storage'] = {};
    let numParameters = 0;
    let numActiveParameters = 0;
    for (const tensor of tensors) {
      const entry = (storage[tensor.type] ??= { tensors: 0, bytes: 0 });
      entry.tensors++;
      entry.bytes += tensor.byteLength;
      numParameters += tensor.numElements;
      numActiveParameters += tensor.numElements * activeShare(tensor.name, config);
    }
    return {
      path,
      fileBytes: file.fileSize,
      config,
      numParameters,
      numActiveParameters: Math.round(numActiveParameters),
      tensors: tensors.map(({ name, type, shape, byteLength }) => ({
        name,
        type,
        shape: [...shape],
        bytes: byteLength,
      })),
      storage,
    };
  } finally {
    file.close();
  }
}

/** Share of a tensor that one token's forward pass uses. */
function activeShare(name: string, config: ModelConfig): number {
  const layer = /^blk\.(\d+)\./.exec(name)?.[1];
  if (layer !== undefined && Number(layer) >= config.numLayers) return 0;
  // One row of the embedding is read, not multiplied.
  if (name === 'token_embd.weight') return 0;
  if (config.moe === null || !name.endsWith('_exps.weight')) return 1;
  return config.moe.numExpertsPerToken / config.moe.numExperts;
}
