// `messages` of the Anthropic door to internal messages (api reference §9.5). One wire message may
// become several of ours, so each remembers where it came from for errors that name an index.

import type { AssistantMessage, Message } from '../../encoding/message.js';
import type { Cursor } from '../deserialize.js';
import type { LeniencyLog } from '../leniency.js';
import { readContent } from './content-blocks.js';
import { readSystemText } from './system-text.js';

/** The original knows the first two; `system` is accepted because Claude Code sends it (§9.5). */
const ROLES = ['user', 'assistant', 'system'] as const;
const ROLES_AND_DEVELOPER = [...ROLES, 'developer'] as const;

export interface WireMessage {
  message: Message;
  /** Zero-based position in the client's `messages`; -1 for the `system` field. */
  index: number;
}

/** @throws DeserializeError */
export function readMessages(
  messages: readonly Cursor[],
  { system, leniency }: { system: string | undefined; leniency: LeniencyLog },
): WireMessage[] {
  const read: WireMessage[] = [];
  if (system !== undefined && system !== '') {
    read.push({ message: { role: 'system', content: system }, index: -1 });
  }
  for (const [index, cursor] of messages.entries()) {
    const role = readRole(cursor, leniency);
    if (role === undefined) continue;
    const content = cursor.required('content');
    switch (role) {
      case 'system':
        addSystem(read, { text: readSystemText(content), index });
        break;
      case 'user':
        for (const message of readUser(content, leniency)) read.push({ message, index });
        break;
      case 'assistant':
        read.push({ message: readAssistant(content, leniency), index });
        break;
      default:
        role satisfies never;
    }
  }
  return read;
}

/** undefined for a role that has been refused. */
function readRole(message: Cursor, leniency: LeniencyLog): (typeof ROLES)[number] | undefined {
  const roles = leniency.allows('developer_role') ? ROLES_AND_DEVELOPER : ROLES;
  const role = message.tag('role', roles, 'struct Message');
  if (role !== 'developer') return role;
  leniency.apply('developer_role');
  return 'system';
}

/**
 * The prompt format opens the assistant's turn at the end of a user's text or of the tool results, and
 * whatever follows would read as the assistant's own words. So a system turn goes in front of the
 * user's text before it, and after results it becomes a note in the last of them, in the tags that
 * Claude Code itself uses there. Elsewhere it is a system turn where it stands; the line break keeps
 * it apart from a system text or tool manual before it.
 */
function addSystem(read: WireMessage[], { text, index }: { text: string; index: number }): void {
  const before = read.at(-1)?.message;
  if (before?.role === 'tool') {
    before.content += `\n\n<system-reminder>\n${text}\n</system-reminder>`;
    return;
  }
  const at = before?.role === 'user' ? read.length - 1 : read.length;
  const followsSystem = read[at - 1]?.message.role === 'system';
  const content = followsSystem ? `\n\n${text}` : text;
  read.splice(at, 0, { message: { role: 'system', content }, index });
}

/**
 * Tool results first, wherever they stand in the message: they answer the assistant's turn before
 * it, and the text around them is the user's next word. Separate text blocks are separate documents.
 */
function readUser(content: Cursor, leniency: LeniencyLog): Message[] {
  const { texts, toolResults } = readContent(content, { role: 'user', leniency });
  if (texts.length === 0 && toolResults.length > 0) return toolResults;
  return [...toolResults, { role: 'user', content: texts.join('\n') }];
}

/** Text blocks of an answer are one text that was cut for citations or around calls. */
function readAssistant(content: Cursor, leniency: LeniencyLog): AssistantMessage {
  const { texts, thinking, toolCalls } = readContent(content, { role: 'assistant', leniency });
  return {
    role: 'assistant',
    content: texts.join(''),
    ...(thinking !== undefined && { reasoningContent: thinking }),
    ...(toolCalls.length > 0 && { toolCalls }),
  };
}
