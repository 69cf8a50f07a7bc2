// What routes need: the chat road, limits, time, and identity. Built once in start-server.ts.

import type { ChatService } from '../chat/chat-service.js';
import type { KeyRing } from './auth.js';
import type { KeepAliveTimes } from './keep-alive.js';
import type { Log } from './log.js';
import type { Timers } from './timers.js';

export interface ServerLimits {
  maxBodyBytes: number;
  /** Close when inference has not started by then (api reference §8). */
  queueTimeoutMs: number;
  /** Close when the reply is not complete by then. */
  totalTimeoutMs: number;
}

export const DEFAULT_LIMITS: ServerLimits = {
  maxBodyBytes: 16 * 1024 * 1024,
  queueTimeoutMs: 10 * 60 * 1000,
  totalTimeoutMs: 30 * 60 * 1000,
};

export interface App {
  chat: ChatService;
  /** Card id of the weights behind both API names. */
  model: string;
  systemFingerprint: string;
  mapTemperature: boolean;
  usageChunk: 'inline' | 'separate';
  keys: KeyRing;
  limits: ServerLimits;
  keepAlive: KeepAliveTimes;
  timers: Timers;
  /** Milliseconds since 1970. */
  now: () => number;
  log: Log;
}
