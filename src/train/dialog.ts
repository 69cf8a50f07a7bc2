// A generated conversation with what evaluation needs to know about each assistant turn.

import type { Message, ThinkingMode } from '../encoding/message.js';
import type { Value } from './tool-spec.js';

export const DIALOG_KINDS = [
  'tool-single',
  'tool-parallel',
  'tool-sequential',
  'tool-missing',
  'tool-none',
  'arithmetic',
  'date',
  'unit',
  'chat',
  'outside',
] as const;
export type DialogKind = (typeof DIALOG_KINDS)[number];

/** What a right assistant turn must do. Facts are texts that the answer has to contain. */
export type Expectation =
  | { type: 'calls'; calls: { name: string; arguments: Record<string, Value> }[] }
  | { type: 'answer'; facts: string[] };

export interface Dialog {
  kind: DialogKind;
  mode: ThinkingMode;
  /** `function` objects of the request's tools. */
  tools: Record<string, unknown>[];
  messages: Message[];
  /** By message index; only assistant messages have one. */
  expectations: Map<number, Expectation>;
}
