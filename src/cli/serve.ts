// `hadal serve`: the API server in the foreground. Prints what a person needs to call it; logs go to
// stderr. Ctrl-C ends running replies properly and exits 0; while the server starts it ends the process
// at once.

import { readFileSync } from 'node:fs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { McpConfigError, parseMcpConfig } from '../agent/mcp/mcp-config.js';
import { PROFILES, type ProfileName } from '../protocol/leniency.js';
import { createLog, LOG_LEVELS, type LogLevel } from '../server/log.js';
import {
  startServer,
  type RunningServer,
  type StartServerOptions,
} from '../server/start-server.js';
import { loadProgressLine } from './load-progress-line.js';
import { storeLocation, withStoreLocation, type StoreOptions } from './store-options.js';
import { byteSize, wholeNumber } from './options.js';
import { exitOnSignals, STOP_SIGNALS } from './signals.js';

interface ServeOptions extends StoreOptions {
  model?: string;
  tokenizer?: string;
  host: string;
  port: number;
  apiKey?: string;
  adminKey?: string;
  threads?: number;
  device: 'auto' | 'ggml' | 'reference';
  draft: 'auto' | 'on' | 'off';
  upstream?: string[];
  upstreamKeyEnv: string;
  context?: number;
  upstreamModel?: string;
  profile: ProfileName;
  usageChunk: 'inline' | 'separate';
  maxRunning?: number;
  maxQueued?: number;
  maxPerKey?: number;
  specialeExpires?: number;
  mcpConfig?: StartServerOptions['mcpServers'];
  mcpAllow?: string[];
  lab: boolean;
  requestLog: boolean;
  cacheRam?: number;
  cacheDisk?: number;
  cache: boolean;
  kvMemory?: number;
  ephemeral?: boolean;
  logLevel: LogLevel;
  logFormat: 'text' | 'json';
}

const limit = wholeNumber(1, 1_000_000);

export function registerServe(program: Command): void {
  const command = program
    .command('serve')
    .description('serve a model over the DeepSeek API')
    .option('--model <path>', 'GGUF file (default: the embedded model)')
    .option('--tokenizer <path>', 'tokenizer.json, v3 or v3.2 (default: beside or in the model)')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option(
      '--port <number>',
      'port to listen on, 0 for any free one',
      wholeNumber(0, 65_535),
      8000,
    )
    .addOption(
      new Option('--api-key <key>', 'a key to accept (default: created at the first start)').env(
        'HADAL_API_KEY',
      ),
    )
    .addOption(
      new Option('--admin-key <key>', 'key of the admin API (default: a new one per start)').env(
        'HADAL_ADMIN_KEY',
      ),
    )
    .option('--threads <number>', 'compute threads (default: by machine)', wholeNumber(1, 512))
    .addOption(
      new Option('--device <name>', 'where to compute')
        .choices(['auto', 'ggml', 'reference'])
        .default('auto'),
    )
    .addOption(
      new Option('--draft <mode>', 'guess tokens ahead, where the model can')
        .choices(['auto', 'on', 'off'])
        .default('auto'),
    )
    .option('--upstream <urls...>', 'serve from these OpenAI-compatible inference servers instead')
    .option('--upstream-key-env <name>', 'variable with their key', 'HADAL_UPSTREAM_KEY')
    .option('--context <tokens>', 'context length of the upstream model', wholeNumber(1, 1e9))
    .option('--upstream-model <name>', 'its name, for a start while no upstream answers')
    .addOption(
      new Option('--profile <name>', 'contract profile of keys without one')
        .choices(Object.keys(PROFILES))
        .default('2025-12-01'),
    )
    .addOption(
      new Option(
        '--usage-chunk <form>',
        'usage on the last chunk of a stream, or in one of its own',
      )
        .choices(['inline', 'separate'])
        .default('inline'),
    )
    .option(
      '--max-running <number>',
      'replies generated at once (default: 32, or 2000 with --upstream)',
      limit,
    )
    .option('--max-queued <number>', 'requests that wait, more get 503 (default: 2000)', limit)
    .option(
      '--max-per-key <number>',
      'requests at once per key, more get 429 (default: 2000)',
      limit,
    )
    .option(
      '--speciale-expires <date>',
      'end of the temporary Speciale base, a date or `never` (default: 2025-12-15T15:59Z)',
      expiryDate,
    )
    .option(
      '--mcp-config <file>',
      'MCP servers whose tools the chat offers, as {"mcpServers": {...}}',
      mcpServers,
    )
    .option('--mcp-allow <origins...>', 'origins of MCP servers that any key may add in the chat')
    .option('--no-lab', 'do not serve the scenarios at /lab')
    .option('--no-request-log', 'keep no bodies, replies and prompts in memory for the console')
    .option(
      '--cache-ram <size>',
      'memory for the context cache, e.g. 512M (default: an eighth of the memory, at most 4G)',
      byteSize,
    )
    .option(
      '--cache-disk <size>',
      'disk for it, in the data folder; 0 = memory only (default: 4G)',
      byteSize,
    )
    .option('--no-cache', 'compute every prompt from its beginning')
    .option(
      '--kv-memory <size>',
      'memory for running replies, e.g. 2G; little shortens the context (default: a quarter of what is free)',
      byteSize,
    )
    .addOption(new Option('--log-level <level>').choices([...LOG_LEVELS]).default('info'))
    .addOption(new Option('--log-format <format>').choices(['text', 'json']).default('text'));
  withStoreLocation(command)
    .option('--ephemeral', 'keep keys and usage in memory only')
    .action(runServe);
}

