// The order of messages as the road gets them (api reference §6.1, §14 pitfall 13). Whether an order
// is allowed at all is the business of message-rules.ts.

import type { Message, ToolMessage } from '../../encoding/message.js';
import type { LeniencyLog } from '../leniency.js';

/** Puts results next to their calls where that is forgiven, and drops a `prefix` that is not last. */
export function orderMessages(messages: readonly Message[], leniency: LeniencyLog): Message[] {
  const ordered = leniency.allows('reorder_tool_results') ? resultsAtCalls(messages) : messages;
  const isMoved = ordered.some((message, index) => message !== messages[index]);
  if (isMoved) leniency.apply('reorder_tool_results');
  return ordered.map((message, index) =>
    message.role === 'assistant' && message.prefix === true && index < ordered.length - 1
      ? { ...message, prefix: false }
      : message,
  );
}

/**
 * Each result behind the last unanswered call of its id before it, results of one message in the
 * order in which they came. A result without a call keeps its place, where the rules refuse it.
 */
function resultsAtCalls(messages: readonly Message[]): readonly Message[] {
  if (!messages.some(({ role }) => role === 'tool')) return messages;
  const results = new Map<Message, ToolMessage[]>();
  /** Id -> assistant messages with such a call that has no result yet. */
  const open = new Map<string, Message[]>();
  const others = messages.filter((message) => {
    if (message.role === 'assistant') {
      for (const { id } of message.toolCalls ?? []) {
        const callers = open.get(id);
        if (callers) callers.push(message);
        else open.set(id, [message]);
      }
    }
    const caller = message.role === 'tool' ? open.get(message.toolCallId)?.pop() : undefined;
    if (message.role !== 'tool' || !caller) return true;
    const own = results.get(caller);
    if (own) own.push(message);
    else results.set(caller, [message]);
    return false;
  });
  return others.flatMap((message) => [message, ...(results.get(message) ?? [])]);
}
