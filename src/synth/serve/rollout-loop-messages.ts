// What is sent of a conversation, and which reasoning goes with it. One rule, in one function.
// Source: agents reference §4.1, training reference §5.1.

import type { ChatMessage } from '../task-prompt.js';

/**
 * The messages of a request. Reasoning since the last user message is kept in full, across any number of
 * tool results; reasoning before it is dropped; contents, tool calls and tool results always stay. Every
 * message of role `user` here is of a person or of the simulated user: results and notes never are.
 */
export function requestMessages(messages: readonly ChatMessage[]): ChatMessage[] {
  const lastUser = messages.findLastIndex(({ role }) => role === 'user');
  return messages.map((message, i) => {
    if (i >= lastUser || message.reasoning_content === undefined) return message;
    const { reasoning_content: _dropped, ...kept } = message;
    return kept;
  });
}

/** Tokens of a text where nobody counted them: about right for prose and JSON. */
export function estimatedTokens(messages: readonly ChatMessage[]): number {
  const characters = messages.reduce((sum, message) => sum + JSON.stringify(message).length, 0);
  return Math.ceil(characters / 3.5);
}
