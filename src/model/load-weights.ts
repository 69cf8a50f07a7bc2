// Brings the weights of a model file to a device: every tensor of the table is checked against the
// file, then all are placed together. What the device can use where it lies in the file stays there;
// what it keeps in another order, or what must be exact (norms, biases, router, indexer head weights:
// widened to f32 whatever the file holds), is copied in pieces.

import { dequantize, quantize } from '../tensor/quantize.js';
import type { Device, DeviceTensor, DType, MappedFile, TensorSpec } from '../tensor/types.js';
import type { ModelConfig } from './config.js';
import type { GgufFile, GgufTensor } from './gguf-reader.js';
import { LoadProgress, type OnProgress } from './load-progress.js';
import { ModelError } from './model-error.js';
import { isSupportedStorage, OUTPUT_TYPES } from './output-type.js';
import { modelTensors, type ModelTensor } from './tensor-names.js';
import { nameWeights, type ModelWeights } from './weights.js';

/** Read, or asked from the disk, at a time. */
const PIECE_BYTES = 16 << 20;

export interface LoadWeightsOptions {
  /** Load the first MTP block too, where the file has one. Default false: it stays in the file. */
  withDraft?: boolean;
  /** `auto` (default): tensors lie in the mapped file where the device can do that. */
  mapping?: 'auto' | 'off';
  /** `auto` (default): the device may rearrange weights for faster products, which takes memory. */
  repack?: 'auto' | 'off';
  /** Whether mapped pages are read now rather than when they are first used. Default true. */
  prefetch?: boolean;
  onProgress?: OnProgress | undefined;
}

/** One tensor to be loaded. */
export interface PlannedTensor {
  source: GgufTensor;
  spec: TensorSpec;
}

/**
 * The tensors of the main layers, and of the MTP block if wanted and present, as the file has them.
 * @throws {ModelError} for a missing tensor, a wrong shape or a storage type that is not supported
 */
export function planWeights(
  file: GgufFile,
  config: ModelConfig,
  { withDraft = false, repack = 'auto' }: LoadWeightsOptions = {},
): PlannedTensor[] {
  const numNextnLayers = withDraft && hasNextnBlock(file, config) ? 1 : 0;
  const planned: PlannedTensor[] = [];
  for (const tensor of modelTensors({ ...config, numNextnLayers })) {
    const source = file.tensors.get(tensor.name);
    if (source !== undefined) {
      const spec = tensorSpec(tensor, source, file.path);
      planned.push({ source, spec: repack === 'auto' ? spec : { ...spec, use: 'any' } });
    } else if (!tensor.optional) {
      throw new ModelError(`${file.path}: tensor ${tensor.name} is missing`);
    }
  }
  return planned;
}

/**
 * Loads the weights of a model file. The file may be closed afterwards.
 * @throws {ModelError} as planWeights, and when the file has shrunk since it was opened
 */
export function loadWeights(
  device: Device,
  file: GgufFile,
  config: ModelConfig,
  options: LoadWeightsOptions = {},
): ModelWeights {
  const planned = planWeights(file, config, options);
  const mapped = options.mapping === 'off' ? null : file.map(device);
  try {
    const specs = planned.map((tensor) => withPlace(tensor, mapped));
    const allocation = device.allocate(specs);
    try {
      const totalBytes = planned.reduce((sum, { source }) => sum + source.byteLength, 0);
      const progress = new LoadProgress(totalBytes, options.onProgress);
      const loader = new TensorLoader(file, mapped, options.prefetch ?? true, progress);
      // In the order of the file, which a disk reads fastest.
      for (const { source, spec } of planned.toSorted(
        (a, b) => a.source.offset - b.source.offset,
      )) {
        loader.load(source, allocation.get(spec.name));
      }
      return nameWeights(allocation, config);
    } catch (error) {
      allocation.dispose();
      throw error;
    }
  } finally {
    mapped?.dispose(); // tensors that lie in it keep it
  }
}

/** Some files announce a block that their makers left out. */
function hasNextnBlock(file: GgufFile, { numLayers, numNextnLayers }: ModelConfig): boolean {
  return numNextnLayers > 0 && file.tensors.has(`blk.${numLayers}.nextn.eh_proj.weight`);
}

function tensorSpec(tensor: ModelTensor, source: GgufTensor, path: string): TensorSpec {
  const { name, shape, use } = tensor;
  if (trimmed(source.shape) !== trimmed(shape)) {
    throw new ModelError(
      `${path}: tensor ${name} has shape [${source.shape.join(', ')}]; the metadata implies [${shape.join(', ')}]`,
    );
  }
  if (!isSupportedStorage(source.type)) {
    throw new ModelError(
      `${path}: tensor ${name} is stored as ${source.type}; supported: ${OUTPUT_TYPES.join(', ')}`,
    );
  }
  return { name, shape, use, dtype: tensor.precision === 'f32' ? 'f32' : source.type };
}

/** Trailing dimensions of 1 mean nothing in the format. */
function trimmed(shape: readonly number[]): string {
  let length = shape.length;
  while (length > 1 && shape[length - 1] === 1) length--;
  return shape.slice(0, length).join();
}

/** The file's bytes serve as they are unless they are to be widened. */
export function withPlace({ source, spec }: PlannedTensor, file: MappedFile | null): TensorSpec {
  if (file === null || source.type !== spec.dtype) return spec;
  return { ...spec, mapped: { file, byteOffset: source.offset } };
}

class TensorLoader {
  constructor(
    private readonly file: GgufFile,
    private readonly mapped: MappedFile | null,
    private readonly wantsPrefetch: boolean,
    private readonly progress: LoadProgress,
  ) {}

  load(source: GgufTensor, target: DeviceTensor): void {
    if (target.form === 'mapped') this.prefetch(source);
    else if (source.type !== target.dtype) this.widen(source, target);
    else if (target.form === 'rearranged') this.uploadWhole(source, target);
    else this.uploadPieces(source, target);
  }

  private prefetch(source: GgufTensor): void {
    for (const { at, length } of pieces(source)) {
      if (this.wantsPrefetch) this.mapped?.prefetch(source.offset + at, length);
      this.progress.add(length);
    }
  }

  /** Only small tensors are widened. */
  private widen(source: GgufTensor, target: DeviceTensor): void {
    const values = dequantize(source.type as DType, this.file.readTensor(source));
    target.upload(quantize(target.dtype, values));
    this.progress.add(source.byteLength);
  }

  /** Stacked experts take gigabytes: their pages are used in place of a copy, then given back. */
  private uploadWhole(source: GgufTensor, target: DeviceTensor): void {
    const { offset, byteLength } = source;
    target.upload(this.mapped?.bytes(offset, byteLength) ?? this.file.readTensor(source));
    this.mapped?.release(offset, byteLength);
    this.progress.add(byteLength);
  }

  private uploadPieces(source: GgufTensor, target: DeviceTensor): void {
    for (const { at, length } of pieces(source)) {
      target.upload(this.file.readTensor(source, at, length), at);
      this.progress.add(length);
    }
  }
}

function* pieces({ byteLength }: GgufTensor): Generator<{ at: number; length: number }> {
  for (let at = 0; at < byteLength; at += PIECE_BYTES) {
    yield { at, length: Math.min(PIECE_BYTES, byteLength - at) };
  }
}
