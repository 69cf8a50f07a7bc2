// A Hugging Face checkpoint becomes one GGUF file: kv_b split into its key and value halves, experts
// stacked, FP8 expanded, everything stored in one type. Tensors stream through in pieces of about a
// million values, so memory does not grow with the model. It knows the mapping (tensor-names.ts) and
// both formats, not the command line. Source: model reference §14, "Conversion rules".

import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { quantize } from '../tensor/quantize.js';
import { HfCheckpoint, readJson } from './checkpoint.js';
import { configToGguf } from './config-gguf.js';
import { configFromHf } from './config-hf.js';
import type { ModelConfig } from './config.js';
import { FP8_BLOCK } from './e4m3.js';
import { GgufWriter } from './gguf-writer.js';
import { ModelError, showValue } from './model-error.js';
import { fileTypeMetadata, storageType, type OutputType } from './output-type.js';
import { modelTensors, sourceNames, type ModelTensor } from './tensor-names.js';
import { tokenizerToGguf } from './tokenizer-metadata.js';

const CHUNK_ELEMENTS = 1 << 20;

export interface ConvertOptions {
  /** Folder with config.json, tokenizer.json and safetensors. */
  folder: string;
  outPath: string;
  type: OutputType;
  /** Called before each tensor. */
  onProgress?: (progress: { done: number; total: number; name: string }) => void;
  /** Called for what the user should know but need not act on. */
  onNotice?: (text: string) => void;
}

/**
 * Converts a checkpoint. The output appears only when it is complete.
 * @throws {ModelError} for anything wrong with the checkpoint, naming file, field and value; the
 *   system's error when the output cannot be written
 */
export async function convertCheckpoint(options: ConvertOptions): Promise<ModelConfig> {
  const { folder, outPath, type, onNotice } = options;
  const checkpoint = HfCheckpoint.open(folder);
  try {
    const configPath = join(folder, 'config.json');
    const json = readJson(configPath);
    checkQuantization(json, configPath);
    const named = withName(configFromHf(json, configPath), json, folder);
    const config = withoutMissingMtp(named, checkpoint, onNotice);
    const completed = withSpecialTokens(config, folder);
    const tensors = presentTensors(completed, checkpoint, isTied(json), folder);
    noteUnused(tensors, checkpoint, onNotice);
    const declarations = tensors.map((tensor) => ({
      name: tensor.name,
      shape: tensor.shape,
      type: storageType(tensor, type),
    }));
    for (const { name, shape, type: stored } of declarations) {
      if (stored !== type && stored !== 'f32') {
        onNotice?.(`${name}: rows of ${shape[0]} do not fit ${type}; stored as ${stored}`);
      }
    }
    const metadata = new Map([
      ...configToGguf(completed, configPath),
      ...fileTypeMetadata(type),
      ...tokenizerMetadata(completed, folder),
    ]);
    const writer = new GgufWriter(outPath, metadata, declarations);
    try {
      for (const [i, tensor] of tensors.entries()) {
        options.onProgress?.({ done: i, total: tensors.length, name: tensor.name });
        for (const values of tensorValues(tensor, checkpoint, completed)) {
          writer.write(tensor.name, pack(declarations[i]!.type, values, tensor.name, folder));
          // Lets signals and progress output through between pieces.
          await nextTurn();
        }
      }
      writer.finish();
    } finally {
      writer.abort();
    }
    return completed;
  } finally {
    checkpoint.close();
  }
}

/** Block formats have no NaN or infinity; a checkpoint with one is broken, and this says where. */
function pack(type: OutputType, values: Float32Array, name: string, folder: string): Uint8Array {
  requireFinite(values, name, folder);
  try {
    return quantize(type, values);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ModelError(`${folder}: ${name}: ${error.message}`, { cause: error });
  }
}

/** A damaged checkpoint must not become a model that answers nothing. */
function requireFinite(values: Float32Array, name: string, folder: string): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new ModelError(`${folder}: ${name}: a weight is ${values[at]}; expected finite numbers`);
}

