// Rules over the order of messages (api reference §2.2, §5.4) and about the reasoning that a running
// tool loop must carry. Each rule throws the documented 400.

import type { Message } from '../../encoding/message.js';
import { firstMissingReasoning } from '../../chat/reasoning-retention.js';
import {
  lastMessageError,
  missingReasoningError,
  orphanToolMessageError,
  prefixNeedsBetaError,
  unansweredToolCallsError,
} from './errors.js';

export interface MessageContext {
  thinking: boolean;
  /** The beta base URL, where a prefix may be completed. */
  isBeta: boolean;
}

/** @throws ApiError E8, E9, E11, E16, E17 */
export function checkMessages(messages: readonly Message[], context: MessageContext): void {
  checkToolMessages(messages);
  const last = messages.at(-1)!;
  const isPrefix = last.role === 'assistant' && last.prefix === true;
  if (isPrefix && !context.isBeta) throw prefixNeedsBetaError();
  if (!context.thinking) return;
  if (last.role !== 'user' && last.role !== 'tool' && !isPrefix) throw lastMessageError();
  const missing = firstMissingReasoning(messages);
  if (missing !== undefined) throw missingReasoningError(missing);
}

/** Results follow their calls at once, each call exactly once. */
function checkToolMessages(messages: readonly Message[]): void {
  let open = new Map<string, number>();
  for (const message of messages) {
    if (message.role === 'tool') {
      const count = open.get(message.toolCallId) ?? 0;
      if (count === 0) throw orphanToolMessageError();
      if (count === 1) open.delete(message.toolCallId);
      else open.set(message.toolCallId, count - 1);
      continue;
    }
    if (open.size > 0) throw unansweredToolCallsError();
    open = new Map();
    if (message.role !== 'assistant') continue;
    for (const { id } of message.toolCalls ?? []) open.set(id, (open.get(id) ?? 0) + 1);
  }
  if (open.size > 0) throw unansweredToolCallsError();
}
