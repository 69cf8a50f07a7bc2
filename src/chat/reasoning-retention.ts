// Which reasoning a conversation must carry and which never reaches the prompt (api reference §5.4,
// encoding reference §8). This is the one place of the rule on the way in; the encoder renders
// reasoning only after the last user message anyway.

import type { AssistantMessage, Message } from '../encoding/message.js';

/** Index of the last user message, -1 without one: the running question starts after it. */
export function lastUserIndex(messages: readonly Message[]): number {
  return messages.findLastIndex(({ role }) => role === 'user' || role === 'developer');
}

/**
 * Thinking mode: the first assistant message of the running question that calls tools and has lost
 * its reasoning. An empty string counts as present.
 */
export function firstMissingReasoning(messages: readonly Message[]): number | undefined {
  const lastUser = lastUserIndex(messages);
  const index = messages.findIndex(
    (message, index) =>
      index > lastUser &&
      message.role === 'assistant' &&
      message.toolCalls !== undefined &&
      message.reasoningContent === undefined,
  );
  return index < 0 ? undefined : index;
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
