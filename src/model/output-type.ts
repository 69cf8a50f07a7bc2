// Which storage type each tensor of a written model file gets. It knows block sizes and the tensors
// that must stay exact, not how to quantise.

import { GGUF_TENSOR_TYPES, type GgufTensorType, type GgufValue } from './gguf-types.js';
import { ModelError, showValue } from './model-error.js';
import type { ModelTensor } from './tensor-names.js';

/** Storage types a model can be written in. */
export const OUTPUT_TYPES = ['f32', 'f16', 'bf16', 'q8_0', 'q4_K', 'q4_0'] as const;
export type OutputType = (typeof OUTPUT_TYPES)[number];

/** llama.cpp's numbers for `general.file_type`. */
const FILE_TYPE: Readonly<Record<OutputType, number>> = {
  f32: 0,
  f16: 1,
  bf16: 32,
  q8_0: 7,
  q4_K: 14,
  q4_0: 2,
};

/** @throws {ModelError} naming the value and the possible ones; case does not matter */
export function parseOutputType(text: string): OutputType {
  const type = OUTPUT_TYPES.find((known) => known.toLowerCase() === text.toLowerCase());
  if (type !== undefined) return type;
  throw new ModelError(`type is ${showValue(text)}; possible: ${OUTPUT_TYPES.join(', ')}`);
}

/** The type of one tensor: what was asked for, or the nearest that its row length allows. */
export function storageType(tensor: ModelTensor, wanted: OutputType): OutputType {
  if (tensor.precision === 'f32') return 'f32';
  const candidates: OutputType[] = [wanted, 'q8_0', 'f16'];
  return candidates.find((type) => tensor.shape[0]! % GGUF_TENSOR_TYPES[type].blockSize === 0)!;
}

/** How many of the matrices, which `wanted` is about, are stored in just that type. */
export function countStored(
  tensors: readonly ModelTensor[],
  wanted: OutputType,
): { numStored: number; numMatrices: number } {
  const matrices = tensors.filter(({ precision }) => precision !== 'f32');
  const stored = matrices.filter((tensor) => storageType(tensor, wanted) === wanted);
  return { numStored: stored.length, numMatrices: matrices.length };
}

/** Metadata that says how a file is quantised. */
export function fileTypeMetadata(type: OutputType): [string, GgufValue][] {
  return [
    ['general.file_type', { type: 'u32', value: FILE_TYPE[type] }],
    ['general.quantization_version', { type: 'u32', value: 2 }],
  ];
}

/** Storage types that the forward pass computes with. */
export function isSupportedStorage(type: GgufTensorType): type is OutputType {
  return (OUTPUT_TYPES as readonly string[]).includes(type);
}
