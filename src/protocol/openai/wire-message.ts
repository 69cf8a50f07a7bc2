// One entry of `messages` to the internal message (api reference §2.2). Contents other than the
// documented ones are refused with the serde wording E1-E3; ordering rules are in message-rules.ts.

import type { AssistantMessage, Message, ToolCall, ToolMessage } from '../../encoding/message.js';
import type { Cursor } from '../deserialize.js';
import type { LeniencyLog } from '../leniency.js';
import { emptyAssistantMessageError } from './errors.js';
import { readText } from './text-content.js';

const ROLES = ['system', 'user', 'assistant', 'tool'] as const;

/** E2: neither a string nor an array of text parts. */
const UNTAGGED_CONTENT =
  'data did not match any variant of untagged enum ChatCompletionRequestContent';

/** @throws DeserializeError, ApiError */
export function readMessage(cursor: Cursor, leniency: LeniencyLog): Message {
  const role = readRole(cursor.required('role', 'struct Message'), leniency);
  // As in the original, errors below the role name the message and not the field.
  const message = cursor.opaque();
  switch (role) {
    case 'system':
    case 'user':
      return { role, content: readPartsOrString(message.required('content'), leniency) };
    case 'assistant':
      return readAssistant(message, leniency);
    case 'tool':
      return readTool(message, leniency);
  }
}

function readRole(role: Cursor, leniency: LeniencyLog): (typeof ROLES)[number] {
  const isDeveloper = role.isString && role.string() === 'developer';
  return isDeveloper && leniency.apply('developer_role') ? 'system' : role.variant(ROLES);
}

function readPartsOrString(content: Cursor, leniency: LeniencyLog): string {
  return readText(content, leniency) ?? content.fail(UNTAGGED_CONTENT);
}

/** For the roles whose content the platform takes as a string only (E3). */
function readString(content: Cursor, leniency: LeniencyLog): string {
  if (content.isArray && leniency.allows('text_parts')) {
    const text = readText(content, leniency);
    if (text !== undefined && leniency.apply('text_parts')) return text;
  }
  return content.string();
}

function readAssistant(message: Cursor, leniency: LeniencyLog): AssistantMessage {
  const contentField = message.optional('content');
  const content = contentField && readString(contentField, leniency);
  const toolCalls = (message.optional('tool_calls')?.items() ?? []).map(readToolCall);
  const reasoningContent = message.optional('reasoning_content')?.string();
  const prefix = message.optional('prefix')?.boolean() ?? false;
  // A prefix may be the beginning of a reasoning alone (§6.1).
  const isReasoningPrefix = prefix && reasoningContent !== undefined;
  if (content === undefined && toolCalls.length === 0 && !isReasoningPrefix) {
    throw emptyAssistantMessageError();
  }
  return {
    role: 'assistant',
    content: content ?? '',
    // An empty string is a reasoning: a model may call a tool without one (§5.4).
    ...(reasoningContent !== undefined && { reasoningContent }),
    ...(toolCalls.length > 0 && { toolCalls }),
    ...(prefix && { prefix }),
  };
}

/** Clients echo the response object, so an extra `index` is usual and ignored. */
function readToolCall(call: Cursor): ToolCall {
  const id = call.required('id', 'struct ToolCall').string();
  call.required('type').variant(['function']);
  const called = call.required('function');
  const text = called.required('arguments', 'struct FunctionCall').string();
  // Some clients write no arguments as an empty string.
  return { id, name: called.required('name').string(), arguments: text === '' ? '{}' : text };
}

function readTool(message: Cursor, leniency: LeniencyLog): ToolMessage {
  return {
    role: 'tool',
    content: readString(message.required('content'), leniency),
    toolCallId: message.required('tool_call_id').string(),
  };
}
