// `POST /responses` as it comes over the wire (OpenAI's Responses format; api reference §13, item
// 10): field types only. Model names, ranges and rules between fields are checked in
// request-rules.ts. Unknown fields are ignored, and so are known ones without a meaning here:
// reasoning.effort, parallel_tool_calls, store, metadata, truncation, prompt_cache_key, user.

import type { JsonValue } from '../../encoding/json.js';
import type { Cursor } from '../deserialize.js';
import { jsonValueOf } from '../json-value.js';
import type { LeniencyLog } from '../leniency.js';
import { tooManyError } from '../openai/errors.js';
import { readRequestBody } from '../openai/request-body.js';
import { checkPartCount } from '../part-limit.js';
import { echoLabel, echoMetadata, echoText } from './echo-text.js';
import { readItem, type InputItem } from './wire-items.js';
import { readToolChoice, readTools, type WireToolChoice, type WireTools } from './wire-tools.js';

/** The conversation is re-read on every turn; beyond this it is an attack, not a chat. */
const MAX_ITEMS = 20_000;

/** Of what the response repeats: names of the client's own, a choice among tools, a schema. */
const MAX_LABEL_CHARS = 512;
const MAX_CHOICE_CHARS = 65_536;
const MAX_FORMAT_CHARS = 262_144;

/** Fields that stand for state kept between requests, or for work without a waiting client. */
const STATEFUL_FIELDS = ['previous_response_id', 'conversation', 'prompt'] as const;

const TEXT_FORMATS = ['text', 'json_object', 'json_schema'] as const;

/** undefined = absent or null. */
export interface WireResponsesRequest {
  model: string;
  instructions: string | undefined;
  items: InputItem[];
  tools: WireTools;
  toolChoice: WireToolChoice | undefined;
  maxOutputTokens: number | undefined;
  temperature: number | undefined;
  topP: number | undefined;
  textFormat: (typeof TEXT_FORMATS)[number];
  /** Of a `json_schema` format. */
  schema: JsonValue | undefined;
  stream: boolean;
  /** Reasoning items carry their capsule. */
  includeEncryptedReasoning: boolean;
  /** The first field given that needs a server with a memory. */
  statefulField: (typeof STATEFUL_FIELDS)[number] | undefined;
  background: boolean;
  echo: WireEcho;
}

/** JSON texts of fields that the response repeats as the client wrote them; undefined = absent. */
export interface WireEcho {
  metadata: string | undefined;
  toolChoice: string | undefined;
  textFormat: string | undefined;
  reasoningEffort: string | undefined;
  promptCacheKey: string | undefined;
  user: string | undefined;
}

/** @throws ApiError for a body that is not JSON or not of this shape. */
export function readResponsesRequest(
  body: Uint8Array,
  leniency: LeniencyLog,
): WireResponsesRequest {
  return readRequestBody(body, (root) => readRequest(root, leniency));
}

function readRequest(root: Cursor, leniency: LeniencyLog): WireResponsesRequest {
  const format = root.optional('text', 'struct ResponsesRequest')?.optional('format');
  const textFormat = format?.required('type').variant(TEXT_FORMATS) ?? 'text';
  const schema = textFormat === 'json_schema' ? format?.required('schema') : undefined;
  const reasoning = root.optional('reasoning');
  const effort = reasoning?.optional('effort');
  effort?.string();
  const toolChoice = root.optional('tool_choice');
  const label = (name: string, owner: Cursor | undefined = root, path = name) =>
    echoLabel(owner.optional(name), { path, maxLength: MAX_LABEL_CHARS });
  const metadata = root.optional('metadata');
  return {
    // Read early: a request that leans on kept state may well come without `input`.
    statefulField: STATEFUL_FIELDS.find((field) => root.optional(field) !== undefined),
    background: root.optional('background')?.boolean() ?? false,
    model: root.required('model').string(),
    instructions: root.optional('instructions')?.string(),
    items: readInput(root, leniency),
    tools: readTools(root.optional('tools')),
    toolChoice: readToolChoice(toolChoice),
    maxOutputTokens: root.optional('max_output_tokens')?.integer(),
    temperature: root.optional('temperature')?.number(),
    topP: root.optional('top_p')?.number(),
    textFormat,
    schema: schema && jsonValueOf(schema.node),
    stream: root.optional('stream')?.boolean() ?? false,
    includeEncryptedReasoning: readInclude(root.optional('include')),
    echo: {
      metadata: metadata && echoMetadata(metadata),
      toolChoice:
        toolChoice && echoText(toolChoice, { path: 'tool_choice', maxLength: MAX_CHOICE_CHARS }),
      textFormat: format && echoText(format, { path: 'text.format', maxLength: MAX_FORMAT_CHARS }),
      reasoningEffort: label('effort', reasoning, 'reasoning.effort'),
      promptCacheKey: label('prompt_cache_key'),
      user: label('user'),
    },
  };
}

function readInput(root: Cursor, leniency: LeniencyLog): InputItem[] {
  const hasState = STATEFUL_FIELDS.some((field) => root.optional(field) !== undefined);
  const input = hasState ? root.optional('input') : root.required('input');
  if (!input) return [];
  if (input.isString) return [{ type: 'user', text: input.string() }];
  const items = input.items('a string or a sequence of items');
  checkPartCount(items, { what: 'content parts', limit: MAX_ITEMS });
  if (items.length > MAX_ITEMS) {
    throw tooManyError('input items', { limit: MAX_ITEMS, count: items.length });
  }
  return items.flatMap((item) => readItem(item, leniency) ?? []);
}

function readInclude(include: Cursor | undefined): boolean {
  const names = include?.items().map((name) => name.string()) ?? [];
  return names.includes('reasoning.encrypted_content');
}
