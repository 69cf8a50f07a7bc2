// `hadal model random` and `hadal model info`: write a random-weight model, describe a model file.
// Thin over model/presets.ts, model/random.ts and model/model-info.ts.

import { type Command, Option } from 'commander';

import type { ModelConfig } from '../model/config.js';
import { ModelError } from '../model/model-error.js';
import { readModelInfo, type ModelInfo } from '../model/model-info.js';
import { GGUF_TENSOR_TYPES } from '../model/gguf-types.js';
import {
  countStored,
  OUTPUT_TYPES,
  parseOutputType,
  type OutputType,
} from '../model/output-type.js';
import { PRESET_NAMES, presetConfig, SETTING_NAMES } from '../model/presets.js';
import { writeRandomModel } from '../model/random.js';
import { modelTensors } from '../model/tensor-names.js';
import { wholeNumber } from './options.js';
import { exitOnSignals } from './signals.js';
import { systemCode, systemReason } from './system-errors.js';

export function registerModel(program: Command): void {
  const model = program.command('model').description('make and inspect model files');
  model
    .command('random')
    .description('write a model of the V3.2 architecture with random weights')
    .argument('<out.gguf>', 'file to write; appears only when complete')
    .addOption(new Option('-p, --preset <name>', 'shape').choices(PRESET_NAMES).default('test'))
    .option(
      '-s, --seed <n>',
      'seed of the weights',
      wholeNumber(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
      1,
    )
    .addOption(
      new Option('-t, --type <type>', 'storage type of the matrices')
        .choices(OUTPUT_TYPES)
        .default('f32'),
    )
    .option(
      '--set <name=value...>',
      `change single values of the shape: ${SETTING_NAMES.join(', ')}`,
    )
    .action(async (outPath: string, options: RandomOptions) => {
      const release = exitOnSignals();
      try {
        const config = presetConfig(options.preset, options.set);
        const { seed } = options;
        const type = parseOutputType(options.type);
        await writeRandomModel(outPath, { config, seed, type });
        process.stderr.write(`${outPath}: ${options.preset}, seed ${seed}, ${options.type}\n`);
        const { numStored, numMatrices } = countStored(modelTensors(config), type);
        if (numMatrices > 0 && numStored === 0) {
          process.stderr.write(`note: ${noneStored(type)}\n`);
        }
      } catch (error) {
        exitWithModelError(error, outPath);
      } finally {
        release();
      }
    });
  model
    .command('info')
    .description('describe a model file: architecture, parameters, tensors, storage')
    .argument('<file.gguf>', 'model file')
    .option('--json', 'print one JSON object', false)
    .option('--tensors', 'list every tensor', false)
    .action((path: string, options: { json: boolean; tensors: boolean }) => {
      try {
        const info = readModelInfo(path);
        const text = options.json ? JSON.stringify(info) : describe(info, options.tensors);
        process.stdout.write(`${text}\n`);
      } catch (error) {
        exitWithModelError(error, path);
      }
    });
}

interface RandomOptions {
  preset: string;
  seed: number;
  type: string;
  set?: string[];
}

function noneStored(type: OutputType): string {
  const { blockSize } = GGUF_TENSOR_TYPES[type];
  return (
    `no matrix could be stored in ${type}, whose rows must be multiples of ${blockSize} long; ` +
    'the nearest types that fit were taken (`hadal model info` lists them)'
  );
}

/**
 * Prints what a user can act on and sets exit code 1: bad input, or `path` refused by the system.
 * Anything else is a bug and is thrown on.
 */
export function exitWithModelError(error: unknown, path: string): void {
  const isSystem = systemCode(error) !== null;
  if (!(error instanceof ModelError) && !isSystem) throw error;
  const reason = systemReason(error);
  const message = isSystem && !reason.includes(path) ? `${path}: ${reason}` : reason;
  process.stderr.write(`hadal: ${message}\n`);
  process.exitCode = 1;
}

function describe(info: ModelInfo, withTensors: boolean): string {
  const rows: [string, string][] = [
    ['file', `${info.path} (${megabytes(info.fileBytes)})`],
    ...describeConfig(info.config),
    [
      'parameters',
      `${millions(info.numParameters)}, ${millions(info.numActiveParameters)} per token`,
    ],
  ];
  for (const [type, { tensors, bytes }] of Object.entries(info.storage)) {
    rows.push([type, `${tensors} tensors, ${megabytes(bytes)}`]);
  }
  const lines = rows.map(([name, value]) => `${name.padEnd(14)}${value}`);
  if (withTensors) {
    for (const { name, type, shape } of info.tensors) {
      lines.push(`  ${name.padEnd(36)}${type.padEnd(6)}[${shape.join(', ')}]`);
    }
  }
  return lines.join('\n');
}

function describeConfig(config: ModelConfig): [string, string][] {
  const { moe, indexer, yarn } = config;
  const mtp = config.numNextnLayers > 0 ? ` + ${config.numNextnLayers} MTP` : '';
  return [
    ['architecture', config.architecture],
    ['name', config.name],
    ['layers', `${config.numLayers}${mtp}, ${config.numDenseLayers} dense first`],
    ['hidden', `${config.hiddenSize}, dense FFN ${config.intermediateSize}`],
    [
      'attention',
      `${config.numHeads} heads, nope ${config.qkNopeHeadDim}, rope ${config.qkRopeHeadDim}, v ${config.vHeadDim}, q_lora ${config.qLoraRank ?? 'none'}, kv_lora ${config.kvLoraRank}`,
    ],
    [
      'indexer',
      indexer === null
        ? 'none (dense attention)'
        : `${indexer.numHeads} heads of ${indexer.headDim}, top-k ${indexer.topk}`,
    ],
    [
      'experts',
      moe === null
        ? 'none'
        : `${moe.numExperts} of width ${moe.intermediateSize}, ${moe.numExpertsPerToken} per token, ${moe.numSharedExperts} shared, ${moe.numGroups} group(s), ${moe.scoring}`,
    ],
    ['context', `${config.contextLength} tokens${yarn === null ? '' : `, YaRN x${yarn.factor}`}`],
    ['vocabulary', `${config.vocabSize}`],
  ];
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function millions(count: number): string {
  return count >= 1e9 ? `${(count / 1e9).toFixed(2)}B` : `${(count / 1e6).toFixed(2)}M`;
}
