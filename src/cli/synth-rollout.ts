// `hadal synth rollout`: a model behind an endpoint tries the tasks of a corpus. Thin over synth/serve;
// progress goes to stderr, the closing figures to stdout. The endpoint's key comes from the environment
// only: an argument would be seen by every process.

import { InvalidArgumentError, Option, type Command } from 'commander';
import { openProcessSandbox } from '../sandbox/process-sandbox.js';
import { openCorpus } from '../synth/corpus.js';
import { ChatEndpoint } from '../synth/model-loop/chat-endpoint.js';
import { programsIn } from '../synth/serve/code-tools.js';
import { RolloutFile } from '../synth/serve/rollout-loop-file.js';
import { runGroups, spread } from '../synth/serve/rollout-loop-groups.js';
import {
  MAX_CONCURRENCY,
  MAX_GROUP_SIZE,
  readSampling,
} from '../synth/serve/rollout-loop-request.js';
import { summarise, summaryText } from '../synth/serve/rollout-loop-summary.js';
import { Rollouts } from '../synth/serve/rollouts.js';
import { FAMILIES, type PublicTask } from '../synth/task-types.js';
import type { JsonObject } from '../synth/world-types.js';
import { LiveLine } from './live-line.js';
import { wholeNumber } from './options.js';
import { STOP_SIGNALS } from './signals.js';

export const ENDPOINT_KEY_VARIABLE = 'HADAL_ENDPOINT_KEY';

interface RolloutOptions {
  baseUrl: string;
  model: string;
  tasks?: number;
  split?: PublicTask['split'];
  family?: string;
  groupSize: number;
  concurrency: number;
  out: string;
  resume?: boolean;
  sampling?: JsonObject;
  maxTurns?: number;
  maxCompletionTokens?: number;
  maxRetries: number;
  json?: boolean;
}

/** Adds the command to `hadal synth`. */
export function addSynthRollout(synth: Command): void {
  synth
    .command('rollout')
    .description('let a model try the tasks of a corpus, through any OpenAI-style endpoint')
    .argument('<dir>', 'folder of the corpus')
    .requiredOption('--base-url <url>', 'the endpoint, without /chat/completions')
    .requiredOption('--model <name>', 'model to ask for')
    .option(
      '--tasks <number>',
      'so many, evenly over the corpus (default: all)',
      wholeNumber(1, 1e9),
    )
    .addOption(new Option('--split <name>', 'only these').choices(['train', 'val', 'test']))
    .addOption(new Option('--family <name>', 'only these').choices([...FAMILIES]))
    .option('--group-size <number>', 'samples of each task', wholeNumber(1, MAX_GROUP_SIZE), 1)
    .option('--concurrency <number>', 'rollouts at once', wholeNumber(1, MAX_CONCURRENCY), 8)
    .requiredOption('--out <file>', 'rows, one JSON object a line')
    .option('--resume', 'go on with the rows that are in the file')
    .option('--sampling <json>', 'fields of every request, such as {"temperature":1}', samplingOf)
    .option(
      '--max-turns <number>',
      "replies of a rollout (default: the environment's)",
      wholeNumber(1, 1e6),
    )
    .option(
      '--max-completion-tokens <number>',
      'of a rollout, over all replies (default: any)',
      wholeNumber(1, 1e9),
    )
    .option('--max-retries <number>', 'attempts after a failed one', wholeNumber(0, 100), 5)
    .option('--json', 'closing figures as JSON')
    .action(runRollouts);
}

async function runRollouts(dir: string, options: RolloutOptions): Promise<void> {
  const { baseUrl, model, groupSize, concurrency, sampling = {}, maxRetries } = options;
  const store = openCorpus(dir);
  const wanted = [...store.taskKeys()].filter((key) => {
    if (options.split === undefined && options.family === undefined) return true;
    const { split, family } = store.task(key)!;
    return (options.split ?? split) === split && (options.family ?? family) === family;
  });
  const taskKeys = spread(wanted, options.tasks ?? wanted.length);
  if (taskKeys.length === 0) throw new Error(`${dir} has no such tasks`);
  const apiKey = process.env[ENDPOINT_KEY_VARIABLE];
  const endpoint = new ChatEndpoint({ baseUrl, maxRetries, ...(apiKey && { apiKey }) });
  const file = new RolloutFile(options.out, { resume: options.resume === true });
  const sandbox = await openProcessSandbox();
  const line = new LiveLine(process.stderr, () => performance.now());
  const stop = new AbortController();
  const end = (): void => stop.abort(new Error('stopped; go on with --resume'));
  for (const signal of STOP_SIGNALS) process.once(signal, end);
  const total = taskKeys.length * groupSize;
  const progress = (): string => {
    const { rows } = file;
    const passed = rows.filter(({ reward }) => reward === 1).length;
    const errors = rows.filter(({ error }) => error !== null).length;
    return `${rows.length}/${total} rollouts, ${passed} passed, ${errors} errors`;
  };
  try {
    line.update(progress);
    await runGroups({
      rollouts: new Rollouts({ store, runProgram: programsIn(sandbox) }),
      endpoint,
      model,
      sampling,
      limits: {
        ...(options.maxTurns !== undefined && { max_turns: options.maxTurns }),
        ...(options.maxCompletionTokens !== undefined && {
          max_completion_tokens: options.maxCompletionTokens,
        }),
      },
      taskKeys,
      groupSize,
      concurrency,
      isDone: (id) => file.has(id),
      onRow: (row) => {
        file.add(row);
        line.update(progress);
      },
      signal: stop.signal,
    });
  } finally {
    for (const signal of STOP_SIGNALS) process.removeListener(signal, end);
    line.finish(progress);
    file.close();
    await Promise.all([endpoint.close(), sandbox.close()]);
  }
  const summary = summarise(file.rows);
  process.stdout.write(options.json ? `${JSON.stringify(summary)}\n` : summaryText(summary));
  if (summary.errors > 0) process.exitCode = 1;
}

function samplingOf(text: string): JsonObject {
  try {
    return readSampling(JSON.parse(text));
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
