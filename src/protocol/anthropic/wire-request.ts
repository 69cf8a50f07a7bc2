// `POST /v1/messages` as it comes over the wire (api reference §9.3-9.5): field types only. Ranges and
// rules between fields are checked in request-rules.ts. Fields not named here (betas, metadata,
// cache_control, context_management, ...) are ignored: agents stop at a 400 for an extra field. The
// exception is `thread`, without which a client sends fragments.

import type { ToolChoice } from '../../chat/types.js';
import type { Cursor } from '../deserialize.js';
import type { LeniencyLog } from '../leniency.js';
import { tooManyError } from '../openai/errors.js';
import { readRequestBody } from '../openai/request-body.js';
import type { WireCommon } from '../openai/wire-common.js';
import { checkPartCount } from '../part-limit.js';
import { threadUnsupportedError } from './errors.js';
import { readSystemText } from './system-text.js';
import { readMessages, type WireMessage } from './wire-messages.js';
import { readTool, readToolChoice, type WireTool } from './wire-tools.js';

/** As on the chat API: beyond this it is an attack, not a conversation. */
const MAX_MESSAGES = 10_000;

/** undefined = absent or null, and for common fields that this API does not have. */
export interface WireMessagesRequest extends WireCommon {
  messages: WireMessage[];
  thinking: 'enabled' | 'disabled' | 'adaptive' | undefined;
  tools: WireTool[];
  toolChoice: ToolChoice | undefined;
}

/** @throws ApiError for a body that is not JSON or not of this shape. */
export function readMessagesRequest(body: Uint8Array, leniency: LeniencyLog): WireMessagesRequest {
  return readRequestBody(body, (root) => readRequest(root, leniency));
}

function readRequest(root: Cursor, leniency: LeniencyLog): WireMessagesRequest {
  if (root.optional('thread')) throw threadUnsupportedError();
  const messages = root.required('messages', 'struct MessagesRequest').items();
  if (messages.length > MAX_MESSAGES) {
    throw tooManyError('messages', { limit: MAX_MESSAGES, count: messages.length });
  }
  const system = root.optional('system');
  const counted = system?.isArray ? system.items().length : 0;
  checkPartCount(messages, { what: 'content blocks', counted });
  return {
    messages: readMessages(messages, { system: system && readSystemText(system), leniency }),
    model: root.required('model').string(),
    // `budget_tokens` is ignored (§9.3).
    thinking: root
      .optional('thinking')
      ?.required('type', 'internally tagged enum Thinking')
      .variant(['enabled', 'disabled', 'adaptive']),
    maxTokens: root.optional('max_tokens')?.integer(),
    temperature: root.optional('temperature')?.number(),
    topP: root.optional('top_p')?.number(),
    stop: (root.optional('stop_sequences')?.items() ?? []).map((item) => item.string()),
    stream: root.optional('stream')?.boolean() ?? false,
    frequencyPenalty: undefined,
    presencePenalty: undefined,
    streamOptions: undefined,
    seed: undefined,
    // `metadata.user_id` is ignored (§9.3): Claude Code puts the session into it, and a cache per
    // session would share no prefix.
    userId: undefined,
    tools: (root.optional('tools')?.items() ?? []).map((tool) => readTool(tool, leniency)),
    toolChoice: readToolChoice(root.optional('tool_choice')),
  };
}
