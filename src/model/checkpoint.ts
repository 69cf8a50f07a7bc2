// A Hugging Face checkpoint folder seen as named matrices of floats: config.json, one
// model.safetensors or a sharded index, and FP8 block scales applied on the fly. Rows are read in
// pieces, so the largest matrix costs no more memory than its caller asks for. It does not know what
// the tensors are for. Source: model reference §11.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

import { dequantize } from '../tensor/quantize.js';
import { dequantizeFp8Blocks, FP8_BLOCK } from './e4m3.js';
import { ModelError, showValue } from './model-error.js';
import {
  openSafetensors,
  type SafetensorsFile,
  type SafetensorsTensor,
} from './safetensors-reader.js';

const MAX_JSON_BYTES = 256 << 20;
const SCALE_SUFFIX = '_scale_inv';

interface Located {
  file: SafetensorsFile;
  tensor: SafetensorsTensor;
}

export class HfCheckpoint {
  private scales: { name: string; values: Float32Array } | null = null;

  private constructor(
    readonly folder: string,
    private readonly files: readonly SafetensorsFile[],
    private readonly tensors: ReadonlyMap<string, Located>,
  ) {}

  /**
   * @throws {ModelError} when the folder holds no safetensors, an index names missing shards or
   *   tensors, or a file is malformed
   */
  static open(folder: string): HfCheckpoint {
    if (!existsSync(folder)) throw new ModelError(`${folder}: no such folder`);
    if (!statSync(folder).isDirectory()) throw new ModelError(`${folder}: is not a folder`);
    const files: SafetensorsFile[] = [];
    try {
      const tensors = openShards(folder, files);
      return new HfCheckpoint(folder, files, tensors);
    } catch (error) {
      for (const file of files) file.close();
      throw error;
    }
  }

  has(name: string): boolean {
    return this.tensors.has(name);
  }

  /** Names of all tensors, without the scale companions of FP8 weights. */
  names(): string[] {
    return [...this.tensors.keys()].filter((name) => !this.isScale(name));
  }

  /** Slowest dimension first. @throws {ModelError} when there is no such tensor. */
  shape(name: string): readonly number[] {
    return this.locate(name).tensor.shape;
  }

  /**
   * Rows `firstRow .. firstRow + numRows` of a tensor as floats, row-major; a row is the last
   * dimension.
   * @throws {ModelError} for a dtype that is not a weight format or FP8 without its scales
   */
  readRows(name: string, firstRow: number, numRows: number): Float32Array {
    const { file, tensor } = this.locate(name);
    const columns = tensor.shape.at(-1) ?? 1;
    const bytes = file.read(tensor, firstRow * columns, numRows * columns);
    switch (tensor.dtype) {
      case 'F32':
        return new Float32Array(bytes.buffer);
      case 'F16':
        return dequantize('f16', bytes);
      case 'BF16':
        return dequantize('bf16', bytes);
      case 'F8_E4M3':
        return dequantizeFp8Blocks(bytes, columns, this.blockScales(tensor), firstRow);
      default:
        throw new ModelError(
          `${file.path}: tensor ${showValue(name)} has dtype ${tensor.dtype}; supported: F32, F16, BF16, F8_E4M3`,
        );
    }
  }

  close(): void {
    for (const file of this.files) file.close();
  }

  private isScale(name: string): boolean {
    return name.endsWith(SCALE_SUFFIX) && this.tensors.has(name.slice(0, -SCALE_SUFFIX.length));
  }

  private locate(name: string): Located {
    const located = this.tensors.get(name);
    if (located === undefined) {
      throw new ModelError(`${this.folder}: tensor ${showValue(name)} is missing`);
    }
    return located;
  }

  /** Scales of the FP8 weight last asked for; one tensor is read in many pieces. */
  private blockScales(weight: SafetensorsTensor): Float32Array {
    const name = weight.name + SCALE_SUFFIX;
    if (this.scales?.name === name) return this.scales.values;
    if (!this.has(name)) {
      throw new ModelError(
        `${this.folder}: FP8 tensor ${showValue(weight.name)} lacks ${showValue(name)}`,
      );
    }
    const expected = weight.shape.map((size) => Math.ceil(size / FP8_BLOCK));
    const shape = this.shape(name);
    if (weight.shape.length !== 2 || shape.join() !== expected.join()) {
      throw new ModelError(
        `${this.folder}: ${showValue(name)} has shape [${shape.join(', ')}]; a weight of [${weight.shape.join(', ')}] needs [${expected.join(', ')}]`,
      );
    }
    const values = this.readRows(name, 0, shape[0]!);
    this.scales = { name, values };
    return values;
  }
}

/** Opens the single file or every shard of the index; `files` collects what was opened. */
function openShards(folder: string, files: SafetensorsFile[]): Map<string, Located> {
  const tensors = new Map<string, Located>();
  const indexPath = join(folder, 'model.safetensors.index.json');
  if (!existsSync(indexPath)) {
    const single = join(folder, 'model.safetensors');
    if (!existsSync(single)) {
      throw new ModelError(
        `${folder}: has neither model.safetensors nor model.safetensors.index.json`,
      );
    }
    const file = openSafetensors(single);
    files.push(file);
    for (const tensor of file.tensors.values()) tensors.set(tensor.name, { file, tensor });
    return tensors;
  }
  const byName = new Map<string, SafetensorsFile>();
  for (const [name, shard] of readWeightMap(indexPath)) {
    let file = byName.get(shard);
    if (file === undefined) {
      const path = join(folder, shard);
      if (!existsSync(path))
        throw new ModelError(`${indexPath}: shard ${showValue(shard)} is missing`);
      file = openSafetensors(path);
      files.push(file);
      byName.set(shard, file);
    }
    const tensor = file.tensors.get(name);
    if (tensor === undefined) {
      throw new ModelError(`${indexPath}: tensor ${showValue(name)} is not in ${showValue(shard)}`);
    }
    tensors.set(name, { file, tensor });
  }
  return tensors;
}

function readWeightMap(indexPath: string): [string, string][] {
  const index = readJson(indexPath);
  const map =
    typeof index === 'object' && index !== null && 'weight_map' in index && index.weight_map;
  if (typeof map !== 'object' || map === null) {
    throw new ModelError(`${indexPath}: has no weight_map object`);
  }
  return Object.entries(map).map(([name, shard]): [string, string] => {
    // A shard must lie in the folder itself; the index is untrusted.
    if (typeof shard !== 'string' || shard !== basename(shard) || shard === '..' || shard === '') {
      throw new ModelError(
        `${indexPath}: shard of ${showValue(name)} is ${showValue(shard)}; expected a plain file name`,
      );
    }
    return [name, shard];
  });
}

/** @throws {ModelError} when the file is absent, too large or not JSON */
export function readJson(path: string): unknown {
  if (!existsSync(path)) throw new ModelError(`${path}: no such file`);
  const { size } = statSync(path);
  if (size > MAX_JSON_BYTES)
    throw new ModelError(`${path}: has ${size} bytes, too large to be read`);
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ModelError(`${path}: is not valid JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
