// Input items to messages. An assistant turn comes as separate items (reasoning, message, calls) and
// becomes one message; outputs become tool messages next to their calls, wherever they stood.
// Wire order is free in this dialect and fixed in the prompt format, so this file is the place of
// all reordering. It knows no wire form and no roles but the internal ones.

import type {
  AssistantMessage,
  Message,
  SystemMessage,
  ToolCall,
  UserMessage,
} from '../../encoding/message.js';
import { callWithoutOutputError, outputWithoutCallError } from './errors.js';
import type { ToolTable } from './tool-table.js';
import type { InputItem } from './wire-items.js';

interface OpenCall {
  call: ToolCall;
  turn: Turn;
  output: string | undefined;
}

/** An assistant turn in the making. */
interface Turn {
  /** Empty when lost: an item may come whose text nobody here can read. */
  reasoning: string[];
  texts: string[];
  calls: OpenCall[];
  isAnswered: boolean;
}

/** @throws ApiError for a call without an output or the other way round. */
export function assembleMessages(items: readonly InputItem[], table: ToolTable): Message[] {
  const parts = groupTurns(items, table);
  const messages = hoistSystem(parts).flatMap((part) => ('role' in part ? [part] : render(part)));
  return mergeSystem(messages);
}

type Part = SystemMessage | UserMessage | Turn;

function groupTurns(items: readonly InputItem[], table: ToolTable): Part[] {
  const parts: Part[] = [];
  /** Calls without an output by id, oldest first: some clients use an id again in a later turn. */
  const open = new Map<string, OpenCall[]>();
  let turn: Turn | undefined;
  const startTurn = (): Turn => {
    const started: Turn = { reasoning: [], texts: [], calls: [], isAnswered: false };
    parts.push(started);
    return (turn = started);
  };
  for (const item of items) {
    switch (item.type) {
      case 'system':
      case 'user':
        parts.push({ role: item.type, content: item.text });
        // A call may still wait for its output, but nothing more joins its turn.
        turn = undefined;
        break;
      case 'reasoning':
        if (!turn || turn.texts.length > 0 || turn.calls.length > 0) turn = startTurn();
        if (item.text !== '') turn.reasoning.push(item.text);
        break;
      case 'assistant':
        // A second message is the next turn's, unless calls stand between: they have yet to be answered.
        if (!turn || turn.isAnswered || (turn.texts.length > 0 && turn.calls.length === 0)) {
          turn = startTurn();
        }
        turn.texts.push(item.text);
        break;
      case 'call': {
        if (!turn || turn.isAnswered) turn = startTurn();
        const { callId: id, arguments: text } = item;
        const name = table.flatName(item.name, item.namespace);
        const openCall = { call: { id, name, arguments: text }, turn, output: undefined };
        turn.calls.push(openCall);
        const sameId = open.get(id);
        if (sameId) sameId.push(openCall);
        else open.set(id, [openCall]);
        break;
      }
      case 'output': {
        const answered = open.get(item.callId)?.shift();
        if (!answered) throw outputWithoutCallError(item.callId);
        answered.output = item.text;
        answered.turn.isAnswered = true;
        break;
      }
      default:
        item satisfies never;
    }
  }
  return parts;
}

/**
 * The format opens the assistant's turn after each user message and each set of results, so a system
 * text there would be read as the model's own words. It goes in front of the question it was put
 * into; after a finished answer it stays where it is.
 */
function hoistSystem(parts: readonly Part[]): Part[] {
  const ordered: Part[] = [];
  let question: Part[] = [];
  for (const part of parts) {
    if ('role' in part && part.role === 'system') {
      ordered.push(part);
      continue;
    }
    question.push(part);
    if (isInsideQuestion(part)) continue;
    for (const asked of question) ordered.push(asked);
    question = [];
  }
  return ordered.concat(question);
}

/** User messages and turns that call tools; a turn without calls has ended the question. */
function isInsideQuestion(part: Part): boolean {
  return 'role' in part ? part.role === 'user' : part.calls.length > 0;
}

function render({ reasoning, texts, calls }: Turn): Message[] {
  const content = texts.filter((text) => text !== '').join('\n\n');
  if (content === '' && calls.length === 0) return [];
  const message: AssistantMessage = {
    role: 'assistant',
    content,
    ...(reasoning.length > 0 && { reasoningContent: reasoning.join('\n\n') }),
    ...(calls.length > 0 && { toolCalls: calls.map(({ call }) => call) }),
  };
  return [
    message,
    ...calls.map(({ call, output }): Message => {
      if (output === undefined) throw callWithoutOutputError(call.id);
      return { role: 'tool', content: output, toolCallId: call.id };
    }),
  ];
}

/** The format puts nothing between neighbouring system messages; their texts would run together. */
function mergeSystem(messages: readonly Message[]): Message[] {
  const merged: Message[] = [];
  for (const message of messages) {
    const last = merged.at(-1);
    if (message.role === 'system' && last?.role === 'system') {
      // Not by `join`, which would copy what is there for each of many messages.
      const gap = last.content === '' || message.content === '' ? '' : '\n\n';
      const content = last.content + gap + message.content;
      merged[merged.length - 1] = { role: 'system', content };
    } else {
      merged.push(message);
    }
  }
  return merged;
}
