// Assembles a running server: tokenizer, engine, chat road, HTTP. The composition root: the only
// file of this layer that knows which backend there is. Used by `hadal serve`, the terminal chat,
// evaluation and tests.

import { createHash } from 'node:crypto';
import type { Backend, ModelCard } from '../backend/types.js';
import { ChatService } from '../chat/chat-service.js';
import { tokenTableOf } from '../chat/token-table.js';
import type { Tokenizer } from '../encoding/tokenizer.js';
import { EngineBackend, type EngineNotice } from '../engine/engine-backend.js';
import { loadTokenizerFor, requireEmbeddedModel } from '../model-location.js';
import { DEFAULT_LIMITS, type ServerLimits } from './app.js';
import { generateApiKey, KeyRing } from './auth.js';
import { HttpServer, ListenError } from './http-server.js';
import { KEEP_ALIVE_TIMES, type KeepAliveTimes } from './keep-alive.js';
import { createLog, type Log } from './log.js';
import { systemTimers, type Timers } from './timers.js';

export interface StartServerOptions {
  /** A GGUF file. Default: the embedded model. */
  modelPath?: string;
  /** Default: tokenizer.json beside the model, or the one inside it. */
  tokenizerPath?: string;
  host?: string;
  /** 0 = any free port. */
  port?: number;
  /** Default: a new random key; not allowed when `host` is reachable from other machines. */
  apiKey?: string;
  threads?: number;
  device?: 'auto' | 'ggml' | 'reference';
  /** Default: warnings and errors as text to stderr. */
  log?: Log;
  limits?: Partial<ServerLimits>;
  keepAlive?: KeepAliveTimes;
  timers?: Timers;
  usageChunk?: 'inline' | 'separate';
  /** Sample small weights cooler than asked (protocol/openai/chat-request.ts). Default: only for the
   *  embedded model. */
  mapTemperature?: boolean;
  /** Serve this backend instead of a model file; the caller keeps the tokenizer fitting to it. */
  served?: { backend: Backend; tokenizer: Tokenizer };
}

export interface RunningServer {
  /** Base URL without a trailing slash. */
  url: string;
  apiKey: string;
  model: ModelCard;
  /** Requests being answered right now. */
  readonly numActive: number;
  /** Ends running replies properly, closes every connection, ends the engine. May be called twice. */
  close(): Promise<void>;
}

/**
 * Resolves when the server accepts requests.
 * @throws ListenError (address in use, refused, unknown), ModelNotFoundError, TokenizerFileError,
 *   ModelError or EngineLoadError; nothing is left running then.
 */
export async function startServer(options: StartServerOptions = {}): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 8000, log = createLog({ level: 'warn' }) } = options;
  requireKeyBeyondLoopback(host, options.apiKey);
  const apiKey = options.apiKey ?? generateApiKey();
  requireSendable(apiKey);
  const { backend, tokenizer } = options.served ?? (await startEngine(options, log));
  let server: HttpServer | undefined;
  try {
    const model = backend.cards()[0]!;
    requireMatch(tokenizer, model);
    const keys = new KeyRing();
    keys.add(apiKey);
    server = new HttpServer({
      chat: new ChatService({ backend, tokenizer }),
      model: model.id,
      systemFingerprint: fingerprintOf(model),
      mapTemperature: options.mapTemperature ?? isEmbedded(options),
      usageChunk: options.usageChunk ?? 'inline',
      keys,
      limits: { ...DEFAULT_LIMITS, ...options.limits },
      keepAlive: options.keepAlive ?? KEEP_ALIVE_TIMES,
      timers: options.timers ?? systemTimers,
      now: Date.now,
      log,
    });
    const boundPort = await server.listen({ host, port });
    return running(server, backend, { url: urlOf(host, boundPort), apiKey, model });
  } catch (error) {
    await server?.close();
    await backend.dispose();
    throw error;
  }
}

function running(
  server: HttpServer,
  backend: Backend,
  facts: Pick<RunningServer, 'url' | 'apiKey' | 'model'>,
): RunningServer {
  return {
    ...facts,
    get numActive() {
      return server.numActive;
    },
    async close() {
      await server.close();
      await backend.dispose();
    },
  };
}

async function startEngine(
  options: StartServerOptions,
  log: Log,
): Promise<{ backend: Backend; tokenizer: Tokenizer }> {
  const { threads, device = 'auto' } = options;
  const modelPath = options.modelPath ?? requireEmbeddedModel().modelPath;
  const tokenizer = loadTokenizerFor(modelPath, options.tokenizerPath);
  const backend = await EngineBackend.start({
    source: { path: modelPath, device, ...(threads !== undefined && { threads }) },
    tokenTable: tokenTableOf(tokenizer),
    onNotice: (notice) => logNotice(log, notice),
  });
  return { backend, tokenizer };
}

function isEmbedded({ modelPath, served }: StartServerOptions): boolean {
  return modelPath === undefined && served === undefined;
}

const NOTICE_LEVELS = {
  restarted: 'info',
  warning: 'warn',
  crashed: 'error',
  'restart-failed': 'error',
  'request-failed': 'error',
} as const satisfies Record<EngineNotice['type'], string>;

function logNotice(log: Log, notice: EngineNotice): void {
  const { type, ...fields } = notice;
  log(NOTICE_LEVELS[type], `engine ${type}`, fields);
}

/** A generated key is only printed on this machine, so nobody else could use the server anyway. */
function requireKeyBeyondLoopback(host: string, apiKey: string | undefined): void {
  if (apiKey !== undefined || isLoopback(host)) return;
  throw new ListenError(
    `refusing to listen on ${host}, which other machines can reach, without a key of your own; ` +
      'pass --api-key or set HADAL_API_KEY',
  );
}

/** A key travels in a header, after a space. The message leaves it out: keys belong in no log. */
function requireSendable(apiKey: string): void {
  if (/^[\x21-\x7e]+$/.test(apiKey)) return;
  throw new Error(
    'the API key holds a space or a letter beyond ASCII, which no client can send; ' +
      'use ASCII letters, digits and signs',
  );
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function requireMatch(tokenizer: Tokenizer, model: ModelCard): void {
  if (tokenizer.vocabSize <= model.vocabSize) return;
  throw new Error(
    `the tokenizer has ${tokenizer.vocabSize} tokens but ${model.id} only ${model.vocabSize}; ` +
      'they do not belong together',
  );
}

/** Changes with the weights served, like the original's; names nothing secret. */
function fingerprintOf({ id, contextLength, vocabSize }: ModelCard): string {
  const digest = createHash('sha256').update(`${id} ${contextLength} ${vocabSize}`).digest('hex');
  return `fp_${digest.slice(0, 10)}_hadal`;
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
