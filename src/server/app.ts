// What routes need: the roads to the models, who may use them, limits, time. Built once in
// start-server.ts.

import type { ChatService } from '../chat/chat-service.js';
import type { Observer } from '../observe/types.js';
import type { Leniency } from '../protocol/leniency.js';
import type { Platform } from '../store/types.js';
import type { Sessions } from '../web/session/sessions.js';
import type { WebApi } from '../web/web-api.js';
import type { AdminApi } from './admin/admin-api.js';
import type { Admission } from './admission.js';
import type { BodyBudget } from './request-body.js';
import type { KeptRequests } from './kept-requests.js';
import type { KeepAliveTimes } from './keep-alive.js';
import type { Lab } from './lab.js';
import type { LentTokens } from './lent-tokens.js';
import type { Log } from './log.js';
import type { Timers } from './timers.js';

export interface ServerLimits {
  maxBodyBytes: number;
  /** Of all request bodies being read or parsed at one time. */
  maxBodyBytesInFlight: number;
  /** Open connections; more are closed at once. */
  maxConnections: number;
  /** Replies generated at once; the rest waits its turn. Default for the engine: its own limit. */
  maxRunning: number;
  /** Requests that wait; more get 503. */
  maxQueued: number;
  /** Requests at once of one key that has no limit of its own; more get 429. */
  maxPerKey: number;
  /** The head of a request must arrive within this; later the connection is closed with 408. */
  headersTimeoutMs: number;
  /** The whole request, body included, must arrive within this; as above. */
  requestTimeoutMs: number;
  /** Close when inference has not started by then (api reference §8). */
  queueTimeoutMs: number;
  /** Close when the reply is not complete by then. */
  totalTimeoutMs: number;
  /** Close when a client takes nothing of its reply for this long. */
  stallTimeoutMs: number;
}

export const DEFAULT_LIMITS: ServerLimits = {
  maxBodyBytes: 16 * 1024 * 1024,
  maxBodyBytesInFlight: 256 * 1024 * 1024,
  maxConnections: 10_000,
  maxRunning: 2000,
  maxQueued: 2000,
  maxPerKey: 2000,
  headersTimeoutMs: 30_000,
  requestTimeoutMs: 2 * 60 * 1000,
  queueTimeoutMs: 10 * 60 * 1000,
  totalTimeoutMs: 30 * 60 * 1000,
  stallTimeoutMs: 2 * 60 * 1000,
};

/** One road to a model, and how it is served. */
export interface Serving {
  chat: ChatService;
  /** Card id of the weights behind the API names. */
  model: string;
  systemFingerprint: string;
  mapTemperature: boolean;
  admission: Admission;
  /** False for the lab: nothing is charged or kept. */
  isBilled: boolean;
}

export interface App {
  /** The model; another one after an exchange, so whoever answers a request reads it once. */
  readonly main: Serving;
  lab: Lab | undefined;
  /** Milliseconds since 1970 after which the temporary Speciale base answers 404. */
  specialeExpiresAt: number;
  platform: Platform;
  admin: AdminApi;
  /** Who is signed in at the page. */
  sessions: Sessions;
  lentTokens: LentTokens;
  /** The page and its API. */
  web: WebApi;
  observer: Observer;
  /** What is remembered of requests. */
  kept: KeptRequests;
  /** Of keys without a profile of their own. */
  defaultLeniencies: readonly Leniency[];
  usageChunk: 'inline' | 'separate';
  limits: ServerLimits;
  bodies: BodyBudget;
  keepAlive: KeepAliveTimes;
  timers: Timers;
  /** Milliseconds since 1970. */
  now: () => number;
  log: Log;
  version: string;
}
