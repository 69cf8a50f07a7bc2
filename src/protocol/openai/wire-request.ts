// `POST /chat/completions` as it comes over the wire (api reference §2.1): field types only. Ranges,
// model names and rules between fields are checked in request-rules.ts. Unknown fields are ignored.

import { parseJson } from '../../encoding/json-reader.js';
import type { JsonValue } from '../../encoding/json.js';
import type { Message } from '../../encoding/message.js';
import type { ToolChoice } from '../../chat/types.js';
import { Cursor, DeserializeError } from '../deserialize.js';
import { JsonBodyError, readJsonDocument } from '../json-document.js';
import { deserializeError, emptyMessagesError, jsonSyntaxError, tooManyError } from './errors.js';
import { readMessage } from './wire-message.js';

/** The conversation is re-read on every turn; beyond this it is an attack, not a chat. */
const MAX_MESSAGES = 10_000;

export interface WireTool {
  name: string;
  /** The whole `function` object as written: its keys and numbers reach the prompt. */
  function: JsonValue;
  /** JSON text of `parameters.type`; `null` when there is none; undefined without parameters. */
  parametersType: string | undefined;
}

/** undefined = absent or null. */
export interface WireChatRequest {
  model: string;
  messages: Message[];
  thinking: 'enabled' | 'disabled' | undefined;
  maxTokens: number | undefined;
  temperature: number | undefined;
  topP: number | undefined;
  frequencyPenalty: number | undefined;
  presencePenalty: number | undefined;
  responseFormat: 'text' | 'json_object' | 'json_schema' | undefined;
  stop: string[];
  stream: boolean;
  streamOptions: { includeUsage: boolean } | undefined;
  tools: WireTool[];
  toolChoice: ToolChoice | undefined;
  logprobs: boolean;
  topLogprobs: number | undefined;
  n: number | undefined;
  /** Not documented by the original, which ignores it; here it makes sampling repeatable. */
  seed: number | undefined;
}

/** @throws ApiError for a body that is not JSON or not of this shape. */
export function readChatRequest(body: Uint8Array): WireChatRequest {
  try {
    return readRequest(Cursor.root(readJsonDocument(body)));
  } catch (error) {
    if (error instanceof JsonBodyError) throw jsonSyntaxError(error.message);
    if (error instanceof DeserializeError) throw deserializeError(error.message);
    throw error;
  }
}

function readRequest(root: Cursor): WireChatRequest {
  const messages = root.required('messages', 'struct ChatCompletionRequest').items();
  if (messages.length === 0) throw emptyMessagesError();
  if (messages.length > MAX_MESSAGES) {
    throw tooManyError('messages', { limit: MAX_MESSAGES, count: messages.length });
  }
  return {
    messages: messages.map(readMessage),
    model: root.required('model').string(),
    thinking: root
      .optional('thinking')
      ?.required('type', 'struct ThinkingOptions')
      .variant(['enabled', 'disabled']),
    maxTokens: root.optional('max_tokens')?.integer(),
    temperature: root.optional('temperature')?.number(),
    topP: root.optional('top_p')?.number(),
    frequencyPenalty: root.optional('frequency_penalty')?.number(),
    presencePenalty: root.optional('presence_penalty')?.number(),
    responseFormat: root
      .optional('response_format')
      ?.required('type', 'struct ResponseFormat')
      .variant(['text', 'json_object', 'json_schema']),
    stop: readStop(root.optional('stop')),
    stream: root.optional('stream')?.boolean() ?? false,
    streamOptions: readStreamOptions(root.optional('stream_options')),
    tools: root.optional('tools')?.items().map(readTool) ?? [],
    toolChoice: readToolChoice(root.optional('tool_choice')),
    logprobs: root.optional('logprobs')?.boolean() ?? false,
    topLogprobs: root.optional('top_logprobs')?.integer(),
    n: root.optional('n')?.integer(),
    seed: readSeed(root.optional('seed')),
  };
}

function readStop(stop: Cursor | undefined): string[] {
  if (!stop) return [];
  if (stop.isString) return [stop.string()];
  if (!stop.isArray) stop.failType('a string or a sequence of strings');
  return stop.items().map((item) => item.string());
}

function readStreamOptions(options: Cursor | undefined): WireChatRequest['streamOptions'] {
  if (!options) return undefined;
  return {
    includeUsage: options.optional('include_usage', 'struct StreamOptions')?.boolean() ?? false,
  };
}

function readTool(tool: Cursor): WireTool {
  tool.required('type', 'struct Tool').variant(['function']);
  const definition = tool.required('function');
  const name = definition.required('name', 'struct FunctionDefinition').string();
  definition.optional('description')?.string();
  const parameters = definition.optional('parameters');
  return {
    name,
    function: parseJson(definition.sourceText),
    parametersType: parameters && (parameters.optional('type')?.sourceText ?? 'null'),
  };
}

function readToolChoice(choice: Cursor | undefined): ToolChoice | undefined {
  if (!choice) return undefined;
  if (choice.isString) return { type: choice.variant(['none', 'auto', 'required']) };
  choice.required('type', 'a string or struct NamedToolChoice').variant(['function']);
  return { type: 'function', name: choice.required('function').required('name').string() };
}

/** Never an error: the field is not part of the contract. */
function readSeed(seed: Cursor | undefined): number | undefined {
  const value = seed?.node.kind === 'number' ? Number(seed.node.text) : undefined;
  return Number.isSafeInteger(value) ? value : undefined;
}
