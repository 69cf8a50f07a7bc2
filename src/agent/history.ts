// Which reasoning goes back to the model: that of the running question only. Earlier turns are sent
// without theirs, as the API's contract says (docs/api.md, thinking with tools).

import type { WireMessage } from './chat-client.js';

/** Changes the messages in place. */
export function dropOldReasoning(messages: readonly WireMessage[]): void {
  const lastUser = messages.findLastIndex((message) => message.role === 'user');
  for (const message of messages.slice(0, Math.max(lastUser, 0))) {
    if (message.role === 'assistant') delete message.reasoning_content;
  }
}
