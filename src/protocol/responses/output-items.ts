// The items of one reply in the order of the events: at most one is open, and it is closed when the
// next one starts or the reply finishes, because only then it is known whether it is whole. Streams
// and plain answers collect with this class; it writes no events.

import type { ReplyEvent, ReplyFinishReason } from '../../chat/types.js';
import { CustomInputStream } from './custom-input.js';
import { callItem, itemId, messageItem, reasoningItem, type ItemStatus } from './item-text.js';
import type { OfferedTool, ToolTable } from './tool-table.js';

export type OpenItem =
  | { kind: 'reasoning' | 'message'; id: string; text: string }
  | {
      kind: 'function' | 'custom';
      id: string;
      /** Arguments of a function, input of a freeform tool. */
      text: string;
      tool: OfferedTool;
      callId: string;
      input: CustomInputStream | undefined;
    };

export interface OutputItemsOptions {
  /** Common part of the ids. */
  hex: string;
  table: ToolTable;
  /** Finished reasoning carries its capsule. */
  sealsReasoning: boolean;
}

export class OutputItems {
  /** JSON texts of the closed items. */
  readonly closed: string[] = [];
  readonly #options: OutputItemsOptions;
  #open: OpenItem | undefined;
  #hasCalls = false;

  constructor(options: OutputItemsOptions) {
    this.#options = options;
  }

  get open(): OpenItem | undefined {
    return this.#open;
  }

  /** The open item's `output_index`, or the next one's. */
  get index(): number {
    return this.closed.length;
  }

  get hasCalls(): boolean {
    return this.#hasCalls;
  }

  startText(kind: 'reasoning' | 'message'): OpenItem {
    const id = this.#newId(kind === 'reasoning' ? 'rs' : 'msg');
    return (this.#open = { kind, id, text: '' });
  }

  startCall({ id: callId, name }: Extract<ReplyEvent, { type: 'tool-call-start' }>): OpenItem {
    const tool = this.#options.table.origin(name);
    const isCustom = tool.kind === 'custom';
    const id = this.#newId(isCustom ? 'ctc' : 'fc');
    const input = isCustom ? new CustomInputStream() : undefined;
    this.#hasCalls = true;
    return (this.#open = { kind: tool.kind, id, text: '', tool, callId, input });
  }

  /** Takes the next piece; returns what it adds to the item's text, which may be nothing yet. */
  append(piece: string): string {
    const item = this.#openItem();
    const added = 'input' in item && item.input ? item.input.push(piece) : piece;
    item.text += added;
    return added;
  }

  /** Text of the open item that could not be taken piece by piece. To be called before `close`. */
  takeRest(): string {
    const item = this.#openItem();
    const rest = 'input' in item ? (item.input?.end().rest ?? '') : '';
    item.text += rest;
    return rest;
  }

  /** Returns the finished item's JSON text. */
  close(status: Exclude<ItemStatus, 'in_progress'>): string {
    const item = this.textOf(this.#openItem(), status);
    this.closed.push(item);
    this.#open = undefined;
    return item;
  }

  textOf(item: OpenItem, status: ItemStatus): string {
    const { id, text } = item;
    switch (item.kind) {
      case 'reasoning': {
        const isSealed = this.#options.sealsReasoning && status !== 'in_progress';
        return reasoningItem(id, { text, status, isSealed });
      }
      case 'message':
        return messageItem(id, { text, status });
      default:
        return callItem(id, { tool: item.tool, callId: item.callId, payload: text, status });
    }
  }

  #newId(prefix: Parameters<typeof itemId>[0]): string {
    return itemId(prefix, { hex: this.#options.hex, index: this.index });
  }

  #openItem(): OpenItem {
    if (!this.#open) throw new Error('a piece of a reply came outside its block');
    return this.#open;
  }
}

/** Whether the item that was open when the reply finished is whole. */
export function lastStatus(item: OpenItem, reason: ReplyFinishReason): 'completed' | 'incomplete' {
  const isCall = item.kind === 'function' || item.kind === 'custom';
  return reason === 'tool_calls' || (reason === 'stop' && !isCall) ? 'completed' : 'incomplete';
}