function expiryDate(text: string): number {
  const time = text === 'never' ? Infinity : Date.parse(text);
  if (!Number.isNaN(time)) return time;
  throw new InvalidArgumentError('must be a date such as 2026-12-31T00:00Z, or `never`');
}

function mcpServers(path: string): StartServerOptions['mcpServers'] {
  try {
    return parseMcpConfig(readFileSync(path, 'utf8'));
  } catch (error) {
    const isUnreadable = (error as NodeJS.ErrnoException).code !== undefined;
    if (!isUnreadable && !(error instanceof McpConfigError)) throw error;
    throw new InvalidArgumentError(`cannot be used: ${(error as Error).message}`);
  }
}

async function runServe(options: ServeOptions, command: Command): Promise<void> {
  requireCompatible(options, (name) => command.getOptionValueSource(name) === 'cli');
  const log = createLog({ level: options.logLevel, format: options.logFormat });
  const release = exitOnSignals();
  const server = await startServer({ ...serverOptions(options), log });
  release();
  const stop = stopSignal();
  process.stdout.write(greeting(server, options));
  const signal = await stop;
  log('info', 'stopping', { signal });
  await server.close();
}

function serverOptions(options: ServeOptions): StartServerOptions {
  const { maxRunning, maxQueued, maxPerKey } = options;
  return {
    ...definedOnly({
      modelPath: options.model,
      tokenizerPath: options.tokenizer,
      apiKey: nonEmpty(options.apiKey),
      adminKey: nonEmpty(options.adminKey),
      threads: options.threads,
      maxRunning,
      kvBytes: options.kvMemory,
      specialeExpiresAt: options.specialeExpires,
      mcpServers: options.mcpConfig,
      mcpAllow: options.mcpAllow,
      upstream: upstreamOf(options),
      onLoadProgress: loadProgressLine(),
    }),
    ...(options.ephemeral ? {} : storeLocation(options)),
    contextCache: contextCacheOf(options),
    host: options.host,
    port: options.port,
    device: options.device,
    draft: options.draft,
    profile: options.profile,
    usageChunk: options.usageChunk,
    lab: options.lab,
    ...(!options.requestLog && { requestLog: false as const }),
    limits: definedOnly({ maxRunning, maxQueued, maxPerKey }),
  };
}

/** What only an engine of our own can heed. */
const ENGINE_OPTIONS = {
  model: '--model',
  kvMemory: '--kv-memory',
  draft: '--draft',
  threads: '--threads',
  device: '--device',
} as const;

/** @throws Error naming two options of which one would be without effect */
function requireCompatible(
  { upstream, cache }: ServeOptions,
  isGiven: (name: string) => boolean,
): void {
  const clashes: [string, string][] = [];
  if (upstream) {
    for (const [name, flag] of Object.entries(ENGINE_OPTIONS)) {
      if (isGiven(name)) clashes.push([flag, '--upstream']);
    }
  }
  if (!cache && isGiven('cacheRam')) clashes.push(['--cache-ram', '--no-cache']);
  if (!cache && isGiven('cacheDisk')) clashes.push(['--cache-disk', '--no-cache']);
  const [first] = clashes;
  if (first) throw new Error(`${first.join(' and ')} exclude each other`);
}

function contextCacheOf({ cache, cacheRam: ramBytes, cacheDisk: diskBytes }: ServeOptions) {
  return cache && definedOnly({ ramBytes, diskBytes });
}

function upstreamOf(options: ServeOptions) {
  const { upstream, upstreamKeyEnv, context, upstreamModel } = options;
  if (!upstream) return undefined;
  const apiKey = nonEmpty(process.env[upstreamKeyEnv]);
  const endpoints = upstream
    .flatMap((urls) => urls.split(','))
    .map((url) => ({ url, ...definedOnly({ apiKey }) }));
  return { endpoints, ...definedOnly({ contextLength: context, modelId: upstreamModel }) };
}

/** An empty variable is one that is not set, in effect. */
function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function definedOnly<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Defined<T>;
}

/** Resolves on the first signal; a second one ends the process the hard way. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of STOP_SIGNALS) process.once(signal, resolve);
  });
}

/** A key from the environment stays there; a generated or typed one is needed on the screen. */
function shownKey(apiKey: string | undefined): string {
  if (apiKey === undefined) return '$HADAL_API_KEY';
  return apiKey === process.env['HADAL_API_KEY'] ? '$HADAL_API_KEY' : apiKey;
}

/** So that what is suggested finds the same store. */
function storeFlags({ dataDir, database }: ServeOptions): string {
  const hasDatabase = database !== undefined && database !== '' && !database.includes('@');
  return [
    dataDir ? ` --data-dir ${dataDir}` : '',
    hasDatabase ? ` --database ${database}` : '',
  ].join('');
}

function greeting({ pageUrl, ...server }: RunningServer, options: ServeOptions): string {
  const { url, model, apiKey, adminKey } = server;
  const key = shownKey(apiKey);
  const isNew = apiKey !== undefined && nonEmpty(options.apiKey) === undefined;
  const keyLine =
    apiKey === undefined
      ? `one you created earlier (\`npx hadal key create${storeFlags(options)}\` makes another)`
      : `${key}${isNew && !options.ephemeral ? '   (kept as a hash, shown only now)' : ''}`;
  const adminLine = nonEmpty(options.adminKey) !== undefined ? [] : [`  admin key ${adminKey}`];
  return [
    `Serving ${model.id}, context ${model.contextLength} tokens.`,
    '',
    `  page      ${pageUrl()}`,
    `  base URL  ${url}`,
    `  API key   ${keyLine}`,
    ...adminLine,
    `  status    ${url}/status`,
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
