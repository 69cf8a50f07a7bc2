// Assembles a running server: engine, accounts, observation, HTTP. Used by `hadal serve`, the
// terminal chat, evaluation and tests.

import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelCard } from '../backend/types.js';
import { createObserver, otlpFromEnvironment, type OtlpOptions } from '../observe/observer.js';
import type { ComponentReport } from '../observe/types.js';
import { packageFile } from '../package-root.js';
import { PROFILES, type ProfileName } from '../protocol/leniency.js';
import type { HubEndpoints } from '../pull/pull-source.js';
import { adoptKey, ensureFirstKey } from '../store/first-key.js';
import { openPlatform } from '../store/open-platform.js';
import type { PlatformStore } from '../store/platform-store.js';
import { Sessions } from '../web/session/sessions.js';
import { WebApi } from '../web/web-api.js';
import { AdminApi } from './admin/admin-api.js';
import { DEFAULT_LIMITS, type App, type ServerLimits, type Serving } from './app.js';
import type { BackendOptions } from './choose-backend.js';
import { type ChatPartsOptions, createChatParts } from './chat-parts.js';
import { HttpServer, ListenError } from './http-server.js';
import { KeptRequests, type KeptRequestsOptions } from './kept-requests.js';
import { KEEP_ALIVE_TIMES, type KeepAliveTimes } from './keep-alive.js';
import { Lab } from './lab.js';
import { LentTokens } from './lent-tokens.js';
import { createLog, type Log } from './log.js';
import { ModelHost } from './model-host.js';
import { BodyBudget } from './request-body.js';
import { systemTimers, type Timers } from './timers.js';
import { createWebHost } from './web-host.js';
import { webParts } from './web-parts.js';

export interface StartServerOptions extends BackendOptions {
  host?: string;
  /** 0 = any free port. */
  port?: number;
  /** A key to accept. Default: on a new database a new random one; with `databaseUrl` or `dataDir`
   *  it is created once and later starts have none to tell. */
  apiKey?: string;
  /** Default: a new random one. */
  adminKey?: string;
  /** `file:...` or `postgres://...`. Default: a file in `dataDir`, or memory without one. */
  databaseUrl?: string;
  /** Folder of the database, the journal and the secret. Default: nothing is written to disk. */
  dataDir?: string;
  /** What is forgiven to keys without a profile of their own. Default: nothing. */
  profile?: ProfileName;
  /** Milliseconds since 1970; default 2025-12-15 15:59 UTC, as announced. */
  specialeExpiresAt?: number;
  /** Folder of the built page. Default: where `npm run build` puts it. */
  siteFolder?: string;
  /** Bounds of the request log in memory; false keeps no bodies, replies and prompts. */
  requestLog?: KeptRequestsOptions | false;
  /** Mirrors of the hubs that models are pulled from. Default: as the environment says. */
  hubs?: Partial<HubEndpoints>;
  /** MCP servers whose tools the chat offers, by name. Default: none. */
  mcpServers?: ChatPartsOptions['mcpServers'];
  /** Origins that any key may add MCP servers of. Default: only operators add any. */
  mcpAllow?: readonly string[];
  /** Scenarios for client authors at /lab. Default true. */
  lab?: boolean;
  /** Default: what the OTEL_* environment variables say; null = none. */
  otlp?: OtlpOptions | null;
  /** Default: warnings and errors as text to stderr. */
  log?: Log;
  limits?: Partial<ServerLimits>;
  keepAlive?: KeepAliveTimes;
  timers?: Timers;
  /** Milliseconds since 1970. */
  now?: () => number;
  usageChunk?: 'inline' | 'separate';
  /** Sample small weights cooler than asked (protocol/door.ts). Default: only for the embedded model. */
  mapTemperature?: boolean;
}

