// Which engine serves: the embedded model, a model file, other inference servers, or one the caller
// brings. The only file of this layer that knows engines.

import { join } from 'node:path';
import type { Backend } from '../backend/types.js';
import { tokenTableOf } from '../chat/token-table.js';
import type { Tokenizer } from '../encoding/tokenizer.js';
import { DEFAULT_SCHEDULING } from '../engine/engine.js';
import { EngineBackend, type EngineNotice } from '../engine/engine-backend.js';
import { CACHE_FOLDER, type CacheOptions } from '../engine/prefix-cache/cache-options.js';
import { openTokenizer } from '../encoding/named-tokenizer.js';
import { loadTokenizerFor, requireEmbeddedModel } from '../model-location.js';
import type { EndpointOptions } from '../upstream/endpoint.js';
import type { UpstreamNotice } from '../upstream/notices.js';
import { UpstreamBackend } from '../upstream/upstream-backend.js';
import type { ComponentReport, EngineReport, UpstreamReport } from '../observe/types.js';
import type { Log } from './log.js';

export interface BackendOptions {
  /** A GGUF file. Default: the embedded model. */
  modelPath?: string;
  /** The path of a tokenizer.json, `v3` or `v3.2`. Default: beside the model, or the one inside it; for
   *  upstreams the one of DeepSeek-V3.2. */
  tokenizerPath?: string;
  threads?: number;
  device?: 'auto' | 'ggml' | 'reference';
  /** Whether to guess tokens ahead, where the model can. Default `auto`: where that is faster. */
  draft?: 'auto' | 'on' | 'off';
  /** Sequences the engine computes together. Default: the engine's own. */
  maxRunning?: number;
  /** Bytes for keys and values of running sequences. Default: a quarter of the free memory. */
  kvBytes?: number;
  /** The engine's context cache; false = none. Its folder is `cache` in `dataDir` unless given. */
  contextCache?: CacheOptions | false;
  dataDir?: string;
  /** Ends the loading of a model file. */
  signal?: AbortSignal;
  /** Told while weights are loaded, in bytes; a restart of the engine loads them again. */
  onLoadProgress?: (loadedBytes: number, totalBytes: number) => void;
  /** Told in one sentence before native kernels are built, which takes seconds and happens once. */
  onBuild?: (message: string) => void;
  /** Serve these inference servers' model instead of a file. */
  upstream?: { endpoints: EndpointOptions[]; contextLength?: number; modelId?: string };
  /** Serve this backend; the caller keeps the tokenizer fitting to it. */
  served?: { backend: Backend; tokenizer: Tokenizer };
}

export interface ChosenBackend {
  backend: Backend;
  tokenizer: Tokenizer;
  /** What it generates at once. More would wait inside it: fairly too, but without a place in the
   *  queue that the client is told. */
  maxRunning?: number;
  /** For /status: the engine, or every upstream. */
  components: () => ComponentReport[];
  /** Absent = it computes by itself. */
  upstreams?: () => UpstreamReport[];
  /** Absent = it does not compute by itself. */
  engine?: () => Promise<EngineReport>;
}

/** @throws ModelNotFoundError, TokenizerFileError, ModelError, EngineLoadError, UpstreamError; the
 *   signal's reason */
export async function chooseBackend(options: BackendOptions, log: Log): Promise<ChosenBackend> {
  if (options.served) return withEngine(options.served);
  if (options.upstream) return startUpstream(options, options.upstream, log);
  return startEngine(options, log);
}

export function isEmbedded({ modelPath, upstream, served }: BackendOptions): boolean {
  return modelPath === undefined && upstream === undefined && served === undefined;
}

async function startEngine(options: BackendOptions, log: Log): Promise<ChosenBackend> {
  const { threads, device = 'auto', draft = 'auto', kvBytes } = options;
  const { maxRunning = DEFAULT_SCHEDULING.maxRunning } = options;
  const modelPath = options.modelPath ?? requireEmbeddedModel().modelPath;
  const tokenizer = loadTokenizerFor(modelPath, options.tokenizerPath);
  const backend = await EngineBackend.start({
    source: {
      path: modelPath,
      device,
      draft,
      ...(threads !== undefined && { threads }),
      ...(kvBytes !== undefined && { cacheBytes: kvBytes }),
    },
    scheduling: { maxRunning },
    tokenTable: tokenTableOf(tokenizer),
    cache: cacheOptionsOf(options),
    ...(options.signal && { signal: options.signal }),
    onNotice: (notice) => {
      if (notice.type === 'building') options.onBuild?.(notice.detail);
      logEngineNotice(log, notice);
    },
    ...(options.onLoadProgress && { onProgress: options.onLoadProgress }),
  });
  return { ...withEngine({ backend, tokenizer }), maxRunning };
}

function cacheOptionsOf({ contextCache = {}, dataDir }: BackendOptions): CacheOptions | false {
  if (contextCache === false || dataDir === undefined) return contextCache;
  return { folder: join(dataDir, CACHE_FOLDER), ...contextCache };
}

async function startUpstream(
  { tokenizerPath = 'v3.2' }: BackendOptions,
  upstream: NonNullable<BackendOptions['upstream']>,
  log: Log,
): Promise<ChosenBackend> {
  const tokenizer = openTokenizer(tokenizerPath);
  const counts = new Map<string, Record<string, number>>();
  const backend = await UpstreamBackend.start({
    ...upstream,
    tokenizer,
    onNotice: (notice) => logUpstreamNotice(log, notice),
    onCount: (event, endpoint) => {
      const ofEndpoint = counts.get(endpoint) ?? {};
      counts.set(endpoint, { ...ofEndpoint, [event]: (ofEndpoint[event] ?? 0) + 1 });
    },
  });
  return {
    backend,
    tokenizer,
    components: () =>
      backend.describe().endpoints.map(({ url, status, detail }) => ({
        name: `upstream ${url}`,
        status: STATUS_OF_CIRCUIT[status],
        ...(detail !== undefined && { detail }),
      })),
    upstreams: () =>
      backend.describe().endpoints.map(({ url, inFlight }) => ({
        endpoint: url,
        inFlight,
        counts: counts.get(url) ?? {},
      })),
  };
}

const STATUS_OF_CIRCUIT = {
  ready: 'operational',
  suspect: 'degraded',
  down: 'down',
} as const;

const STATUS_OF_ENGINE = {
  ready: 'operational',
  starting: 'degraded',
  restarting: 'degraded',
  closed: 'down',
} as const;

function withEngine(served: { backend: Backend; tokenizer: Tokenizer }): ChosenBackend {
  const { backend } = served;
  return {
    ...served,
    ...(backend instanceof EngineBackend && { engine: () => backend.stats() }),
    components: () => {
      const { status, detail } = backend.health();
      const report = { name: 'engine', status: STATUS_OF_ENGINE[status] };
      return [detail === undefined ? report : { ...report, detail }];
    },
  };
}

const ENGINE_LEVELS = {
  restarted: 'info',
  warning: 'warn',
  note: 'info',
  building: 'info',
  crashed: 'error',
  'restart-failed': 'error',
  'request-failed': 'error',
} as const satisfies Record<EngineNotice['type'], string>;

function logEngineNotice(log: Log, { type, ...fields }: EngineNotice): void {
  log(ENGINE_LEVELS[type], `engine ${type}`, fields);
}

function logUpstreamNotice(log: Log, { type, ...fields }: UpstreamNotice): void {
  log('warn', `upstream ${type}`, fields);
}
