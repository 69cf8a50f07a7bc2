// A branch as a reader sees it: questions, and under each the thoughts, calls with their results and
// texts in the order in which they came. What Markdown and HTML are both written from.

import type {
  FileRef,
  StoredAssistantMessage,
  StoredMessage,
  StoredToolCall,
  StoredToolMessage,
} from '../../wire.js';

export type ShownPart =
  | { kind: 'reasoning'; text: string; ms: number | null; forced: boolean }
  | { kind: 'call'; call: StoredToolCall; result: StoredToolMessage | undefined }
  | { kind: 'text'; text: string }
  | { kind: 'error'; text: string };

export type ShownTurn =
  | { role: 'user'; text: string; files: FileRef[]; at: string }
  | {
      role: 'assistant';
      parts: ShownPart[];
      at: string;
      model: string;
      thinking: boolean;
    };

/** `branch`: root to leaf. */
export function shownTurns(branch: readonly StoredMessage[]): ShownTurn[] {
  const turns: ShownTurn[] = [];
  for (const [index, message] of branch.entries()) {
    const { role, content, created_at: at } = message;
    if (role === 'tool') continue; // shown with its call
    if (role === 'user') {
      turns.push({ role, text: content, files: message.files, at });
      continue;
    }
    const parts = partsOf(message, branch.slice(index + 1));
    const last = turns.at(-1);
    if (last?.role === 'assistant') last.parts.push(...parts);
    else turns.push({ role, parts, at, model: message.model, thinking: message.thinking });
  }
  return turns;
}

function partsOf(message: StoredAssistantMessage, after: readonly StoredMessage[]): ShownPart[] {
  const { reasoning, reasoning_ms: ms, reasoning_forced: forced } = message;
  // Results stand directly behind the message that called.
  const end = after.findIndex(({ role }) => role !== 'tool');
  const results = after.slice(0, end === -1 ? undefined : end);
  return [
    ...(reasoning ? [{ kind: 'reasoning' as const, text: reasoning, ms, forced }] : []),
    ...(message.content === '' ? [] : [{ kind: 'text' as const, text: message.content }]),
    ...message.tool_calls.map((call) => ({
      kind: 'call' as const,
      call,
      result: results.find(
        (result): result is StoredToolMessage =>
          result.role === 'tool' && result.call_id === call.id,
      ),
    })),
    ...(message.error === null ? [] : [{ kind: 'error' as const, text: message.error }]),
  ];
}
