// `hadal synth serve`, `hadal synth export`: a built corpus put to use. Thin over synth/serve and
// synth/export; what people read goes to stdout, except over --stdio, where stdout is
// the protocol's.

import { InvalidArgumentError, Option, type Command } from 'commander';
import { openProcessSandbox, type ProcessSandbox } from '../sandbox/process-sandbox.js';
import { openCorpus } from '../synth/corpus.js';
import { checkedBaseUrl } from '../synth/model-loop/chat-endpoint.js';
import { EXPORT_FORMATS, exportCorpus, type ExportFormat } from '../synth/export/export-corpus.js';
import { FAMILIES, type PublicTask } from '../synth/task-types.js';
import { programsIn } from '../synth/serve/code-tools.js';
import { serveStdio } from '../synth/serve/mcp-stdio.js';
import { Rollouts } from '../synth/serve/rollouts.js';
import { serveCorpus } from '../synth/serve/serve-corpus.js';
import { wholeNumber } from './options.js';
import { ENDPOINT_KEY_VARIABLE } from './synth-rollout.js';

interface ServeOptions {
  host: string;
  port: number;
  stdio?: string;
  task?: string;
  trainerKey?: string;
  allowHost?: string[];
  endpoint?: string[];
  maxSessions: number;
  idleMinutes: number;
}

interface ExportOptions {
  format: ExportFormat;
  out: string;
  verifierUrl: string;
  split?: PublicTask['split'];
  family?: string;
}

/** Adds the commands to `hadal synth`. */
export function addSynthServe(synth: Command): void {
  synth
    .command('serve')
    .description('serve the environments of a corpus over MCP, and its tasks to trainers')
    .argument('<dir>', 'folder of the corpus')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option(
      '--port <number>',
      'port to listen on, 0 for any free one',
      wholeNumber(0, 65_535),
      8700,
    )
    .option('--stdio <env>', 'serve this one environment over standard input and output instead')
    .option('--task <key>', 'with --stdio: begin with this task')
    .addOption(
      new Option(
        '--trainer-key <key>',
        'bearer token for everything but MCP (default: none needed)',
      ).env('HADAL_SYNTH_KEY'),
    )
    .option('--allow-host <names...>', 'host names besides loopback that requests may come by')
    .option('--endpoint <urls...>', 'base URLs that POST /v1/rollouts may ask (default: any)')
    .option('--max-sessions <number>', 'sessions open at once', wholeNumber(1, 1_000_000), 20_000)
    .option(
      '--idle-minutes <number>',
      'an unused session ends after this',
      wholeNumber(1, 10_000),
      15,
    )
    .action(runServe);
  synth
    .command('export')
    .description("write a corpus's tasks in a consumer's format")
    .argument('<dir>', 'folder of the corpus')
    .addOption(
      new Option('--format <name>', 'what to write')
        .choices([...EXPORT_FORMATS])
        .makeOptionMandatory(),
    )
    .requiredOption('--out <path>', 'file to write; a folder for parquet, harbor and env-package')
    .option('--verifier-url <url>', 'where `hadal synth serve` will run', 'http://127.0.0.1:8700')
    .addOption(new Option('--split <name>', 'only these').choices(['train', 'val', 'test']))
    .addOption(new Option('--family <name>', 'only these').choices([...FAMILIES]))
    .action(runExport);
}

async function runServe(dir: string, options: ServeOptions): Promise<void> {
  const store = openCorpus(dir);
  const limits = { maxSessions: options.maxSessions, idleMs: options.idleMinutes * 60_000 };
  const { stdio: envId, task, trainerKey } = options;
  const endpointKey = process.env[ENDPOINT_KEY_VARIABLE];
  if (envId !== undefined) {
    // One session that nobody but its process uses: it does not expire.
    const sandbox = await openProcessSandbox();
    const runProgram = programsIn(sandbox);
    const rollouts = new Rollouts({ store, limits: { ...limits, idleMs: Infinity }, runProgram });
    const rollout =
      task === undefined ? rollouts.openDefault(envId) : rollouts.openTask(task, { envId });
    await serveStdio({ rollouts, rollout, input: process.stdin, output: process.stdout });
    return sandbox.close();
  }
  if (task !== undefined) throw new InvalidArgumentError('--task needs --stdio');
  const stop = stopSignal();
  const sandbox = await openProcessSandbox();
  const studio = await serveCorpus({
    store,
    limits,
    runProgram: programsIn(sandbox),
    host: options.host,
    port: options.port,
    allowedHosts: options.allowHost ?? [],
    ...(trainerKey !== undefined && trainerKey !== '' && { trainerKey }),
    rolloutLoop: {
      endpoints: (options.endpoint ?? []).map(checkedBaseUrl),
      ...(endpointKey && { endpointKey }),
    },
    onError: (error) =>
      process.stderr.write(`hadal: ${error instanceof Error ? error.stack : String(error)}\n`),
  });
  process.stdout.write(greeting(studio.url, store.environmentIds, store.numTasks, sandbox));
  await stop;
  await studio.close();
  await sandbox.close();
}

function greeting(
  url: string,
  ids: readonly string[],
  numTasks: number,
  sandbox: ProcessSandbox,
): string {
  const walls = sandbox.describe().find(({ isUsed }) => isUsed)?.name;
  return [
    `Serving ${ids.length} environments with ${numTasks} tasks.`,
    '',
    `  MCP       ${url}/${ids[0] ?? '<environment>'}/mcp   (header x-task-key selects a task)`,
    `  trainers  ${url}/v1/sessions`,
    `  programs  ${walls ? `in processes behind ${walls}` : 'are NOT run, for nothing here locks them up'} (hadal sandbox)`,
    '',
    'Ctrl-C stops the server.',
    '',
  ].join('\n');
}

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
  });
}

async function runExport(dir: string, options: ExportOptions): Promise<void> {
  const { format, out, verifierUrl, split, family } = options;
  const { tasks, skipped } = await exportCorpus({
    store: openCorpus(dir),
    format,
    out,
    verifierUrl,
    isWanted: (task) =>
      (split === undefined || task.split === split) &&
      (family === undefined || task.family === family),
  });
  const rest = skipped > 0 ? `; ${skipped} are not for this format` : '';
  process.stdout.write(`${tasks} tasks written to ${out} and read back${rest}.\n`);
}
