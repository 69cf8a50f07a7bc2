// Output items as JSON texts: ids, the form while in progress and the finished form.

import { sealReasoning } from './reasoning-capsule.js';
import type { OfferedTool } from './tool-table.js';

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

/** `hex` and `index` make an id unique across responses: clients send items back among others'. */
export interface ItemPlace {
  hex: string;
  /** `output_index` */
  index: number;
}

export function itemId(prefix: 'rs' | 'msg' | 'fc' | 'ctc', { hex, index }: ItemPlace): string {
  return `${prefix}_${hex}${String(index).padStart(2, '0')}`;
}

export function reasoningPart(text: string): string {
  return `{"type":"reasoning_text","text":${JSON.stringify(text)}}`;
}

/** `encrypted_content` comes with the finished item, when the client asked for it. */
export function reasoningItem(
  id: string,
  reasoning: { text: string; status: ItemStatus; isSealed: boolean },
): string {
  const { text, status, isSealed } = reasoning;
  const content = status === 'in_progress' ? '' : reasoningPart(text);
  const sealed = isSealed ? `,"encrypted_content":"${sealReasoning(text)}"` : '';
  return (
    `{"id":"${id}","type":"reasoning","status":"${status}","summary":[],` +
    `"content":[${content}]${sealed}}`
  );
}

export function textPart(text: string): string {
  return `{"type":"output_text","annotations":[],"logprobs":[],"text":${JSON.stringify(text)}}`;
}

export function messageItem(id: string, { text, status }: { text: string; status: ItemStatus }) {
  const content = status === 'in_progress' ? '' : textPart(text);
  return (
    `{"id":"${id}","type":"message","status":"${status}","role":"assistant",` +
    `"content":[${content}]}`
  );
}

export interface CallText {
  tool: OfferedTool;
  callId: string;
  /** Arguments of a function, input of a freeform tool. */
  payload: string;
  status: ItemStatus;
}

export function callItem(id: string, { tool, callId, payload, status }: CallText): string {
  const isCustom = tool.kind === 'custom';
  const namespace =
    tool.namespace === undefined ? '' : `,"namespace":${JSON.stringify(tool.namespace)}`;
  return (
    `{"id":"${id}","type":"${isCustom ? 'custom_tool_call' : 'function_call'}",` +
    `"status":"${status}","call_id":${JSON.stringify(callId)},` +
    `"name":${JSON.stringify(tool.name)}${namespace},` +
    `"${isCustom ? 'input' : 'arguments'}":${JSON.stringify(payload)}}`
  );
}
