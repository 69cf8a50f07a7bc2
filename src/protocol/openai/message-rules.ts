// Rules over the order of messages (api reference §2.2, §5.4) and about the reasoning that a running
// tool loop must carry. Each rule throws the documented 400.

import { missingReasoning } from '../../chat/reasoning-retention.js';
import type { Message } from '../../encoding/message.js';
import type { ApiBase } from '../door.js';
import type { LeniencyLog } from '../leniency.js';
import {
  emptyMessagesError,
  lastMessageError,
  missingReasoningError,
  orphanToolMessageError,
  prefixNeedsBetaError,
  unansweredToolCallsError,
} from './errors.js';

export interface MessageContext {
  thinking: boolean;
  base: ApiBase;
  leniency: LeniencyLog;
}

/**
 * Returns the indexes of assistant turns whose missing reasoning is forgiven.
 * @throws ApiError E8, E9, E11, E16, E17
 */
export function checkMessages(messages: readonly Message[], context: MessageContext): number[] {
  const last = messages.at(-1);
  if (!last) throw emptyMessagesError();
  checkToolMessages(messages);
  const isPrefix = endsInPrefix(messages);
  if (isPrefix && context.base !== 'beta') throw prefixNeedsBetaError();
  if (!context.thinking) return [];
  if (last.role !== 'user' && last.role !== 'tool' && !isPrefix) throw lastMessageError();
  const missing = missingReasoning(messages);
  if (missing.length > 0 && !context.leniency.apply('heal_reasoning')) {
    throw missingReasoningError(missing[0]!);
  }
  return missing;
}

export function endsInPrefix(messages: readonly Message[]): boolean {
  const last = messages.at(-1);
  return last?.role === 'assistant' && last.prefix === true;
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
    if (message.role !== 'assistant' || !message.toolCalls) continue;
    open = new Map();
    for (const { id } of message.toolCalls) open.set(id, (open.get(id) ?? 0) + 1);
  }
  if (open.size > 0) throw unansweredToolCallsError();
}
