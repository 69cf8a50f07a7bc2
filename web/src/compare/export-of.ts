// An answer of a comparison in the form that the import of conversations reads, with thoughts and usage,
// so that a conversation can go on from it.

import { wholeText } from '../../../src/web/growing-text.js';
import type { ExportedConversation } from '../../../src/web/conversations/export/exported-conversation.js';
import type { Turn } from '../../../src/web/turn.js';
import type { ConversationSettings, StoredAssistantMessage } from '../../../src/web/wire.js';

export interface Answered {
  prompt: string;
  settings: ConversationSettings;
  turn: Turn;
  at: Date;
}

export function exportOf({ prompt, settings, turn, at }: Answered): ExportedConversation {
  const now = at.toISOString();
  const question = {
    id: 'question',
    parent_id: null,
    created_at: now,
    role: 'user' as const,
    content: prompt,
    files: [],
  };
  const answer = answerOf(turn, settings, now);
  return {
    hadal_conversation: 1,
    title: '',
    folder: null,
    tags: [],
    created_at: now,
    updated_at: now,
    settings,
    head_id: answer.id,
    messages: [question, answer],
    files: [],
  };
}

/** Comparisons offer no tools: an answer is one request. */
function answerOf(turn: Turn, settings: ConversationSettings, now: string): StoredAssistantMessage {
  const round = turn.rounds.at(-1);
  const blocks = round?.blocks ?? [];
  const reasoning = blocks.find((block) => block.type === 'reasoning');
  const content = blocks.flatMap((block) =>
    block.type === 'content' ? [wholeText(block.text)] : [],
  );
  return {
    id: 'answer',
    parent_id: 'question',
    created_at: now,
    role: 'assistant',
    reasoning: reasoning ? wholeText(reasoning.text) : null,
    reasoning_ms: reasoning?.durationMs ?? null,
    reasoning_forced: reasoning?.isForced ?? false,
    content: content.join(''),
    tool_calls: [],
    finish_reason: round?.finishReason ?? 'stopped',
    trace_id: round?.traceId ?? null,
    usage: round?.usage ?? null,
    error: turn.error?.message ?? null,
    model: settings.model,
    thinking: settings.thinking,
  };
}
