// `POST /chat/completions` as it comes over the wire (api reference §2.1): field types only. Ranges,
// model names and rules between fields are checked later. Unknown fields are ignored, among them
// `reasoning_effort`, the later platform's hint (§13, item 2).

import type { ToolChoice } from '../../chat/types.js';
import type { JsonValue } from '../../encoding/json.js';
import type { Message } from '../../encoding/message.js';
import type { Cursor } from '../deserialize.js';
import { jsonValueOf } from '../json-value.js';
import type { LeniencyLog } from '../leniency.js';
import { checkPartCount } from '../part-limit.js';
import { tooManyError } from './errors.js';
import { readRequestBody } from './request-body.js';
import { readCommon, type WireCommon } from './wire-common.js';
import { readMessages } from './wire-message.js';
import { readTool, type WireTool } from './wire-tool.js';

/** The conversation is re-read on every turn; beyond this it is an attack, not a chat. */
const MAX_MESSAGES = 10_000;

const FORMATS = ['text', 'json_object', 'json_schema'] as const;

/** undefined = absent or null. */
export interface WireChatRequest extends WireCommon {
  messages: Message[];
  /** Some assistant message has neither content nor tool calls. */
  hasEmptyAssistant: boolean;
  thinking: 'enabled' | 'disabled' | undefined;
  responseFormat: (typeof FORMATS)[number] | undefined;
  /** Of a `json_schema` format, where that is forgiven. */
  schema: JsonValue | undefined;
  tools: WireTool[];
  toolChoice: ToolChoice | undefined;
  logprobs: boolean;
  topLogprobs: number | undefined;
  n: number | undefined;
}

/** @throws ApiError for a body that is not JSON or not of this shape. */
export function readChatRequest(body: Uint8Array, leniency: LeniencyLog): WireChatRequest {
  return readRequestBody(body, (root) => readRequest(root, leniency));
}

function readRequest(root: Cursor, leniency: LeniencyLog): WireChatRequest {
  const messages = root.required('messages', 'struct ChatCompletionRequest').items();
  if (messages.length > MAX_MESSAGES) {
    throw tooManyError('messages', { limit: MAX_MESSAGES, count: messages.length });
  }
  checkPartCount(messages, { what: 'content parts and tool calls' });
  const format = root.optional('response_format');
  const responseFormat = format?.required('type', 'struct ResponseFormat').variant(FORMATS);
  const { messages: read, hasEmptyAssistant } = readMessages(messages, leniency);
  // No other spread: two of them make parsing three times as slow.
  return {
    messages: read,
    hasEmptyAssistant,
    ...readCommon(root),
    thinking: root
      .optional('thinking')
      ?.required('type', 'struct ThinkingOptions')
      .variant(['enabled', 'disabled']),
    responseFormat,
    schema: format && responseFormat === 'json_schema' ? readSchema(format, leniency) : undefined,
    tools: (root.optional('tools')?.items() ?? []).map((tool) => readTool(tool, leniency)),
    toolChoice: readToolChoice(root.optional('tool_choice')),
    logprobs: root.optional('logprobs')?.boolean() ?? false,
    topLogprobs: root.optional('top_logprobs')?.integer(),
    n: root.optional('n')?.integer(),
  };
}

/** Where the format is refused anyway, nothing in it matters. */
function readSchema(format: Cursor, leniency: LeniencyLog): JsonValue | undefined {
  if (!leniency.allows('schema_in_prompt')) return undefined;
  const schema = format.required('json_schema').required('schema', 'struct JsonSchema');
  if (!schema.isObject) schema.refuseType('a map', undefined);
  return jsonValueOf(schema.node);
}

function readToolChoice(choice: Cursor | undefined): ToolChoice | undefined {
  if (!choice) return undefined;
  if (choice.isString) return { type: choice.variant(['none', 'auto', 'required']) };
  choice.required('type', 'a string or struct NamedToolChoice').variant(['function']);
  return { type: 'function', name: choice.required('function').required('name').string() };
}
