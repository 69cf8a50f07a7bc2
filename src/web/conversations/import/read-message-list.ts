// A list of messages as the chat API takes them, alone or within a request: one branch. System
// messages become the system prompt; parts that are no text are left out and counted.

import { z } from 'zod';
import { WebError } from '../../web-error.js';
import { oneLine } from '../conversation-schemas.js';
import type { WholeConversation } from '../conversation-store.js';
import type { ImportContext } from './import-conversations.js';
import {
  importedAnswer,
  type ImportedMessage,
  importedQuestion,
  importedResult,
} from './imported-messages.js';

const content = z.union([z.string(), z.null(), z.array(z.looseObject({ type: z.string() }))]);
const call = z.object({
  id: z.string().max(200),
  function: z.object({ name: z.string().max(200), arguments: z.string() }),
});
const messageSchema = z.object({
  role: z.string().max(100),
  content: content.optional(),
  reasoning_content: z.string().nullish(),
  tool_calls: z.array(call).nullish(),
  tool_call_id: z.string().max(200).optional(),
});
const listSchema = z.object({
  title: z.string().max(1000).optional(),
  messages: z.array(messageSchema).min(1).max(20_000),
});

export function isMessageList(value: unknown): value is object {
  const messages = Array.isArray(value)
    ? value
    : (value as { messages?: unknown } | null | undefined)?.messages;
  if (!Array.isArray(messages)) return false;
  const [first] = messages as unknown[];
  return typeof first === 'object' && first !== null && 'role' in first;
}

/** @throws WebError, ZodError */
export function readMessageList(value: object, context: ImportContext): WholeConversation {
  const { title = '', messages } = listSchema.parse(
    Array.isArray(value) ? { messages: value as unknown[] } : value,
  );
  const { now: at } = context;
  const made: ImportedMessage[] = [];
  const system: string[] = [];
  const names = new Map<string, string>();
  for (const message of messages) {
    const text = textOf(message.content, context);
    const place = { parentId: made.at(-1)?.id ?? null, at };
    switch (message.role) {
      case 'system':
      case 'developer':
        system.push(text);
        break;
      case 'user':
        made.push(importedQuestion(text, place));
        break;
      case 'assistant': {
        const toolCalls = (message.tool_calls ?? []).map(({ id, function: { name, ...rest } }) => {
          names.set(id, name);
          return { id, name, arguments: rest.arguments, tool: null };
        });
        const reasoning = message.reasoning_content ?? null;
        made.push(importedAnswer({ content: text, reasoning, toolCalls }, place));
        break;
      }
      case 'tool': {
        const callId = message.tool_call_id ?? '';
        const name = names.get(callId);
        if (name === undefined) context.leaveOut('tool_call');
        else made.push(importedResult({ callId, name, content: text }, place));
        break;
      }
      default:
        context.leaveOut('message');
    }
  }
  if (made.length === 0) throw new WebError(400, 'the list holds no question and no answer');
  return {
    title: oneLine(title).slice(0, 200),
    folder: null,
    tags: [],
    settings: system.length > 0 ? { system: system.join('\n\n') } : {},
    messages: made,
    files: [],
    headId: made.at(-1)!.id,
    createdAt: at,
    updatedAt: at,
  };
}

function textOf(value: z.infer<typeof content> | undefined, context: ImportContext): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  const texts = value.flatMap((part) => (typeof part['text'] === 'string' ? [part['text']] : []));
  context.leaveOut('attachment', value.length - texts.length);
  return texts.join('\n\n');
}
