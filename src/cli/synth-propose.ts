// `hadal synth propose`: a model designs environments and tasks, the gates decide. Thin over
// synth/model-loop; notes go to stderr, what came of it and what it has cost to stdout.

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { openProcessSandbox } from '../sandbox/process-sandbox.js';
import { ChatEndpoint } from '../synth/model-loop/chat-endpoint.js';
import {
  beginProposal,
  outcomeText,
  propose,
  type ProposeOptions,
} from '../synth/model-loop/propose.js';
import { EndpointSource, TranscriptSource } from '../synth/model-loop/transcript.js';
import { programsIn } from '../synth/serve/code-tools.js';
import { readSampling } from '../synth/serve/rollout-loop-request.js';
import type { JsonObject } from '../synth/world-types.js';
import { wholeNumber } from './options.js';
import { STOP_SIGNALS } from './signals.js';
import { ENDPOINT_KEY_VARIABLE } from './synth-rollout.js';

interface ProposeCommandOptions {
  out: string;
  baseUrl?: string;
  model?: string;
  replay?: string;
  envs: number;
  tasks: number;
  seed: number;
  category?: string;
  maxCostTokens?: number;
  samples: number;
  sampling?: JsonObject;
}

const TRANSCRIPT = 'transcript.jsonl';
/** Of one program; honest ones take milliseconds, and a transcript must play alike on a slow machine. */
const WALL_MS = 20_000;

/** Adds the command to `hadal synth`. */
export function addSynthPropose(synth: Command): void {
  synth
    .command('propose')
    .description('let a model design environments and tasks; the same gates decide')
    .requiredOption('--out <dir>', 'folder of the corpus')
    .option('--base-url <url>', 'the endpoint, without /chat/completions')
    .option('--model <name>', 'model to ask for')
    .option('--replay <file>', 'take the replies from this transcript; no endpoint is asked')
    .option('--envs <number>', 'environments', wholeNumber(1, 1000), 1)
    .option('--tasks <number>', 'tasks of each, at most', wholeNumber(1, 100), 4)
    .option('--seed <number>', 'another seed, other data', wholeNumber(0, 100_000), 1)
    .option('--category <text>', 'what they are about (default: a list, in turn)')
    .option('--max-cost-tokens <number>', 'ask no further beyond this', wholeNumber(1, 1e12))
    .option(
      '--samples <number>',
      'rollouts of each accepted task: kept if some pass and some fail',
      wholeNumber(0, 1000),
      0,
    )
    .option('--sampling <json>', 'fields of every request, such as {"temperature":1}', samplingOf)
    .action(runPropose);
}

async function runPropose(options: ProposeCommandOptions): Promise<void> {
  const { out: folder, baseUrl, model, replay, samples } = options;
  if (replay !== undefined && (baseUrl !== undefined || model !== undefined)) {
    throw new InvalidArgumentError('--replay asks no endpoint: leave out --base-url and --model');
  }
  if (replay === undefined && (baseUrl === undefined || model === undefined)) {
    throw new InvalidArgumentError('--base-url and --model are needed, or --replay');
  }
  const sandbox = await openProcessSandbox({ ready: availableParallelism(), wallMs: WALL_MS });
  try {
    // Before anything is asked and paid for.
    sandbox.requireWalls();
    const common: Common = {
      folder,
      environments: options.envs,
      tasks: options.tasks,
      seed: options.seed,
      ...(options.category !== undefined && { category: options.category }),
      run: programsIn(sandbox),
      onNote: (note) => void process.stderr.write(`${note}\n`),
    };
    if (replay === undefined) return await proposeLive(common, baseUrl!, model!, options);
    const source = new TranscriptSource(replay);
    beginProposal(folder);
    report(await propose({ ...common, source, band: { samples } }), folder, source);
  } finally {
    await sandbox.close();
  }
}

type Common = Omit<ProposeOptions, 'source' | 'band'>;

async function proposeLive(
  common: Common,
  baseUrl: string,
  model: string,
  { samples, sampling = {}, maxCostTokens }: ProposeCommandOptions,
): Promise<void> {
  const { folder } = common;
  const apiKey = process.env[ENDPOINT_KEY_VARIABLE];
  const endpoint = new ChatEndpoint({ baseUrl, ...(apiKey && { apiKey }) });
  const stop = new AbortController();
  const end = (): void => stop.abort(new Error('stopped'));
  for (const signal of STOP_SIGNALS) process.once(signal, end);
  beginProposal(folder);
  const asked = { endpoint, model, sampling, signal: stop.signal };
  const source = new EndpointSource({
    ...asked,
    ...(maxCostTokens !== undefined && { maxTokens: maxCostTokens }),
    transcript: join(folder, TRANSCRIPT),
  });
  try {
    report(await propose({ ...common, source, band: { ...asked, samples } }), folder, source);
  } finally {
    for (const name of STOP_SIGNALS) process.removeListener(name, end);
    source.close();
    await endpoint.close();
  }
}

type Source = EndpointSource | TranscriptSource;

function report(
  proposed: Awaited<ReturnType<typeof propose>>,
  folder: string,
  { ledger }: Source,
): void {
  const { manifest } = proposed;
  process.stdout.write(`${outcomeText(proposed, folder)}\n${ledger.table(manifest.tasks)}`);
  if (manifest.tasks === 0) process.exitCode = 1;
}

function samplingOf(text: string): JsonObject {
  try {
    return readSampling(JSON.parse(text));
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