/** FP8 files describe their blocks; other block sizes would dequantise to garbage. */
function checkQuantization(json: unknown, path: string): void {
  const quantization = (json as { quantization_config?: unknown } | null)?.quantization_config;
  if (quantization === undefined || quantization === null) return;
  const {
    quant_method: method,
    fmt,
    weight_block_size: block,
  } = quantization as Record<string, unknown>;
  const isBlock = Array.isArray(block) && block.length === 2 && block.every((n) => n === FP8_BLOCK);
  if (method !== 'fp8' || (fmt ?? 'e4m3') !== 'e4m3' || !isBlock) {
    throw new ModelError(
      `${path}: quantization_config is ${showValue(JSON.stringify(quantization))}; supported: fp8, e4m3, weight_block_size [${FP8_BLOCK}, ${FP8_BLOCK}]`,
    );
  }
}

function isTied(json: unknown): boolean {
  return (json as { tie_word_embeddings?: unknown } | null)?.tie_word_embeddings === true;
}

/** Checkpoints rarely carry a name; the folder's is what the user knows them by. */
function withName(config: ModelConfig, json: unknown, folder: string): ModelConfig {
  const stated = (json as Readonly<Record<string, unknown>>)['_name_or_path'];
  const name = typeof stated === 'string' && stated !== '' ? stated : folder;
  return { ...config, name: basename(resolve(name)) };
}

/** Many checkpoints announce an MTP block in their config and ship without it. */
function withoutMissingMtp(
  config: ModelConfig,
  checkpoint: HfCheckpoint,
  onNotice: ConvertOptions['onNotice'],
): ModelConfig {
  const hasMtp = checkpoint.has(`model.layers.${config.numLayers}.eh_proj.weight`);
  if (config.numNextnLayers === 0 || hasMtp) return config;
  onNotice?.(
    `config.json announces ${config.numNextnLayers} MTP layer(s); the checkpoint has none`,
  );
  return { ...config, numNextnLayers: 0 };
}

function presentTensors(
  config: ModelConfig,
  checkpoint: HfCheckpoint,
  tied: boolean,
  folder: string,
): ModelTensor[] {
  return modelTensors(config).filter((tensor) => {
    if (tensor.name === 'output.weight') {
      if (tied) return false;
      if (!checkpoint.has('lm_head.weight')) {
        throw new ModelError(
          `${folder}: tensor "lm_head.weight" is missing and tie_word_embeddings is not set`,
        );
      }
    }
    const names = sourceNames(tensor.source);
    if (tensor.optional && !checkpoint.has(names[0]!)) return false;
    for (const name of names) checkShape(tensor, name, checkpoint, config, folder);
    return true;
  });
}

function checkShape(
  tensor: ModelTensor,
  name: string,
  checkpoint: HfCheckpoint,
  config: ModelConfig,
  folder: string,
): void {
  const expected = hfShape(tensor, config);
  const shape = checkpoint.shape(name);
  if (shape.join() === expected.join()) return;
  throw new ModelError(
    `${folder}: tensor ${showValue(name)} has shape [${shape.join(', ')}]; config.json implies [${expected.join(', ')}]`,
  );
}

/** The shape one Hugging Face source tensor must have, slowest dimension first. */
function hfShape(tensor: ModelTensor, config: ModelConfig): number[] {
  const { kind } = tensor.source;
  if (kind === 'kvbKeys' || kind === 'kvbValues') {
    return [config.numHeads * (config.qkNopeHeadDim + config.vHeadDim), config.kvLoraRank];
  }
  const shape = kind === 'experts' ? tensor.shape.slice(0, 2) : tensor.shape;
  return shape.toReversed();
}

function noteUnused(
  tensors: readonly ModelTensor[],
  checkpoint: HfCheckpoint,
  onNotice: ConvertOptions['onNotice'],
): void {
  const used = new Set(tensors.flatMap(({ source }) => sourceNames(source)));
  const unused = checkpoint.names().filter((name) => !used.has(name));
  if (unused.length > 0) {
    const list = unused.slice(0, 3).join(', ');
    onNotice?.(`${unused.length} tensor(s) of the checkpoint are not used, e.g. ${list}`);
  }
}

