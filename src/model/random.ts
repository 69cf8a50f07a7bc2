// Models of this architecture with random weights: for tests, parity runs and benchmarks, where the
// shape matters and the words do not. Every tensor has its own generator seeded from the model seed
// and its name, so changing one shape leaves the other tensors as they were.

import { setImmediate as nextTurn } from 'node:timers/promises';

import { quantize } from '../tensor/quantize.js';
import { configToGguf } from './config-gguf.js';
import { validateConfig, type ModelConfig } from './config.js';
import { GgufWriter } from './gguf-writer.js';
import { fileTypeMetadata, storageType, type OutputType } from './output-type.js';
import { MIN_RANDOM_VOCAB, randomTokenizerJson } from './random-tokenizer.js';
import { modelTensors, type ModelTensor } from './tensor-names.js';
import { tokenizerToGguf } from './tokenizer-metadata.js';
import { ModelError } from './model-error.js';

const CHUNK_ELEMENTS = 1 << 20;

/**
 * Writes a model with random weights.
 * @throws {ModelError} when the shape is impossible
 */
export async function writeRandomModel(
  outPath: string,
  { config, seed, type }: { config: ModelConfig; seed: number; type: OutputType },
): Promise<void> {
  validateConfig(config, 'random model');
  if (config.vocabSize < MIN_RANDOM_VOCAB) {
    throw new ModelError(
      `random model: vocab size is ${config.vocabSize}; control tokens and bytes need ${MIN_RANDOM_VOCAB}`,
    );
  }
  const tensors = modelTensors(config);
  const declarations = tensors.map((tensor) => ({
    name: tensor.name,
    shape: tensor.shape,
    type: storageType(tensor, type),
  }));
  const metadata = new Map([
    ...configToGguf(config, 'random model'),
    ...fileTypeMetadata(type),
    ...tokenizerToGguf(randomTokenizerJson(config.vocabSize), {
      config,
      addBos: true,
      preTokenizer: 'deepseek-v3',
      source: 'random tokenizer',
    }),
  ]);
  const writer = new GgufWriter(outPath, metadata, declarations);
  try {
    for (const [i, tensor] of tensors.entries()) {
      for (const values of randomValues(tensor, seed)) {
        writer.write(tensor.name, quantize(declarations[i]!.type, values));
        // Lets signals through between pieces.
        await nextTurn();
      }
    }
    writer.finish();
  } finally {
    writer.abort();
  }
}

/** Values in pieces of whole rows: matrices keep variance (1 / fan-in), norms lie around 1. */
function* randomValues(tensor: ModelTensor, seed: number): Generator<Float32Array> {
  const gauss = gaussian(hash(`${seed}:${tensor.name}`));
  const columns = tensor.shape[0]!;
  const numRows = tensor.shape.reduce((a, b) => a * b, 1) / columns;
  const isNorm = tensor.name.endsWith('norm.weight');
  const isBias = tensor.name.endsWith('.bias');
  const deviation = isNorm || isBias ? 0.1 : 1 / Math.sqrt(columns);
  const mean = isNorm ? 1 : 0;
  const step = Math.max(1, Math.floor(CHUNK_ELEMENTS / columns));
  for (let row = 0; row < numRows; row += step) {
    const values = new Float32Array(Math.min(step, numRows - row) * columns);
    for (let i = 0; i < values.length; i++) values[i] = mean + deviation * gauss();
    yield values;
  }
}

/** FNV-1a over the UTF-16 units. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  }
  return state >>> 0;
}

/** Standard normal numbers: polar Box-Muller over a 32-bit xorshift-multiply generator. */
function gaussian(seed: number): () => number {
  let state = seed;
  let spare = Number.NaN;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2147483648 - 1;
  };
  return () => {
    if (!Number.isNaN(spare)) {
      const value = spare;
      spare = Number.NaN;
      return value;
    }
    for (;;) {
      const u = uniform();
      const v = uniform();
      const s = u * u + v * v;
      if (s >= 1 || s === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(s)) / s);
      spare = v * factor;
      return u * factor;
    }
  };
}
