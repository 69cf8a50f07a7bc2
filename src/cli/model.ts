// `hadal model random` and `hadal model info`: write a random-weight model, describe a model file.
// Thin over model/presets.ts, model/random.ts and model/model-info.ts.

import type { Command } from 'commander';

import type { ModelConfig } from '../model/config.js';
import { ModelError } from '../model/model-error.js';
import { readModelInfo, type ModelInfo } from '../model/model-info.js';
import { OUTPUT_TYPES, parseOutputType } from '../model/output-type.js';
import { PRESET_NAMES, presetConfig, SETTING_NAMES } from '../model/presets.js';
import { writeRandomModel } from '../model/random.js';

export function registerModel(program: Command): void {
  const model = program.command('model').description('make and inspect model files');
  model
    .command('random')
    .description('write a model of the V3.2 architecture with random weights')
    .argument('<out.gguf>', 'file to write; appears only when complete')
    .option('-p, --preset <name>', `shape: ${PRESET_NAMES.join(', ')}`, 'test')
    .option('-s, --seed <n>', 'seed of the weights, a whole number', '1')
    .option('-t, --type <type>', `storage type of the matrices: ${OUTPUT_TYPES.join(', ')}`, 'f32')
    .option(
      '--set <name=value...>',
      `change single values of the shape: ${SETTING_NAMES.join(', ')}`,
    )
    .action(async (outPath: string, options: RandomOptions) => {
      const release = exitOnSignals();
      try {
        const config = presetConfig(options.preset, options.set);
        const seed = parseSeed(options.seed);
        await writeRandomModel(outPath, { config, seed, type: parseOutputType(options.type) });
        process.stderr.write(`${outPath}: ${options.preset}, seed ${seed}, ${options.type}\n`);
      } catch (error) {
        exitWithModelError(error);
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
        exitWithModelError(error);
      }
    });
}

interface RandomOptions {
  preset: string;
  seed: string;
  type: string;
  set?: string[];
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(seed)) return seed;
  throw new ModelError(`seed is "${text}"; expected a whole number`);
}

function exitInterrupted(): never {
  process.exit(130);
}

/** Ends the process on Ctrl-C by way of its exit handlers, which remove half-written files. */
export function exitOnSignals(): () => void {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, exitInterrupted);
  return () => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.removeListener(signal, exitInterrupted);
  };
}

/**
 * Prints what a user can act on and sets exit code 1: bad input, or a file the system refuses.
 * Anything else is a bug and is thrown on.
 */
export function exitWithModelError(error: unknown): void {
  const isSystemError = error instanceof Error && 'syscall' in error;
  if (!(error instanceof ModelError) && !isSystemError) throw error;
  process.stderr.write(`error: ${error.message}\n`);
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
