// An open conversation as the list shows it. Its first question has made a title on the server that the
// page does not know yet; until it does, the question itself stands there.

import type { Conversation, ConversationSummary } from '../../../src/web/wire.js';

export function summaryOf(conversation: Conversation): ConversationSummary {
  const { messages } = conversation;
  const question = messages.find(({ role }) => role === 'user')?.content.trim() ?? '';
  const [line = ''] = question.split('\n', 1);
  const newest = messages.at(-1)?.created_at ?? '';
  return {
    ...conversation,
    title: conversation.title === '' ? line.slice(0, 80) : conversation.title,
    updated_at: newest > conversation.updated_at ? newest : conversation.updated_at,
  };
}
