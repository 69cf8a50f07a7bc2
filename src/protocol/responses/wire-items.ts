// One entry of `input` to what it means for a conversation. Unlike chat messages, the parts of an
// assistant turn are entries of their own; turns.ts puts them together. Entries that only OpenAI's
// side could have produced or can use are skipped.

import type { Cursor } from '../deserialize.js';
import type { LeniencyLog } from '../leniency.js';
import { readText } from './item-content.js';
import { statelessError } from './errors.js';
import { openReasoning } from './reasoning-capsule.js';
import { FREEFORM_PARAMETER } from './tool-table.js';

export type InputItem =
  | { type: 'system' | 'user' | 'assistant'; text: string }
  | { type: 'reasoning'; text: string }
  | {
      type: 'call';
      callId: string;
      name: string;
      namespace: string | undefined;
      /** A JSON text holding an object. */
      arguments: string;
    }
  | { type: 'output'; callId: string; text: string };

const ROLES = ['user', 'assistant', 'system', 'developer'] as const;

/** What a call of the hosted shell is named in the prompt; its item has no name. */
const LOCAL_SHELL = 'local_shell';

/**
 * Results of hosted tools and marks of the client's own bookkeeping. They carry nothing that a model
 * here could read, and refusing them would end a conversation that began elsewhere.
 */
const SKIPPED = [
  'additional_tools',
  'agent_message',
  'code_interpreter_call',
  'compaction',
  'computer_call',
  'computer_call_output',
  'configuration_update',
  'context_compaction',
  'file_search_call',
  'image_generation_call',
  'mcp_approval_request',
  'mcp_approval_response',
  'mcp_call',
  'mcp_list_tools',
  'tool_search_call',
  'tool_search_output',
  'web_search_call',
] as const;

const TYPES = [
  'message',
  'reasoning',
  'function_call',
  'function_call_output',
  'custom_tool_call',
  'custom_tool_call_output',
  'local_shell_call',
  'local_shell_call_output',
  'item_reference',
  ...SKIPPED,
] as const;

/** undefined for an entry without a meaning here. @throws DeserializeError, ApiError */
export function readItem(item: Cursor, leniency: LeniencyLog): InputItem | undefined {
  // The short form of a message has no type.
  const isTagged = item.optional('type', 'struct InputItem') !== undefined;
  const type = isTagged ? item.tag('type', TYPES) : 'message';
  switch (type) {
    case 'message':
      return readMessage(item, leniency);
    case 'reasoning':
      return { type: 'reasoning', text: readReasoning(item) };
    case 'function_call':
      return {
        type: 'call',
        ...readCalled(item),
        arguments: item.required('arguments').string(),
      };
    case 'custom_tool_call':
      return {
        type: 'call',
        ...readCalled(item),
        arguments: freeformArguments(item.required('input').string()),
      };
    case 'local_shell_call':
      return {
        type: 'call',
        callId: item.required('call_id').string(),
        name: LOCAL_SHELL,
        namespace: undefined,
        arguments: item.required('action').sourceText,
      };
    case 'function_call_output':
    case 'custom_tool_call_output':
      return readOutput(item, item.required('call_id'), leniency);
    case 'local_shell_call_output':
      return readOutput(item, item.optional('call_id') ?? item.required('id'), leniency);
    case 'item_reference':
      throw statelessError('an input item of type item_reference');
    default:
      return undefined;
  }
}

function readMessage(item: Cursor, leniency: LeniencyLog): InputItem {
  const role = item.tag('role', ROLES) ?? 'user';
  const text = readText(item.required('content'), leniency);
  return { type: role === 'developer' ? 'system' : role, text };
}

/** Readable text first; agents that keep the capsule drop it. A summary is better than nothing. */
function readReasoning(item: Cursor): string {
  const capsule = item.optional('encrypted_content')?.string();
  const sealed = capsule === undefined ? undefined : openReasoning(capsule);
  const content = readReasoningParts(item.optional('content'));
  const summary = readReasoningParts(item.optional('summary'));
  return content || sealed || summary;
}

function readReasoningParts(parts: Cursor | undefined): string {
  const texts = parts?.items().map((part) => part.required('text').string()) ?? [];
  return texts.join('\n\n');
}

function readCalled(item: Cursor) {
  return {
    callId: item.required('call_id').string(),
    name: item.required('name').string(),
    namespace: item.optional('namespace')?.string(),
  };
}

function readOutput(item: Cursor, callId: Cursor, leniency: LeniencyLog): InputItem {
  const text = readText(item.required('output'), leniency);
  return { type: 'output', callId: callId.string(), text };
}

export function freeformArguments(input: string): string {
  return JSON.stringify({ [FREEFORM_PARAMETER]: input });
}
