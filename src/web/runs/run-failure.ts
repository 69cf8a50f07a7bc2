// Why a run failed, for the person who asked: the API's own words where it refused, a sentence of ours
// where the run itself gave up, and nothing of our insides otherwise.

import { ChatClientError } from '../../agent/chat-client.js';
import { McpUnavailableError } from '../../agent/mcp/mcp-server.js';
import { StoreError } from '../../store/store-error.js';
import { PlatformUnavailableError } from '../../store/types.js';
import type { RunError } from '../run-events.js';

/** What ends a run in words of its own. */
export class RunFailure extends Error {
  override name = 'RunFailure';
}

/** `onUnexpected` hears of faults that are nobody's but ours. */
export function runErrorOf(
  error: unknown,
  onUnexpected: (words: string) => void,
): Omit<RunError, 'trace_id'> {
  if (error instanceof ChatClientError) {
    const { message, status = null } = error;
    return { status, message };
  }
  if (error instanceof RunFailure || error instanceof McpUnavailableError) {
    return { status: null, message: error.message };
  }
  if (error instanceof StoreError || error instanceof PlatformUnavailableError) {
    return { status: null, message: `the conversation cannot be kept: ${error.message}` };
  }
  onUnexpected(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return { status: 500, message: 'internal error' };
}
