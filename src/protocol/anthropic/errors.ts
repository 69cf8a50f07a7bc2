// Errors of the Anthropic door: an envelope that SDKs of both families read (api reference §9.7, last
// paragraph), and the texts that only this door has. Texts marked "ours" had no observed original;
// they keep the wording that Anthropic clients know. Shared texts live in openai/errors.ts.

import { ApiError } from '../api-error.js';
import { clip } from '../clip.js';

/** What SDKs call the kind of an error; they choose their error classes by the status alone. */
const TYPES: Record<number, string> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  529: 'overloaded_error',
};

/** The body of every error on this door, and the data of `event: error` within a stream. */
export function errorBody({ status, message, code, details }: ApiError): string {
  const type = TYPES[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
  const error = { type, message, param: null, code, ...(details && { details }) };
  return JSON.stringify({ type: 'error', error });
}

/**
 * A conversation that the server is to hold between turns. It holds none, and a client that believes
 * otherwise sends the new messages only: this is the one unknown field that must not be ignored. The
 * Anthropic SDK (1.12) reads `details`, and its tool runner goes on with whole histories.
 */
export function threadUnsupportedError(): ApiError {
  return new ApiError(
    '`thread` is not supported: this server keeps no conversations. Send all messages with every ' +
      'request (tool runner of the Anthropic SDK: `thread: false`).',
    { details: { error_code: 'thread_unsupported_request', unsupported: ['thread'] } },
  );
}

/** Section 9.6, the text of V3.2; `index` counts the client's own `messages` from zero. */
export function missingThinkingError(index: number): ApiError {
  return new ApiError(
    `Missing thinking block in the assistant message at message index ${index}. For more ` +
      'information, please refer to ' +
      'https://api-docs.deepseek.com/guides/thinking_mode#tool-calls',
  );
}

/** Ours; what E9 is on the chat API. */
export function unansweredToolUseError(index: number, ids: readonly string[]): ApiError {
  return new ApiError(
    `messages[${index}]: \`tool_use\` ids were found without \`tool_result\` blocks immediately ` +
      `after: ${listed(ids)}. Each \`tool_use\` block must have a corresponding \`tool_result\` ` +
      'block in the next message.',
  );
}

/** Ours; what E8 is on the chat API. */
export function orphanToolResultError(index: number, id: string): ApiError {
  return new ApiError(
    `messages[${index}]: unexpected \`tool_use_id\` in a \`tool_result\` block: ${listed([id])}. ` +
      'Each `tool_result` block must have one corresponding `tool_use` block in the previous ' +
      'assistant message.',
  );
}

/** How many ids, and how much of each, an error repeats: they are the client's. */
const MAX_IDS = 8;
const MAX_ID_CHARS = 64;

function listed(ids: readonly string[]): string {
  const shown = ids.slice(0, MAX_IDS).map((id) => clip(id, MAX_ID_CHARS));
  return shown.join(', ') + (ids.length > MAX_IDS ? ` and ${ids.length - MAX_IDS} more` : '');
}
