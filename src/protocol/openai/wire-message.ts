// One entry of `messages` to the internal message (api reference §2.2). Contents other than the
// documented ones are refused with the serde wording E1-E3; ordering rules are in message-rules.ts.

import type { AssistantMessage, Message, ToolCall, ToolMessage } from '../../encoding/message.js';
import type { Cursor } from '../deserialize.js';
import type { LeniencyLog } from '../leniency.js';
import { readText } from './text-content.js';

const ROLES = ['system', 'user', 'assistant', 'tool'] as const;

/** E2: neither a string nor an array of text parts. */
const UNTAGGED_CONTENT =
  'data did not match any variant of untagged enum ChatCompletionRequestContent';

export interface WireMessages {
  messages: Message[];
  /** Some assistant message says nothing and calls nothing, which a later rule refuses. */
  hasEmptyAssistant: boolean;
}

/** @throws DeserializeError */
export function readMessages(cursors: readonly Cursor[], leniency: LeniencyLog): WireMessages {
  let hasEmptyAssistant = false;
  const messages = cursors.flatMap((cursor) => {
    const message = readMessage(cursor, leniency);
    if (message?.role === 'assistant' && isEmpty(message, cursor)) hasEmptyAssistant = true;
    return message ?? [];
  });
  return { messages, hasEmptyAssistant };
}

/** Neither content, be it an empty string, nor calls; a prefix may be a reasoning alone (§6.1). */
function isEmpty({ content, toolCalls, prefix, reasoningContent }: AssistantMessage, at: Cursor) {
  if (content !== '' || toolCalls || at.optional('content')) return false;
  return prefix !== true || reasoningContent === undefined;
}

/** undefined for a role that has been refused. */
function readMessage(cursor: Cursor, leniency: LeniencyLog): Message | undefined {
  const role = readRole(cursor, leniency);
  // As in the original, errors below the role name the message and not the field.
  const message = cursor.opaque();
  switch (role) {
    case undefined:
      return undefined;
    case 'system':
    case 'user':
      checkName(message);
      return { role, content: readPartsOrString(message.required('content'), leniency) };
    case 'assistant':
      return readAssistant(message, leniency);
    case 'tool':
      return readTool(message, leniency);
  }
}

function readRole(message: Cursor, leniency: LeniencyLog): (typeof ROLES)[number] | undefined {
  const role = message.isObject ? message.optional('role') : undefined;
  const isDeveloper = role?.isString && role.string() === 'developer';
  return isDeveloper && leniency.apply('developer_role')
    ? 'system'
    : message.tag('role', ROLES, 'struct Message');
}

/** The name of a participant has a type and no use (§2.2). */
function checkName(message: Cursor): void {
  message.optional('name')?.string();
}

function readPartsOrString(content: Cursor, leniency: LeniencyLog): string {
  return readText(content, leniency) ?? content.refuse(UNTAGGED_CONTENT, '');
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
  checkName(message);
  const contentField = message.optional('content');
  const content = contentField && readString(contentField, leniency);
  const toolCalls = (message.optional('tool_calls')?.items() ?? []).map(readToolCall);
  const reasoningContent = message.optional('reasoning_content')?.string();
  const prefix = message.optional('prefix')?.boolean() ?? false;
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
