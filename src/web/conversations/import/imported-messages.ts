// Messages of a conversation that was held elsewhere, in our form: what is not known of them is null.

import { newMessageId, type NewMessage } from '../message-rows.js';
import type { StoredToolCall } from '../../wire.js';

export type ImportedMessage = NewMessage & { id: string };

interface Place {
  parentId: string | null;
  at: Date;
}

export function importedQuestion(content: string, { parentId, at }: Place): ImportedMessage {
  const created = { id: newMessageId(), created_at: at.toISOString() };
  return { ...created, role: 'user', parent_id: parentId, content, file_ids: [] };
}

export function importedAnswer(
  {
    content,
    reasoning = null,
    toolCalls = [],
  }: { content: string; reasoning?: string | null; toolCalls?: StoredToolCall[] },
  { parentId, at }: Place,
): ImportedMessage {
  return {
    id: newMessageId(),
    created_at: at.toISOString(),
    role: 'assistant',
    parent_id: parentId,
    content,
    reasoning,
    reasoning_ms: null,
    reasoning_forced: false,
    tool_calls: toolCalls,
    finish_reason: toolCalls.length > 0 ? 'tool_calls' : 'stop',
    trace_id: null,
    usage: null,
    error: null,
    model: 'standard',
    thinking: reasoning !== null,
  };
}

export function importedResult(
  { callId, name, content }: { callId: string; name: string; content: string },
  { parentId, at }: Place,
): ImportedMessage {
  return {
    id: newMessageId(),
    created_at: at.toISOString(),
    role: 'tool',
    parent_id: parentId,
    call_id: callId,
    name,
    content,
    is_error: false,
    duration_ms: 0,
    full_length: null,
  };
}
