// What this layer needs of the running server, and who calls. The server implements it
// (server/web-host.ts); nothing here knows sockets' admission, engines or doors.

import type { HttpBindings } from '@hono/node-server';
import type { PlatformStore } from '../store/platform-store.js';
import type { Catalog, ConversationSettings } from './wire.js';

/** A caller of the web API: a session of a browser, or a key in a header. */
export interface Caller {
  /** undefined: an operator without a key of their own, who has no conversations. */
  keyId: string | undefined;
  accountId: string | undefined;
  isOperator: boolean;
}

export interface WebEnv {
  Bindings: HttpBindings;
  Variables: { caller: Caller };
}

/** A message as the chat API takes it. */
export type WireMessage =
  | { role: 'system' | 'user'; content: string }
  | {
      role: 'assistant';
      content: string;
      reasoning_content?: string;
      tool_calls?: {
        id: string;
        type: 'function';
        function: { name: string; arguments: string };
      }[];
      prefix?: true;
    }
  | { role: 'tool'; content: string; tool_call_id: string };

export interface WireTool {
  type: 'function';
  function: { name: string; description: string; parameters: unknown };
}

export interface RequestUsage {
  promptTokens: number;
  cacheHitTokens: number;
  completionTokens: number;
  reasoningTokens: number;
}

export interface WebHost {
  platform: PlatformStore;
  /** This server's base URL as it is reached from this process, e.g. `http://127.0.0.1:8000`. */
  selfUrl(): string;
  /**
   * A bearer token that this process accepts on the public API in place of the key, until released.
   * How a run, which knows no key's text, is a client of the public API.
   */
  lendToken(keyId: string): { token: string; release: () => void };
  /**
   * What a request of this process to its own API was billed for, when it is over: for those that were
   * cut off, whose reply brought no usage. undefined = it is not known (any more).
   */
  usageOf(traceId: string): Promise<RequestUsage | undefined>;
  /** Tokens of the prompt that these messages and tools become. @throws WebError, Error; the signal's reason */
  countTokens(
    prompt: { messages: WireMessage[]; tools: WireTool[]; thinking: boolean },
    signal: AbortSignal,
  ): Promise<number>;
  catalog(): Catalog;
  defaultSettings(): ConversationSettings;
  log: (level: 'info' | 'warn' | 'error', message: string, fields?: object) => void;
  /** Milliseconds since 1970. */
  now: () => number;
}
