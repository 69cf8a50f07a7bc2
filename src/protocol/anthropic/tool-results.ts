// The rule that results follow their calls at once, each call exactly once (api reference §2.2 rules
// 1 and 2, which this door shares), and the leniency that moves results to their call.

import type { LeniencyLog } from '../leniency.js';
import { orphanToolResultError, unansweredToolUseError } from './errors.js';
import type { WireMessage } from './wire-messages.js';

/** The messages, reordered where that was needed and allowed. @throws ApiError */
export function placeToolResults(
  messages: readonly WireMessage[],
  leniency: LeniencyLog,
): readonly WireMessage[] {
  if (!leniency.allows('reorder_tool_results')) {
    checkToolResults(messages);
    return messages;
  }
  const placed = withResultsAtCalls(messages);
  checkToolResults(placed);
  if (placed.some((message, position) => message !== messages[position])) {
    leniency.apply('reorder_tool_results');
  }
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

/** Every result that comes after its call moves right behind it; others stay where they are. */
function withResultsAtCalls(messages: readonly WireMessage[]): WireMessage[] {
  const results = resultPositions(messages);
  const placed: WireMessage[] = [];
  const moved = new Set<number>();
  for (const [position, entry] of messages.entries()) {
    if (moved.has(position)) continue;
    placed.push(entry);
    if (entry.message.role !== 'assistant') continue;
    const own = (entry.message.toolCalls ?? []).flatMap(({ id }) => {
      const queue = results.get(id);
      while (queue && queue.length > 0) {
        const candidate = queue.pop()!;
        if (candidate > position) return [candidate];
      }
      return [];
    });
    // In the client's order, so that a conversation that needs no reordering stays as it is.
    own.sort((a, b) => a - b);
    for (const result of own) {
      moved.add(result);
      placed.push(messages[result]!);
    }
  }
  return placed;
}

/** Call id -> positions of its results, the first one last. */
function resultPositions(messages: readonly WireMessage[]): Map<string, number[]> {
  const positions = new Map<string, number[]>();
  for (let position = messages.length - 1; position >= 0; position--) {
    const { message } = messages[position]!;
    if (message.role !== 'tool') continue;
    const queue = positions.get(message.toolCallId);
    if (queue) queue.push(position);
    else positions.set(message.toolCallId, [position]);
  }
  return positions;
}
