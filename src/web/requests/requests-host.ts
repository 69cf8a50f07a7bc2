// What the request log's routes need of the running server beside the log itself. The server
// implements it (server/requests-host.ts).

import type { LiveMonitor } from '../../observe/live-monitor.js';
import type { RequestLog } from '../../observe/request-log.js';
import type { ComponentReport, EngineReport, UpstreamReport } from '../../observe/types.js';
import type { LoggedRequest } from '../../observe/logged-request.js';
import type { ConversationSettings } from '../wire.js';
import type { PromptMemory } from './cache/prompt-memory.js';
import type { PromptReader } from './cache/prompt-pair.js';

/** A logged request as a conversation: its messages in order, the last a question. */
export interface ReplayedRequest {
  title: string;
  settings: Partial<ConversationSettings>;
  messages: ReplayMessage[];
  /** What a conversation cannot hold, in words. */
  notes: string[];
}

export type ReplayMessage =
  | { role: 'user'; content: string }
  | {
      role: 'assistant';
      content: string;
      reasoning: string | null;
      calls: { id: string; name: string; arguments: string }[];
    }
  | { role: 'tool'; call_id: string; name: string; content: string };

export interface RequestsHost {
  log: RequestLog;
  live: LiveMonitor;
  /** Absent when no content is kept. */
  prompts: PromptMemory | undefined;
  /** Card id of the weights that are served; other weights' prompts cannot be read. */
  model(): string;
  reader(): PromptReader;
  admission(): { running: number; queued: number; maxRunning: number };
  /** undefined = others compute, or it did not answer. */
  engine(): Promise<EngineReport | undefined>;
  upstreams(): UpstreamReport[];
  components(): ComponentReport[];
  /** Reads a kept body by its door. @throws WebError 409 when it is not at hand or no request. */
  parse(request: LoggedRequest): ReplayedRequest;
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls once a second until cancelled. */
  everySecond(callback: () => void): () => void;
}
