// Content blocks of one message (api reference §9.5): which types there are, in whose messages, and
// what of them reaches the model. Fields that are documented as ignored are not even looked at.

import type { ToolCall, ToolMessage } from '../../encoding/message.js';
import type { Cursor } from '../deserialize.js';
import type { LeniencyLog } from '../leniency.js';
import { attachmentNote } from '../openai/text-content.js';

/** `redacted_thinking` is beyond the documented set: it is accepted and dropped (§9.6). */
const BLOCKS = ['text', 'thinking', 'redacted_thinking', 'tool_use', 'tool_result'] as const;

/** Documented as not supported; the leniency `image_notes` reads each as a note. */
const UNSUPPORTED_BLOCKS: ReadonlySet<string> = new Set([
  'image',
  'document',
  'search_result',
  'server_tool_use',
  'web_search_tool_result',
  'code_execution_tool_result',
  'mcp_tool_use',
  'mcp_tool_result',
  'container_upload',
]);

const ROLE_OF_BLOCK = {
  thinking: 'assistant',
  redacted_thinking: 'assistant',
  tool_use: 'assistant',
  tool_result: 'user',
} as const;

const CONTENT = 'a string or a sequence of content blocks';

/** The error mark of §9.5: the format has no field for a failed call, so the text must say it. */
const ERROR_MARK = '[tool error] ';

/** Blocks of one message by kind, each kind in the order of the message. */
export interface Content {
  texts: string[];
  /** undefined without a thinking block; a redacted one counts as thinking without text. */
  thinking: string | undefined;
  toolCalls: ToolCall[];
  toolResults: ToolMessage[];
}

export interface ContentOptions {
  role: 'user' | 'assistant';
  leniency: LeniencyLog;
}

/** @throws DeserializeError */
export function readContent(content: Cursor, { role, leniency }: ContentOptions): Content {
  const found: Content = { texts: [], thinking: undefined, toolCalls: [], toolResults: [] };
  if (content.isString) {
    found.texts.push(content.string());
    return found;
  }
  const thoughts: string[] = [];
  for (const block of content.items(CONTENT)) {
    const note = noteFor(block, leniency);
    if (note !== undefined) {
      found.texts.push(note);
      continue;
    }
    const variant = block.tag('type', BLOCKS, 'internally tagged enum ContentBlock');
    if (variant === undefined) continue;
    if (variant !== 'text' && ROLE_OF_BLOCK[variant] !== role) {
      const reason = `\`${variant}\` blocks can only be in \`${ROLE_OF_BLOCK[variant]}\` messages`;
      block.required('type').refuse(reason, undefined);
    }
    switch (variant) {
      case 'text':
        found.texts.push(block.required('text').string());
        break;
      case 'thinking':
        thoughts.push(block.required('thinking').string());
        break;
      case 'redacted_thinking':
        thoughts.push('');
        break;
      case 'tool_use':
        found.toolCalls.push(readToolUse(block));
        break;
      case 'tool_result':
        found.toolResults.push(readToolResult(block, leniency));
        break;
      default:
        variant satisfies never;
    }
  }
  if (thoughts.length > 0) found.thinking = thoughts.filter((text) => text !== '').join('\n');
  return found;
}

function noteFor(block: Cursor, leniency: LeniencyLog): string | undefined {
  const tag = block.node.kind === 'object' ? block.optional('type') : undefined;
  const type = tag?.isString ? tag.string() : '';
  if (!UNSUPPORTED_BLOCKS.has(type) || !leniency.apply('image_notes')) return undefined;
  return (
    attachmentNote(type) ??
    `[A ${type} block was here. It cannot be read: this model reads text only.]`
  );
}

/** The input stays as written: its key order and numbers reach the prompt. */
function readToolUse(block: Cursor): ToolCall {
  const input = block.required('input');
  if (!input.isObject) input.refuseType('a map', undefined);
  return {
    id: block.required('id').string(),
    name: block.required('name').string(),
    arguments: input.sourceText,
  };
}

function readToolResult(block: Cursor, leniency: LeniencyLog): ToolMessage {
  const toolCallId = block.required('tool_use_id').string();
  const isError = block.optional('is_error')?.boolean() ?? false;
  const content = block.optional('content');
  const text = content ? readResultText(content, leniency) : '';
  return { role: 'tool', content: isError ? ERROR_MARK + text : text, toolCallId };
}

function readResultText(content: Cursor, leniency: LeniencyLog): string {
  if (content.isString) return content.string();
  return content
    .items(CONTENT)
    .map((block) => {
      const note = noteFor(block, leniency);
      if (note !== undefined) return note;
      block.required('type', 'internally tagged enum ToolResultBlock').variant(['text']);
      return block.required('text').string();
    })
    .join('\n');
}
