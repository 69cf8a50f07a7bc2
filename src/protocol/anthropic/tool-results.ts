// The rule that results follow their calls at once, each call exactly once (api reference §2.2 rules
// 1 and 2, which this door shares), and the leniency that moves results to their call.

import type { LeniencyLog } from '../leniency.js';
import { orderMessages } from '../openai/message-order.js';
import { orphanToolResultError, unansweredToolUseError } from './errors.js';
import type { WireMessage } from './wire-messages.js';

/** The messages, reordered where that was needed and allowed. @throws ApiError */
export function placeToolResults(
  messages: readonly WireMessage[],
  leniency: LeniencyLog,
): WireMessage[] {
  const indexes = new Map(messages.map(({ message, index }) => [message, index]));
  const placed = orderMessages([...indexes.keys()], leniency).map((message) => ({
    message,
    index: indexes.get(message)!,
  }));
  checkToolResults(placed);
  return placed;
}

function checkToolResults(messages: readonly WireMessage[]): void {
  let open = new Map<string, number>();
  let caller = -1;
  for (const { message, index } of messages) {
    if (message.role === 'tool') {
      const count = open.get(message.toolCallId) ?? 0;
      if (count === 0) throw orphanToolResultError(index, message.toolCallId);
      if (count === 1) open.delete(message.toolCallId);
      else open.set(message.toolCallId, count - 1);
      continue;
    }
    if (open.size > 0) throw unansweredToolUseError(caller, [...open.keys()]);
    if (message.role !== 'assistant') continue;
    open = new Map();
    caller = index;
    for (const { id } of message.toolCalls ?? []) open.set(id, (open.get(id) ?? 0) + 1);
  }
  if (open.size > 0) throw unansweredToolUseError(caller, [...open.keys()]);
}