/** The values of one output tensor in order, in pieces of whole rows. */
function* tensorValues(
  tensor: ModelTensor,
  checkpoint: HfCheckpoint,
  config: ModelConfig,
): Generator<Float32Array> {
  const { source } = tensor;
  switch (source.kind) {
    case 'plain':
      yield* rowPieces(checkpoint, source.name);
      return;
    case 'experts':
      for (const name of sourceNames(source)) yield* rowPieces(checkpoint, name);
      return;
    case 'kvbKeys':
      yield* keyHalves(checkpoint, source.name, config);
      return;
    case 'kvbValues':
      yield* valueHalves(checkpoint, source.name, config);
      return;
    default:
      source satisfies never;
  }
}

function* rowPieces(checkpoint: HfCheckpoint, name: string): Generator<Float32Array> {
  const shape = checkpoint.shape(name);
  const columns = shape.at(-1)!;
  const numRows = shape.reduce((a, b) => a * b, 1) / columns;
  const step = Math.max(1, Math.floor(CHUNK_ELEMENTS / columns));
  for (let row = 0; row < numRows; row += step) {
    yield checkpoint.readRows(name, row, Math.min(step, numRows - row));
  }
}

/** kv_b is [heads * (nope + v), kvLora]; the key half of each head is written transposed. */
function* keyHalves(
  checkpoint: HfCheckpoint,
  name: string,
  { numHeads, qkNopeHeadDim, vHeadDim, kvLoraRank }: ModelConfig,
): Generator<Float32Array> {
  for (let head = 0; head < numHeads; head++) {
    const rows = checkpoint.readRows(name, head * (qkNopeHeadDim + vHeadDim), qkNopeHeadDim);
    const transposed = new Float32Array(rows.length);
    for (let i = 0; i < qkNopeHeadDim; i++) {
      for (let j = 0; j < kvLoraRank; j++) {
        transposed[j * qkNopeHeadDim + i] = rows[i * kvLoraRank + j]!;
      }
    }
    yield transposed;
  }
}

function* valueHalves(
  checkpoint: HfCheckpoint,
  name: string,
  { numHeads, qkNopeHeadDim, vHeadDim }: ModelConfig,
): Generator<Float32Array> {
  for (let head = 0; head < numHeads; head++) {
    const firstRow = head * (qkNopeHeadDim + vHeadDim) + qkNopeHeadDim;
    yield checkpoint.readRows(name, firstRow, vHeadDim);
  }
}

/** BOS and EOS from generation_config.json where config.json leaves them out. */
function withSpecialTokens(config: ModelConfig, folder: string): ModelConfig {
  const path = join(folder, 'generation_config.json');
  if ((config.bosToken !== null && config.eosToken !== null) || !existsSync(path)) return config;
  const json = readJson(path) as Record<string, unknown> | null;
  const idOf = (key: string): number | null => {
    const value = json?.[key];
    const id: unknown = Array.isArray(value) ? value[0] : value;
    return typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < config.vocabSize
      ? id
      : null;
  };
  return {
    ...config,
    bosToken: config.bosToken ?? idOf('bos_token_id'),
    eosToken: config.eosToken ?? idOf('eos_token_id'),
  };
}

function tokenizerMetadata(
  config: ModelConfig,
  folder: string,
): ReturnType<typeof tokenizerToGguf> {
  const source = join(folder, 'tokenizer.json');
  if (!existsSync(source)) {
    throw new ModelError(`${source}: no such file; a model file carries its tokenizer`);
  }
  const configPath = join(folder, 'tokenizer_config.json');
  const json = existsSync(configPath) ? readJson(configPath) : null;
  const addBos = (json as { add_bos_token?: unknown } | null)?.add_bos_token;
  return tokenizerToGguf(readFileSync(source, 'utf8'), {
    config,
    addBos: typeof addBos === 'boolean' ? addBos : true,
    preTokenizer: config.architecture === 'glm-dsa' ? 'glm4' : 'deepseek-v3',
    source,
  });
}