export interface RunningServer {
  /** Base URL without a trailing slash. */
  url: string;
  /** The given or newly created key; undefined when the database had keys already. */
  apiKey: string | undefined;
  adminKey: string;
  /** Where a browser is signed in at once: the page, with a link that works once where one is needed. */
  pageUrl(): string;
  model: ModelCard;
  /** Accounts, keys and usage, for the process that runs the server. */
  platform: PlatformStore;
  /** Requests being answered right now. */
  readonly numActive: number;
  /** Ends running replies properly, closes every connection, ends the engine. May be called twice. */
  close(): Promise<void>;
}

/** Api reference §1.5. */
const SPECIALE_EXPIRES_AT = Date.UTC(2025, 11, 15, 15, 59);

/**
 * Resolves when the server accepts requests.
 * @throws ListenError (address in use, refused, unknown), ModelNotFoundError, TokenizerFileError,
 *   ModelError, EngineLoadError, UpstreamError or StoreError; nothing is left running then.
 */
export async function startServer(options: StartServerOptions = {}): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 8000, log = createLog({ level: 'warn' }) } = options;
  requireKeyBeyondLoopback(host, options);
  if (options.apiKey !== undefined) requireSendable(options.apiKey);
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    const models = await ModelHost.start({ ...options, log });
    closers.push(() => models.close());
    const model = models.card;
    const { databaseUrl, dataDir, now } = options;
    const platform = await openPlatform({
      log,
      ...(databaseUrl !== undefined && { databaseUrl }),
      ...(dataDir !== undefined && { dataDir }),
      ...(now && { now }),
    });
    closers.push(() => platform.close());
    const apiKey = await readyKey(platform, options.apiKey);
    const ownKeyId = await ownKeyOf(platform, apiKey);
    const isFirstStart = options.apiKey === undefined && apiKey !== undefined;
    const address = { host, port };
    const { app, adminKey, endChat } = assemble(options, {
      models,
      platform,
      log,
      address,
      ownKeyId,
      allowsLocal: isFirstStart && isLoopback(host),
    });
    closers.push(() => app.observer.close());
    closers.push(async () => app.kept.live.close());
    const server = new HttpServer(app);
    closers.push(() => server.close());
    // First of all, while what they have can still be kept.
    closers.push(endChat);
    address.port = await server.listen({ host, port });
    const url = urlOf(host, address.port);
    return {
      url,
      apiKey,
      adminKey,
      pageUrl: () => pageUrlOf(url, app.sessions),
      model,
      platform,
      get numActive() {
        return server.numActive;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function readyKey(
  platform: PlatformStore,
  given: string | undefined,
): Promise<string | undefined> {
  if (given === undefined) return ensureFirstKey(platform);
  await adoptKey(platform, given);
  return given;
}

/** The key that somebody at the operator's own browser uses: the given one, or the newest that works. */
async function ownKeyOf(
  { admin }: PlatformStore,
  apiKey: string | undefined,
): Promise<string | undefined> {
  if (apiKey !== undefined) return (await admin.findKey(apiKey))?.id;
  const usable = (await admin.listKeys()).filter(
    ({ revokedAt, expiresAt }) => revokedAt === undefined && expiresAt === undefined,
  );
  return usable.at(-1)?.id;
}

/** The ticket stands behind `#`: browsers send that part to nobody. */
function pageUrlOf(url: string, { ticket, isOpenToLocal }: Sessions): string {
  return isOpenToLocal || ticket === undefined ? `${url}/` : `${url}/#sign-in=${ticket}`;
}

interface Assembled {
  models: ModelHost;
  platform: PlatformStore;
  log: Log;
  /** The port becomes the real one when the server listens. */
  address: { host: string; port: number };
  ownKeyId: string | undefined;
  allowsLocal: boolean;
}

function assemble(
  options: StartServerOptions,
  { models, platform, log, address, ownKeyId, allowsLocal }: Assembled,
): { app: App; adminKey: string; endChat: () => Promise<void> } {
  const { limits, tokenizer, upstreams, engine } = models;
  // The lab computes nothing: it keeps the general limits.
  const labLimits = { ...DEFAULT_LIMITS, ...options.limits };
  const { timers = systemTimers, now = Date.now } = options;
  const adminKey = options.adminKey ?? `sk-admin-${randomBytes(16).toString('hex')}`;
  const otlp = options.otlp === undefined ? otlpFromEnvironment(process.env) : options.otlp;
  const observer = createObserver({
    gauges: {
      activeRequests: () => models.serving.admission.running,
      queuedRequests: () => models.serving.admission.queued,
      journalDepth: () => platform.health().journalDepth,
      components: () => [
        apiReport(models.serving),
        ...models.components(),
        accountsReport(platform),
      ],
      ...(upstreams && { upstreams }),
      ...(engine && { engine }),
    },
    serviceVersion: version(),
    log,
    now,
    ...(otlp && { otlp }),
  });
  const port = () => address.port;
  const sessions = new Sessions({ platform, adminKey, ownKeyId, allowsLocal, port, now });
  const host = createWebHost({
    app: () => app,
    platform,
    selfUrl: () => urlOf(selfAddress(address.host), address.port),
  });
  const { mcpServers, mcpAllow } = options;
  const chat = createChatParts({ host, version: version(), mcpServers, mcpAllow });
  const app: App = {
    get main() {
      return models.serving;
    },
    lab: options.lab === false ? undefined : new Lab({ tokenizer, timers, limits: labLimits, now }),
    specialeExpiresAt: options.specialeExpiresAt ?? SPECIALE_EXPIRES_AT,
    platform,
    admin: new AdminApi({
      platform,
      adminKey,
      log,
      isOperator: (request) => sessions.isOperator(request),
    }),
    sessions,
    lentTokens: new LentTokens(),
    web: new WebApi({
      host,
      sessions,
      version: version(),
      port,
      parts: webParts({ host, models, chat, app: () => app }),
      siteFolder: siteFolder(options),
    }),
    observer,
    kept: new KeptRequests(options.requestLog, now),
    defaultLeniencies: PROFILES[options.profile ?? '2025-12-01'],
    usageChunk: options.usageChunk ?? 'inline',
    limits,
    bodies: new BodyBudget(limits.maxBodyBytesInFlight),
    keepAlive: options.keepAlive ?? KEEP_ALIVE_TIMES,
    timers,
    now,
    log,
    version: version(),
  };
  return { app, adminKey, endChat: chat.close };
}

/** Where the build put the page. Without it the server is an API only, and `/` is not found. */
function siteFolder({ siteFolder: given }: StartServerOptions): string | undefined {
  const folder = given ?? packageFile('dist', 'site');
  return existsSync(join(folder, 'index.html')) ? folder : undefined;
}

/** An address to listen on may stand for all; to connect to, there has to be one. */
function selfAddress(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

const STATUS_OF_PLATFORM = { ready: 'operational', degraded: 'degraded', down: 'down' } as const;

function apiReport({ admission }: Serving): ComponentReport {
  const detail = `${admission.running} running, ${admission.queued} waiting`;
  return { name: 'api', status: 'operational', detail };
}

function accountsReport(platform: PlatformStore): ComponentReport {
  const { status, detail } = platform.health();
  const report = { name: 'accounts', status: STATUS_OF_PLATFORM[status] };
  return detail === undefined ? report : { ...report, detail };
}

function version(): string {
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}

/** A generated key is only printed on this machine, so nobody else could use the server anyway. */
function requireKeyBeyondLoopback(host: string, options: StartServerOptions): void {
  const hasKeys = options.apiKey !== undefined || keepsKeys(options);
  if (hasKeys || isLoopback(host)) return;
  throw new ListenError(
    `refusing to listen on ${host}, which other machines can reach, without a key of your own; ` +
      'pass --api-key or set HADAL_API_KEY, or keep keys in a database (--data-dir)',
  );
}

function keepsKeys({ databaseUrl, dataDir }: StartServerOptions): boolean {
  return databaseUrl !== undefined || dataDir !== undefined;
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

function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
