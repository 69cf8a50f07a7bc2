// A logged request put into the chat: its messages become a conversation of the caller's key, at whose
// end they can ask again. The replies of the model that it held come with it, the newest one does not.

import type { ConversationStore } from '../conversations/conversation-store.js';
import { newMessageId, type NewMessage } from '../conversations/message-rows.js';
import type { Replayed } from '../requests-wire.js';
import type { ReplayedRequest, ReplayMessage } from './requests-host.js';

export async function replay(
  { title, settings, messages, notes }: ReplayedRequest,
  { keyId, now, store }: { keyId: string; now: Date; store: ConversationStore },
): Promise<Replayed> {
  let parentId: string | null = null;
  const rows = messages.map((message) => {
    const row = { ...asMessage(message, settings), id: newMessageId(), parent_id: parentId };
    parentId = row.id;
    return row as NewMessage;
  });
  const { id } = await store.createWhole(keyId, {
    title,
    folder: null,
    tags: ['replay'],
    settings,
    messages: rows,
    files: [],
    headId: rows.at(-1)?.id ?? null,
    createdAt: now,
    updatedAt: now,
  });
  return { conversation_id: id, notes };
}

function asMessage(message: ReplayMessage, { model, thinking }: ReplayedRequest['settings']) {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: message.content, file_ids: [] } as const;
    case 'tool':
      return {
        role: 'tool',
        call_id: message.call_id,
        name: message.name,
        content: message.content,
        is_error: false,
        duration_ms: 0,
        full_length: null,
      } as const;
    case 'assistant':
      return {
        role: 'assistant',
        reasoning: message.reasoning,
        reasoning_ms: null,
        reasoning_forced: false,
        content: message.content,
        tool_calls: message.calls.map((call) => ({ ...call, tool: null })),
        finish_reason: message.calls.length > 0 ? 'tool_calls' : 'stop',
        trace_id: null,
        usage: null,
        error: null,
        model: model ?? 'standard',
        thinking: thinking ?? false,
      } as const;
  }
}
