// Puts the pieces of tool calls together as a stream brings them: index 0 whole, then 1, and so on.

import { ChatClientError, type ChatDelta, type WireToolCall } from './chat-client.js';

type CallDelta = Extract<ChatDelta, { type: 'tool-call' }>;

/** Adds the piece to its call, which is made when it is new. @throws ChatClientError */
export function collectCall(
  calls: WireToolCall[],
  { index, id = '', name = '', arguments: text }: CallDelta,
): { call: WireToolCall; isNew: boolean } {
  const isNew = index === calls.length;
  // Before it is believed: an index of 4e9 would be an array of that length.
  if (!isNew && !Object.hasOwn(calls, index)) {
    throw new ChatClientError(`the stream holds a call of index ${index} out of order`);
  }
  const call = (calls[index] ??= { id, type: 'function', function: { name, arguments: '' } });
  call.function.arguments += text;
  return { call, isNew };
}
