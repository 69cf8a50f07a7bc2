// Which reasoning a conversation must carry and which never reaches the prompt (api reference §5.4,
// encoding reference §8). This is the one place of the rule on the way in; the encoder renders
// reasoning only after the last user message anyway.

import type { AssistantMessage, Message } from '../encoding/message.js';

/** Index of the last user message, -1 without one: the running question starts after it. */
export function lastUserIndex(messages: readonly Message[]): number {
  return messages.findLastIndex(({ role }) => role === 'user' || role === 'developer');
}

/**
 * Thinking mode: the assistant messages of the running question that call tools and have lost their
 * reasoning. An empty string counts as present. What that means to a client is its door's matter.
 */
export function missingReasoning(messages: readonly Message[]): number[] {
  const indexes: number[] = [];
  for (let index = lastUserIndex(messages) + 1; index < messages.length; index++) {
    const message = messages[index]!;
    const isCall = message.role === 'assistant' && message.toolCalls !== undefined;
    if (isCall && message.reasoningContent === undefined) indexes.push(index);
  }
  return indexes;
}

/** Drops reasoning of earlier questions, and all of it when the mode is not thinking. */
export function retainReasoning(messages: readonly Message[], thinking: boolean): Message[] {
  const lastUser = lastUserIndex(messages);
  return messages.map((message, index) =>
    message.role === 'assistant' && (!thinking || index < lastUser)
      ? withoutReasoning(message)
      : message,
  );
}

function withoutReasoning(message: AssistantMessage): AssistantMessage {
  const { reasoningContent: _, ...rest } = message;
  return rest;
}
