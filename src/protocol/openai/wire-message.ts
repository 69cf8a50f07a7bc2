// One entry of `messages` to the internal message (api reference §2.2). Contents other than the
// documented ones are refused with the serde wording E1-E3; ordering rules are in message-rules.ts.

import type { AssistantMessage, Message, ToolCall, ToolMessage } from '../../encoding/message.js';
import type { Cursor } from '../deserialize.js';
import { emptyAssistantMessageError } from './errors.js';

const ROLES = ['system', 'user', 'assistant', 'tool'] as const;

/** E2: neither a string nor an array of text parts. */
const UNTAGGED_CONTENT =
  'data did not match any variant of untagged enum ChatCompletionRequestContent';

/** @throws DeserializeError, ApiError */
export function readMessage(cursor: Cursor): Message {
  const role = cursor.required('role', 'struct Message').variant(ROLES);
  // As in the original, errors below the role name the message and not the field.
  const message = cursor.opaque();
  switch (role) {
    case 'system':
    case 'user':
      return { role, content: readTextContent(message.required('content')) };
    case 'assistant':
      return readAssistant(message);
    case 'tool':
      return readTool(message);
  }
}

/** Text parts are joined by line breaks: clients put separate documents into separate parts. */
function readTextContent(content: Cursor): string {
  if (content.isString) return content.string();
  if (!content.isArray) content.fail(UNTAGGED_CONTENT);
  return content
    .items()
    .map((part) => {
      const type = part.node.kind === 'object' ? part.optional('type') : undefined;
      const text = part.node.kind === 'object' ? part.optional('text') : undefined;
      if (!type?.isString || type.string() !== 'text' || !text?.isString) {
        content.fail(UNTAGGED_CONTENT);
      }
      return text.string();
    })
    .join('\n');
}

function readAssistant(message: Cursor): AssistantMessage {
  const content = message.optional('content')?.string();
  const toolCalls = message.optional('tool_calls')?.items().map(readToolCall) ?? [];
  const reasoningContent = message.optional('reasoning_content')?.string();
  const prefix = message.optional('prefix')?.boolean() ?? false;
  if (content === undefined && toolCalls.length === 0) throw emptyAssistantMessageError();
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

function readTool(message: Cursor): ToolMessage {
  return {
    role: 'tool',
    content: message.required('content').string(),
    toolCallId: message.required('tool_call_id').string(),
  };
}
