// `hadal serve`: the API server in the foreground. Prints what a person needs to call it; logs go to
// stderr. Ctrl-C ends running replies properly and exits 0.

import { Option, type Command } from 'commander';
import { createLog, LOG_LEVELS, type LogLevel } from '../server/log.js';
import { startServer, type RunningServer } from '../server/start-server.js';
import { wholeNumber } from './options.js';

interface ServeOptions {
  model?: string;
  tokenizer?: string;
  host: string;
  port: number;
  apiKey?: string;
  threads?: number;
  device: 'auto' | 'ggml' | 'reference';
  usageChunk: 'inline' | 'separate';
  logLevel: LogLevel;
  logFormat: 'text' | 'json';
}

export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('serve a model over the DeepSeek API')
    .option('--model <path>', 'GGUF file (default: the embedded model)')
    .option('--tokenizer <path>', 'tokenizer.json (default: beside or inside the model)')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option(
      '--port <number>',
      'port to listen on, 0 for any free one',
      wholeNumber(0, 65_535),
      8000,
    )
    .addOption(
      new Option('--api-key <key>', 'key that clients must send (default: a new random one)').env(
        'HADAL_API_KEY',
      ),
    )
    .option('--threads <number>', 'compute threads (default: by machine)', wholeNumber(1, 512))
    .addOption(
      new Option('--device <name>', 'where to compute')
        .choices(['auto', 'ggml', 'reference'])
        .default('auto'),
    )
    .addOption(
      new Option(
        '--usage-chunk <form>',
        'usage on the last chunk of a stream, or in one of its own',
      )
        .choices(['inline', 'separate'])
        .default('inline'),
    )
    .addOption(new Option('--log-level <level>').choices([...LOG_LEVELS]).default('info'))
    .addOption(new Option('--log-format <format>').choices(['text', 'json']).default('text'))
    .action(runServe);
}

async function runServe(options: ServeOptions): Promise<void> {
  const { host, port, threads, device } = options;
  const apiKey = options.apiKey === '' ? undefined : options.apiKey; // an unset variable, in effect
  const log = createLog({ level: options.logLevel, format: options.logFormat });
  const stop = stopSignal();
  const server = await startServer({
    host,
    port,
    device,
    log,
    usageChunk: options.usageChunk,
    ...(options.model !== undefined && { modelPath: options.model }),
    ...(options.tokenizer !== undefined && { tokenizerPath: options.tokenizer }),
    ...(apiKey !== undefined && { apiKey }),
    ...(threads !== undefined && { threads }),
  });
  process.stdout.write(greeting(server, shownKey(server.apiKey)));
  const signal = await stop;
  log('info', 'stopping', { signal });
  await server.close();
}

/** Resolves on the first signal; a second one ends the process the hard way. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
  });
}

/** A key from the environment stays there; a generated or typed one is needed on the screen. */
function shownKey(apiKey: string): string {
  return apiKey === process.env['HADAL_API_KEY'] ? '$HADAL_API_KEY' : apiKey;
}

function greeting({ url, model }: RunningServer, key: string): string {
  return [
    `Serving ${model.id}, context ${model.contextLength} tokens.`,
    '',
    `  base URL  ${url}`,
    `  API key   ${key}`,
    '',
    'Try it:',
    '',
    `  curl ${url}/chat/completions \\`,
    `    -H "Authorization: Bearer ${key}" \\`,
    "    -H 'Content-Type: application/json' \\",
    `    -d '{"model": "deepseek-chat", "messages": [{"role": "user", "content": "Hello!"}]}'`,
    '',
    'Ctrl-C stops the server.',
    '',
  ].join('\n');
}
